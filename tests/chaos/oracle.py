"""Whether the account holds what it should: once each, in order, connected, with its media, nobody disturbed.

It looks at three things that know nothing of one another: what the archive was made of, what the server
stores, and what the ledger says.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from bridge.sandbox.rules.faults import FaultKind
from bridge.sandbox.rules.state import Status
from tests.chaos.archives import Carried

K = FaultKind
_ROWS = sa.text(
    "SELECT p.source_id AS post_id, q.id, q.part, q.state, q.remote_id, q.draft, q.reply_to_id, q.sort_key,"
    " q.error, q.attempts FROM publications q JOIN posts p ON p.id = q.post_id ORDER BY q.sort_key, q.id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What the ledger says of a status."""

    id: int
    post_id: str
    part: int
    state: str
    remote_id: str | None
    draft: str
    reply_to_id: int | None
    sort_key: str
    error: str | None
    attempts: int

    @property
    def said(self) -> Any:
        return json.loads(self.draft)


def read_rows(url: str) -> tuple[Row, ...]:
    address = url.replace("postgresql://", "postgresql+psycopg://")
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return tuple(Row(**row) for row in connection.execute(_ROWS).mappings())


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    carried: Sequence[Carried]
    rows: Sequence[Row]
    statuses: Sequence[Status]  #: of the account, in the order in which they arrived
    gone: frozenset[str]  #: remote ids that their owner has deleted, or that were never stored
    struck: Mapping[FaultKind, int]  #: how often each fault struck the creation of a status
    on_media: Mapping[FaultKind, int]  #: … the upload of a medium
    notices: int
    hides_private: bool = False  #: a server that does not show its author such posts
    needs_media: bool = False  #: a server that takes no status without
    visibility: str = "unlisted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    faults: tuple[str, ...] = ()
    duplicates: int = 0
    losses: int = 0
    held: tuple[str, ...] = ()  #: why, of each status that the ledger calls failed

    @property
    def good(self) -> bool:
        return not self.faults


def judge(seen: Evidence) -> Verdict:
    """Everything that is wrong, in sentences."""
    rows = {row.id: row for row in seen.rows}
    there = {status.id: status for status in seen.statuses}
    doubles = tuple(_duplicates(seen))
    losses = tuple(_losses(seen, there))
    rest = (*_unsettled(seen, rows), *_connections(seen, rows, there), *_contents(seen, there), *_order(seen))
    notices = (f"{seen.notices} people were notified",) if seen.notices else ()
    return Verdict(
        faults=(*doubles, *losses, *rest, *notices),
        duplicates=len(doubles),
        losses=len(losses),
        held=tuple(_reason(row.error or "") for row in seen.rows if row.state == "failed"),
    )


#: What a person is told, by a part of it, in the words of a table.
_REASONS = {
    "does not show followers-only posts": "the answer was lost, and the server shows the post to no program",
    "Nobody can tell": "the answer was lost, and the server tells the text of none that may be it",
    "it is not on the account": "no answer after twelve attempts, and certainly not there",
    "attempts)": "the server asked for patience each time, as often as is tried",
    "Nothing is left": "nothing is left of it without the media that the server would not take",
    "passerelle retry": "a medium is more than the server takes",
}


def _reason(error: str) -> str:
    found = (words for part, words in _REASONS.items() if part in error)
    return next(found, "refused by the server" if error else "without a reason")


def _duplicates(seen: Evidence) -> Iterator[str]:
    """A status that no row owns, or that two own."""
    owners = Counter(row.remote_id for row in seen.rows if row.remote_id)
    if _hides(seen):  # a person is asked which of them are there
        for row in seen.rows:
            if row.state == "failed":
                said = _words(row.said["text"])
                same = [s.id for s in seen.statuses if not owners[s.id] and _words(s.text) == said]
                owners.update(same[:1])
    for status in seen.statuses:
        if owners[status.id] == 0:
            yield f"{status.id} ({status.text[:40]!r}) is on the account, and the ledger knows nothing of it"
    for remote_id, times in owners.items():
        if times > 1:
            yield f"{remote_id} belongs to {times} rows"


def _losses(seen: Evidence, there: Mapping[str, Status]) -> Iterator[str]:
    planned = Counter(row.post_id for row in seen.rows)
    for post in seen.carried:
        if not planned[post.post_id]:
            yield f"{post.post_id} ({post.says!r}) was never planned"
        elif post.long != (planned[post.post_id] > 1) and not post.long:
            yield f"{post.post_id} became {planned[post.post_id]} statuses"
    wanted = {post.post_id for post in seen.carried}
    yield from (f"{post_id} was planned against its rules" for post_id in planned if post_id not in wanted)
    for row in seen.rows:
        if row.state == "published" and row.remote_id not in there and row.remote_id not in seen.gone:
            yield f"{row.post_id} part {row.part} is published as {row.remote_id}, which is not there"


def _unsettled(seen: Evidence, rows: Mapping[int, Row]) -> Iterator[str]:
    for row in seen.rows:
        if row.state == "published" or _stands_behind(row, rows):
            continue
        if row.state == "failed" and row.error and _may_fail(row, rows, seen):
            continue
        yield f"{row.post_id} part {row.part} ended as {row.state} after {row.attempts}: {row.error}"


def _stands_behind(row: Row, rows: Mapping[int, Row]) -> bool:
    """Its thread cannot go on before a person has decided about an earlier part."""
    parent = rows.get(row.reply_to_id or 0)
    return row.state == "approved" and parent is not None and parent.state in {"failed", "approved"}


def _may_fail(row: Row, rows: Mapping[int, Row], seen: Evidence) -> bool:
    """Whether a fault left the program no other choice."""
    error, struck = str(row.error), seen.struck
    parent = rows.get(row.reply_to_id or 0)
    return (
        bool(struck[K.ERROR_422])
        or (_hides(seen) and "Nobody can tell" in error)
        # Burnt keys where the program has no reason to expect them.
        or (bool(struck[K.KEY_REFUSED] or struck[K.KEY_BURNT]) and "it is not on the account" in error)
        or (seen.needs_media and bool(struck[K.DROP_MEDIA]) and "media" in error)
        or (bool(seen.on_media[K.MEDIA_FAILED] or seen.on_media[K.MEDIA_LOST]) and bool(row.said["media"]))
        or (parent is not None and parent.remote_id in seen.gone)
    )


def _hides(seen: Evidence) -> bool:
    return seen.hides_private and seen.visibility == "private"


def _connections(seen: Evidence, rows: Mapping[int, Row], there: Mapping[str, Status]) -> Iterator[str]:
    apart = 0
    by_post = {(row.post_id, row.part): row for row in seen.rows}
    for row in seen.rows:
        status = there.get(row.remote_id or "")
        if status is None:
            continue
        before = by_post.get((row.post_id, row.part - 1)) or _last_of_parent(seen, by_post, row)
        wanted = before.remote_id if before is not None else None
        if wanted in seen.gone:
            continue  # the server may or may not keep a reply to nothing
        if status.in_reply_to_id != wanted:
            apart += 1
            if apart > seen.struck[K.DROP_REPLY]:
                yield f"{row.post_id} part {row.part} answers {status.in_reply_to_id}, not {wanted}"


def _last_of_parent(seen: Evidence, by_post: Mapping[tuple[str, int], Row], row: Row) -> Row | None:
    parents = {post.post_id: post.parent for post in seen.carried}
    parent = parents.get(row.post_id)
    if parent is None:
        return None
    return max((r for (post, _), r in by_post.items() if post == parent), key=lambda r: r.part, default=None)


def _contents(seen: Evidence, there: Mapping[str, Status]) -> Iterator[str]:
    says = {post.post_id: post for post in seen.carried}
    media: Counter[str] = Counter()
    spared = seen.struck[K.DROP_MEDIA] + seen.on_media[K.MEDIA_FAILED] + seen.on_media[K.MEDIA_LOST]
    wrong = 0
    for row in seen.rows:
        status = there.get(row.remote_id or "")
        if status is None:
            continue
        post = says.get(row.post_id)
        if post and row.part == 1 and not status.text.startswith(post.says.split(" http")[0][:30].strip()):
            yield f"{row.post_id} says {status.text[:60]!r}"
        if _words(row.said["text"]) != _words(status.text):
            yield f"{row.post_id} part {row.part} says {status.text!r}, not {row.said['text']!r}"
        media[row.post_id] += len(status.media_ids)
        odd = status.visibility != seen.visibility
        if odd and not (seen.struck[K.WIDER] or seen.struck[K.NARROWER]):
            yield f"{row.post_id} is {status.visibility}"
    for post_id, post in says.items():
        if post_id in media and media[post_id] != post.media and not _some_part_is_gone(seen, there, post_id):
            wrong += 1
            if wrong > spared:
                yield f"{post_id} has {media[post_id]} media, not {post.media}"


def _some_part_is_gone(seen: Evidence, there: Mapping[str, Status], post_id: str) -> bool:
    return any(row.post_id == post_id and row.remote_id not in there for row in seen.rows)


def _words(text: str) -> list[str]:
    """Without addresses: those of own posts are filled in on the way."""
    return [word for word in text.split() if "://" not in word]


def _order(seen: Evidence) -> Iterator[str]:
    """As they arrived, so they are sorted."""
    rank = {row.remote_id: row.sort_key for row in seen.rows if row.remote_id}
    came = [rank[status.id] for status in seen.statuses if status.id in rank]
    if came != sorted(came):
        late = sum(after < before for before, after in pairwise(came))
        yield f"{late} statuses arrived after one that should have followed them"
