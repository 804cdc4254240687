"""Edited tweets: every version is a tweet of its own; they become one post that has all their ids."""

from __future__ import annotations

from msgspec.structs import replace

from bridge.posts import Post, Precision, Provenance, id_key
from bridge.sources.twitter_archive.links import status_url
from bridge.sources.twitter_archive.times import snowflake_time

RANK_LATER = 100  #: for each edit: whatever else its text has, a later version is the truer one


class Edits:
    """Holds versions back until all of them are here; only edited posts are ever held."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[str, Post]] = {}

    def add(self, post: Post) -> Post | None:
        """The collapsed post, when this was its last missing version."""
        first = post.edit_ids[0]
        versions = self._waiting.setdefault(first, {})
        known = versions.get(post.id)
        if known is None or len(known.edit_ids) <= len(post.edit_ids):
            versions[post.id] = post
        ids = max((each.edit_ids for each in versions.values()), key=len)
        if set(ids) - versions.keys():
            return None
        return collapse(list(self._waiting.pop(first).values()))

    def rest(self) -> list[Post]:
        """Posts of which the archive lacks a version."""
        left = [collapse(list(versions.values())) for versions in self._waiting.values()]
        self._waiting.clear()
        return left


def collapse(versions: list[Post]) -> Post:
    """The last version's words under the first version's id and date; who answered it may name any id."""
    ids = tuple(sorted({each for version in versions for each in version.edit_ids}, key=int))
    first = min(versions, key=lambda version: id_key(version.id))
    last = max(versions, key=lambda version: id_key(version.id))
    moment = snowflake_time(int(ids[0]))
    return replace(
        last,
        id=ids[0],
        edit_ids=ids,
        created_at=moment or first.created_at,
        precision=Precision.MILLISECOND if moment else first.precision,
        reply_to=first.reply_to or last.reply_to,
        url=status_url(last.author.handle, ids[0]),
        provenance=last.provenance if last.truncated else _later(last, ids.index(last.id)),
    )


def _later(post: Post, edits: int) -> tuple[Provenance, ...]:
    return tuple(replace(each, rank=each.rank + RANK_LATER * edits) for each in post.provenance)
