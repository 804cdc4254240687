"""Archives of other networks, recognised by their files, so that the refusal can name them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_STRANGERS = (
    ("a Mastodon archive", re.compile(r"(?:^|/)outbox\.json$")),
    (
        "an Instagram archive",
        re.compile(r"(?:^|/)(?:your_instagram_activity/|content/posts_1\.(?:json|html)$)"),
    ),
    (
        "a Facebook archive",
        re.compile(r"(?:^|/)(?:your_facebook_activity/|your_posts(?:_1)?\.(?:json|html)$)"),
    ),
    ("a Bluesky repository", re.compile(r"\.car$")),
    ("a Google Takeout archive", re.compile(r"^Takeout/")),
    ("a TikTok archive", re.compile(r"(?:^|/)user_data(?:_tiktok)?\.json$")),
    ("a LinkedIn archive", re.compile(r"(?:^|/)(?:Shares|Connections)\.csv$")),
    ("a Reddit archive", re.compile(r"(?:^|/)(?:comment_headers|post_headers)\.csv$")),
    ("a Tumblr archive", re.compile(r"(?:^|/)posts/posts_index\.html$")),
)


def stranger(names: Iterable[str]) -> str | None:
    """What these files make up, when it is something else than a Twitter archive."""
    for name in names:
        for what, pattern in _STRANGERS:
            if pattern.search(name):
                return what
    return None
