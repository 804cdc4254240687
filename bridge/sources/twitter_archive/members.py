"""Which files of an archive may be opened at all. Everything else is never touched.

The list names what is wanted. Direct messages, advertisements, devices, contacts, addresses and whatever
else an archive holds about its owner are not on it, and no container opens a name that is not.
"""

from __future__ import annotations

import re

from bridge.errors import SourceError

_PARTS = (
    "tweets?|note-tweet|community-tweet|twitter-circle-tweet|deleted-tweets?"
    "|deleted-tweet-headers|tweet-headers|(?:twitter-)?article(?:-metadata)?"
)
_MEDIA = "tweets?_media|community_tweet_media|twitter_circle_tweet_media"

_ALLOWED = re.compile(
    rf"(?:^|/)(?:(?:manifest|account|profile|(?:{_PARTS})(?:-part\d{{1,6}})?)\.js"
    r"|js/(?:user_details|payload_details|tweet_index)\.js"
    r"|js/tweets/\d{4}_\d{2}\.js"
    r"|tweets\.csv|csv/\d{4}_\d{2}\.csv"
    rf"|(?:{_MEDIA}|profile_media)/[^/]+)\Z"
)
_MEDIA_MEMBER = re.compile(rf"(?:^|/)(?:{_MEDIA})/[^/]+\Z")
_LOOSE = re.compile(r"[^/]+\.(?:jpe?g|png|webp|gif|mp4|m4v|mov|webm)\Z", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")


def is_allowed(name: str) -> bool:
    return _ALLOWED.search(name) is not None


def is_media(name: str) -> bool:
    return _MEDIA_MEMBER.search(name) is not None


def is_loose_media(name: str) -> bool:
    """A picture or film that lies in the very folder that was named: other tools have no folders for them."""
    return _LOOSE.match(name) is not None


def safe_name(name: str, archive: str) -> str:
    """`name` with forward slashes; refuses what leads out of the archive or hides its end."""
    plain = name.replace("\\", "/")
    if plain.startswith("/") or _DRIVE.match(plain) or "\0" in plain or ".." in plain.split("/"):
        raise SourceError(
            f"{archive} holds a file that points outside of the archive ({plain[:80]!r}), so it is not read.",
            hint="Download the archive from Twitter again.",
        )
    return plain.removeprefix("./")
