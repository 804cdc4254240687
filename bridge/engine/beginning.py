"""Where a source that bills what is read need not go: an archive has everything up to its last post."""

from __future__ import annotations

from bridge.ledger import Ledger
from bridge.posts import id_key, ids_of
from bridge.sources.twitter_archive.origin import RANKS


def archived_until(ledger: Ledger, source: str) -> str | None:
    """The id of the newest post that came with an archive; None: none did. Reads all posts, so ask once."""
    archived = (
        id_
        for post in ledger.posts.iterate(source)
        if any(stamp.era in RANKS for stamp in post.provenance)
        for id_ in ids_of(post)
        if id_.isdecimal()
    )
    return max(archived, key=id_key, default=None)
