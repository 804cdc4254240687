"""Posts as they are written: planned by themselves, from where a mirror began, before any back catalogue.

What was written before that is left to `import` and `publish`. Only the threads that a page has touched are
looked at, so that a post of today costs the same in a ledger of a million.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bridge.engine.beginning import Beginning
from bridge.engine.propose import Proposed, Wish, actions_of, propose
from bridge.ledger import Ledger
from bridge.ledger.rows import Applied, Standing
from bridge.pacing import Pace
from bridge.planning import Lane
from bridge.selection import Header, chains


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """The posts of one source account at one destination, from an instant on."""

    source: str
    destination: str
    begun: Beginning
    fresh: timedelta  #: how late a post may be read that still reads as written just now


def plan_live(
    ledger: Ledger, mirror: Mirror, wish: Wish, ids: Collection[str], *, now: datetime, run: int | None = None
) -> Applied:
    """Write into the queue what the threads of these posts come to; idempotent."""
    actions = actions_of(propose_live(ledger, mirror, replace(wish, now=now), ids))
    return ledger.queue.apply(
        actions, destination=mirror.destination, source=mirror.source, now=now, run=run, actor="watch"
    )


def propose_live(ledger: Ledger, mirror: Mirror, wish: Wish, ids: Collection[str]) -> Iterator[Proposed]:
    """What becomes of these posts, and of what they answer: that comes forward with them, if it still waits.

    What was read late bears its date, whatever comes with it.
    """
    headers = _family(ledger, mirror, ids)
    wanted = replace(wish, rules=replace(wish.rules, limit=None))
    found = chains(headers.values(), wanted.rules)
    left_out = {post_id for post_id, _ in found.skipped}
    late = late_ones(ledger, mirror, headers.values(), wish.pace)
    lanes: dict[Lane, list[str]] = {Lane.LIVE: [], Lane.LATE: []}
    for chain in found.chains:
        last = headers[chain.ids[-1]]
        lanes[Lane.LIVE if last.created_at >= mirror.begun.at else Lane.LATE].extend(chain.ids)
    for lane, some in lanes.items():
        if not some and (lane is Lane.LATE or not left_out):
            continue
        proposed = propose(
            ledger,
            mirror.source,
            replace(wanted, live=True, late=late, lane=lane),
            destination=mirror.destination,
            among=[headers[each] for each in (*some, *left_out)],  # answers reach past what is left out
        )
        yield from (each for each in proposed if lane is Lane.LIVE or each.post_id not in left_out)


def edited_since_sent(
    ledger: Ledger, mirror: Mirror, changed: Mapping[str, datetime]
) -> dict[str, list[Standing]]:
    """What stands of those of these posts (when each was changed) that were changed after they were sent."""
    standing = ledger.queue.standing(mirror.destination, mirror.source, list(changed)) if changed else {}
    return {each: rows for each, rows in standing.items() if any(_sent(row) < changed[each] for row in rows)}


def _sent(standing: Standing) -> datetime:
    row = standing.row
    return row.attempted_at or row.published_at or datetime.max.replace(tzinfo=UTC)


def late_ones(ledger: Ledger, mirror: Mirror, headers: Iterable[Header], pace: Pace) -> frozenset[str]:
    """Those that were read, or let go by a blackout, when they were new no more: they bear their date."""
    written = {header.id: header.created_at for header in headers}
    read = ledger.posts.first_seen(mirror.source, list(written))
    return frozenset(
        each for each, seen in read.items() if pace.released(seen) - written[each] > mirror.fresh
    )


def _family(ledger: Ledger, mirror: Mirror, ids: Collection[str]) -> dict[str, Header]:
    """These posts and those above them that are carried: an answer to what is not begins by itself."""
    found: dict[str, Header] = {}
    asked: set[str] = set()
    wanted = set(ids)
    while wanted:
        asked |= wanted
        headers = ledger.posts.headers_of(mirror.source, wanted)
        older = [header.id for header in headers if header.created_at < mirror.begun.since]
        known = ledger.queue.known(mirror.destination, mirror.source, older)
        kept = [each for each in headers if each.created_at >= mirror.begun.since or each.id in known]
        found.update((header.id, header) for header in kept)
        wanted = {header.reply_to for header in kept if header.reply_to is not None} - asked
    return found
