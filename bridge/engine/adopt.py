"""Take over what another tool has carried: by its map, or by what the account itself shows.

Whatever is adopted is never sent from here. The draft that it gets is what a plan would make of the post, for
the case that its status goes missing and a person wants it sent again; what the other tool wrote is not ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from bridge.adoption import Carried, Standing, Told
from bridge.engine.propose import Wish
from bridge.engine.reading import reading, status, statuses_of
from bridge.engine.resemblance import Candidate, Doubt, Index, Match, candidate
from bridge.engine.terms import Ports, Terms
from bridge.ledger import Ledger
from bridge.ledger.adoptions import Adopted, Adoptee, Adoption
from bridge.ledger.owner import Owner
from bridge.planning import sort_key
from bridge.posts import Post
from bridge.publications import ADOPTED, State
from bridge.publishers.base import Receipt
from bridge.rendering import Context, render
from bridge.statuses import StatusDraft

_BATCH = 500  # posts in memory at a time
_LEASE = 600.0  # seconds
_LEFT = frozenset({State.PUBLISHED, State.WITHDRAWN, State.PUBLISHING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where posts may have gone: the account, and every host by which its server may be named."""

    account: str
    hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A post that was carried, as which statuses, and how that is known. None: nobody knows as which."""

    source: str
    post_id: str
    statuses: tuple[Standing, ...]
    reason: str
    times: Mapping[str, datetime] = field(default_factory=dict)  #: of the statuses, where they are known


@dataclass(frozen=True, slots=True, kw_only=True)
class Sifted:
    """A map held against what is imported."""

    found: tuple[Found, ...] = ()
    unknown: tuple[str, ...] = ()  #: ids of posts that are not imported
    elsewhere: Mapping[str, int] = field(default_factory=dict)  #: posts, by the place they were carried to
    unmatched: int = 0  #: texts that no post says, or that several do
    missing: tuple[Found, ...] = ()  #: the account was asked, and does not have them


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What the account shows. `foreign`: statuses that are neither ours nor like any post."""

    matches: tuple[Match, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    foreign: int = 0


def sift(ledger: Ledger, told: Told, target: Target, sources: Sequence[str]) -> Sifted:
    """Which posts of these sources the map says are on the account."""
    here = [each for each in told.carried if each.place is None or each.place in target.hosts]
    elsewhere = Counter(each.place for each in told.carried if each.place not in {None, *target.hosts})
    found, unknown = _imported(ledger, told.tool, here, sources)
    said = _said(ledger, told, target, sources)
    return Sifted(
        found=(*found, *said),
        unknown=unknown,
        elsewhere={str(place): count for place, count in elsewhere.items()},
        unmatched=len(told.texts) - len(said),
    )


def _imported(
    ledger: Ledger, tool: str, here: Sequence[Carried], sources: Sequence[str]
) -> tuple[list[Found], tuple[str, ...]]:
    statuses: dict[tuple[str, str], dict[Standing, None]] = {}
    unknown = dict.fromkeys(each.post_id for each in here)
    for source in sources:
        named = ledger.posts.canonical(source, [each.post_id for each in here])
        for each in here:
            if (post_id := named.get(each.post_id)) is not None:
                statuses.setdefault((source, post_id), {}).update(dict.fromkeys(each.statuses))
                unknown.pop(each.post_id, None)
    reason = f"{ADOPTED}carried by {tool}"
    found = [
        Found(source=source, post_id=post_id, statuses=tuple(known), reason=reason)
        for (source, post_id), known in statuses.items()
    ]
    return found, tuple(unknown)


def _said(ledger: Ledger, told: Told, target: Target, sources: Sequence[str]) -> list[Found]:
    """Posts of which the map has the text alone; a text that several of them say tells nothing."""
    if not told.texts:
        return []
    index = Index(_unpublished(ledger, target.account, sources))
    saying = [index.saying(text) for text in told.texts]
    posts = {(each[0].source, each[0].post_id): None for each in saying if len(each) == 1}
    reason = f"{ADOPTED}carried by {told.tool}, as which status is not known"
    return [Found(source=source, post_id=post_id, statuses=(), reason=reason) for source, post_id in posts]


def check(ports: Ports, terms: Terms, sifted: Sifted) -> Sifted:
    """Ask the account for the statuses of a map: addresses and dates; what is not there is not adopted.

    Raises `Locked` when a run works on the account, `Unauthorized` and `NetworkError` as the reads do.
    """
    wanted = {standing.remote_id for each in sifted.found for standing in each.statuses}
    with reading(ports, terms) as run:
        there = {each.remote_id: each for each in statuses_of(run) if each.remote_id in wanted}
        for remote_id in sorted(wanted - there.keys()):
            if (receipt := status(run, remote_id)) is not None:
                there[remote_id] = receipt
    confirmed = [(each, _confirmed(each, there)) for each in sifted.found]
    return replace(
        sifted,
        found=tuple(after for before, after in confirmed if after.statuses or not before.statuses),
        missing=tuple(before for before, after in confirmed if before.statuses and not after.statuses),
    )


def _confirmed(found: Found, there: Mapping[str, Receipt]) -> Found:
    receipts = [there[each.remote_id] for each in found.statuses if each.remote_id in there]
    return replace(
        found,
        statuses=tuple(Standing(remote_id=each.remote_id, url=each.url) for each in receipts),
        times={each.remote_id: each.created_at for each in receipts},
    )


def recognise(ports: Ports, terms: Terms, sources: Sequence[str]) -> Recognised:
    """Read the account back: which statuses, not ours, say posts that have not been published.

    Raises as `check` does.
    """
    with reading(ports, terms) as run:
        shown = [each for each in statuses_of(run) if not each.reblog]
    account = ports.publisher.account
    owned = ports.ledger.queue.known_remote_ids(account, [each.remote_id for each in shown])
    foreign = [each for each in shown if each.remote_id not in owned]
    matches, doubts = Index(_unpublished(ports.ledger, account, sources)).matches(foreign)
    return Recognised(
        matches=tuple(matches), doubts=tuple(doubts), foreign=len(foreign) - len(matches) - len(doubts)
    )


def found_of(match: Match) -> Found:
    receipt = match.receipt
    return Found(
        source=match.candidate.source,
        post_id=match.candidate.post_id,
        statuses=(Standing(remote_id=receipt.remote_id, url=receipt.url),),
        reason=f"{ADOPTED}found on the account by its {match.by}",
        times={receipt.remote_id: receipt.created_at},
    )


def enter(  # noqa: PLR0913 - where to, by whom, and when
    ledger: Ledger,
    wish: Wish,
    found: Iterable[Found],
    *,
    account: str,
    owner: Owner,
    now: datetime,
    run: int | None = None,
) -> list[Adopted]:
    """Write them into the ledger. Raises `Locked` when a run works on the account."""
    by_source: dict[str, list[Found]] = {}
    for each in found:
        by_source.setdefault(each.source, []).append(each)
    hold = ledger.queue.hold(account, owner=owner, now=now, seconds=_LEASE)
    done: list[Adopted] = []
    try:
        for source, every in by_source.items():
            for batch in _batches(every):
                posts = ledger.posts.load(source, [each.post_id for each in batch])
                adoptions = [_adoption(posts[each.post_id], each, wish) for each in batch]
                done += ledger.queue.adopt(adoptions, destination=account, source=source, now=now, run=run)
    finally:
        ledger.queue.release(hold)
    return done


def _batches(found: Iterable[Found]) -> Iterator[list[Found]]:
    rest = iter(found)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _adoption(post: Post, found: Found, wish: Wish) -> Adoption:
    context = Context(limits=wish.limits, options=wish.options, handles=wish.handles, links=wish.links)
    drafts = render(post, context).drafts
    parts = []
    for part, standing in enumerate(found.statuses or (None,), start=1):
        draft = drafts[part - 1] if part <= len(drafts) else _unsaid(post, part, wish)
        adoptee = Adoptee(draft=draft, sort_key=sort_key(post, post, part))
        if standing is not None:
            at = found.times.get(standing.remote_id)
            adoptee = replace(adoptee, remote_id=standing.remote_id, remote_url=standing.url, created_at=at)
        parts.append(adoptee)
    return Adoption(post_id=post.id, parts=tuple(parts), reason=found.reason)


def _unsaid(post: Post, part: int, wish: Wish) -> StatusDraft:
    """A part that the other tool made and a plan of ours would not: it has no words of ours."""
    return StatusDraft(
        post_id=post.id, part=part, parts=part, text="", length=0, visibility=wish.options.visibility
    )


def _unpublished(ledger: Ledger, account: str, sources: Sequence[str]) -> Iterator[Candidate]:
    """Every post of the sources none of which has left for the account, or may have."""
    for source in sources:
        rest = ledger.posts.iterate(source)
        while batch := list(islice(rest, _BATCH)):
            known = ledger.queue.known(account, source, [post.id for post in batch])
            yield from (
                candidate(post)
                for post in batch
                if not any(row.state in _LEFT for row in known.get(post.id, ()))
            )
