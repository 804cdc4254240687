"""From when on a mirror is live, and where a source that bills what is read need not go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bridge.ledger import Ledger
from bridge.posts import id_key, ids_of
from bridge.sources.twitter_archive.origin import RANKS

_LAST = timedelta(milliseconds=1)  # behind the newest post that is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """`since`: from when on what is written is mirrored; `at`: when that was said."""

    since: datetime
    at: datetime


def begun(ledger: Ledger, source: str, destination: str) -> Beginning | None:
    """None: nobody has said yet where that mirror begins."""
    said = ledger.posts.cursor(source, _stream(destination))
    return None if said is None else _beginning(said)


def live_since(ledger: Ledger, source: str) -> list[datetime]:
    """From when on each mirror of that source carries what is written."""
    streams = ledger.posts.streams(source).items()
    return [_beginning(said).since for name, said in streams if name.startswith(_stream(""))]


def _beginning(said: str) -> Beginning:
    since, at = map(datetime.fromisoformat, said.split("/"))
    return Beginning(since=since.astimezone(UTC), at=at.astimezone(UTC))


def begin(ledger: Ledger, source: str, destination: str, beginning: Beginning) -> None:
    """To be kept: a mirror begins once."""
    said = "/".join(each.astimezone(UTC).isoformat() for each in (beginning.since, beginning.at))
    ledger.posts.save_cursor(source, _stream(destination), said)


def after_last(ledger: Ledger, source: str, now: datetime) -> datetime:
    """Behind the newest post that is known; now, when none is."""
    newest = ledger.posts.newest(source)
    return now if newest is None else newest + _LAST


def archived_until(ledger: Ledger, source: str) -> str | None:
    """The id of the newest post that came with an archive, which has everything up to it; None: none did.

    Reads all posts, so ask once.
    """
    archived = (
        id_
        for post in ledger.posts.iterate(source)
        if any(stamp.era in RANKS for stamp in post.provenance)
        for id_ in ids_of(post)
        if id_.isdecimal()
    )
    return max(archived, key=id_key, default=None)


def _stream(destination: str) -> str:
    return f"live {destination}"
