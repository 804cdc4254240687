"""Threads as a person looks at them, one by one: proposed by themselves, with edits tried out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bridge.engine.propose import Proposal, Proposed, Wish
from bridge.ledger import Ledger
from bridge.rendering import Overlay, wording
from bridge.selection import Chain, chains
from bridge.statuses import StatusRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """A thread by itself. `before`: as what an earlier post is carried; `trial`: edits that are tried out."""

    chain: Chain
    before: Callable[[str], StatusRef | None] = lambda _: None
    trial: Mapping[str, Overlay] = field(default_factory=dict)


def propose_thread(
    ledger: Ledger, source: str, wish: Wish, single: Single, *, destination: str
) -> list[Proposed]:
    """One thread just as it is among all others, whatever `rules.limit` says."""
    return list(_alone(ledger, source, wish, single, destination).threads([single.chain]))


def wording_of(
    ledger: Ledger, source: str, wish: Wish, single: Single, *, destination: str
) -> dict[str, str]:
    """The texts of a thread's posts as a person edits them, by their ids."""
    proposal = _alone(ledger, source, wish, single, destination)
    posts = [each.post for each in proposal.threads([single.chain]) if each.post is not None]
    return {post.id: wording(post, proposal.context) for post in posts}


def worded(ledger: Ledger, source: str, wish: Wish, *, destination: str) -> Iterator[tuple[Proposed, str]]:
    """Every post of a thread, left out or not, with its text as a person edits it."""
    found = chains(ledger.posts.headers(source), wish.rules)
    proposal = Proposal(ledger, source, wish, destination, listing=True)
    for each in proposal.threads(found.chains):
        if each.post is not None:
            yield each, wording(each.post, proposal.context)


def _alone(ledger: Ledger, source: str, wish: Wish, single: Single, destination: str) -> Proposal:
    wish = replace(wish, rules=replace(wish.rules, limit=None))
    proposal = Proposal(ledger, source, wish, destination, listing=True)
    proposal.remember(single.before, single.trial)
    return proposal
