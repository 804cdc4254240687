"""What must hold for every input: the only error is SourceError, and what is read can be carried."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

from bridge.errors import SourceError
from bridge.posts import Post, digest
from bridge.rendering import Context, RenderOptions, measure, render
from bridge.sources.twitter_archive import open_archives
from bridge.statuses import Counting, Limits, draft_digest

BARE_MENTION = re.compile(r"(?<![\w@./-])@[A-Za-z0-9_]+(?![\w@.-])")
SERVERS = (
    Limits(counting=Counting.MASTODON, quotes=True),
    Limits(counting=Counting.CODE_POINTS, max_characters=5000, backdates=True, max_media=6, mixes_media=True),
    Limits(counting=Counting.GRAPHEMES, max_characters=120, spoiler_counts=False),
)
OPTIONS = (
    RenderOptions(),
    RenderOptions(mentions="link", numbering="none", date_stamp="prefix", locale="fr"),
    RenderOptions(mentions="plain"),
)


def read_and_render(path: Path) -> int:
    """How many posts came out. Any exception but SourceError, and any broken promise, is a find."""
    try:
        source = open_archives([path])
    except SourceError:
        return 0
    try:
        source.summary()
        found, known = 0, {}
        for page in source.pages():
            for post in itertools.islice(page.posts, 40):
                found += 1
                check(post)
                known[post.id] = source.merge(known[post.id], post) if post.id in known else post
    except SourceError:
        return 0
    finally:
        source.close()
    return found


def check(post: Post) -> None:
    assert post.created_at.tzinfo is not None
    assert digest(post) == digest(post)
    post.text.encode()
    at = 0
    for span in post.spans:
        assert at <= span.start < span.end <= len(post.text), (span, len(post.text))
        at = span.end
    for limits, options in itertools.product(SERVERS, OPTIONS):
        check_rendering(post, Context(limits=limits, options=options))


def check_rendering(post: Post, context: Context) -> None:
    limits = context.limits
    rendering = render(post, context)
    assert rendering == render(post, context), "not the same twice"
    for draft in rendering.drafts:
        draft.text.encode()
        draft_digest(draft)
        assert draft.length == measure(draft.text, draft.spoiler_text, limits, draft.own_links)
        assert draft.length <= limits.max_characters, (draft.length, draft.text)
        bare = BARE_MENTION.search(draft.text)
        assert bare is None or "://" in draft.text, f"would notify {bare and bare[0]}: {draft.text!r}"
