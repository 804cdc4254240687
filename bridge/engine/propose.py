"""What is to be published, as a stream: the one path that `preview` shows and `publish` applies.

Headers of all posts make the threads; the posts themselves pass through in batches: memory stays flat.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice

import msgspec

from bridge import __version__
from bridge.engine.awaited import Awaited, goes_before
from bridge.fitting import Fate, Wanted
from bridge.ledger import Ledger
from bridge.pacing import Pace
from bridge.planning import Action, Keep, Known, Lane, Publish, is_frozen, plan_skipped, plan_thread
from bridge.posts import Media, Post, Thread, ids_of
from bridge.publications import State
from bridge.rendering import Context, Overlay, RenderOptions, render
from bridge.rendering.options import LinkMap
from bridge.selection import Chain, Chains, Header, Limiter, Rules, chains, select
from bridge.statuses import Limits, Rendering, StatusRef, draft_digest

_BATCH = 500  # posts in memory at a time
_NOBODY: Mapping[str, str] = {}


class Decision(StrEnum):
    PUBLISH = "publish"
    SKIP = "skip"
    HOLD = "hold"  # a person decides


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wanted of a source at a destination. `approve` False: everything waits for a person."""

    rules: Rules = field(default_factory=Rules)
    options: RenderOptions = field(default_factory=RenderOptions)
    limits: Limits = field(default_factory=Limits)
    handles: Mapping[str, str] = field(default_factory=lambda: _NOBODY)
    links: LinkMap = field(default_factory=LinkMap)
    pace: Pace = field(default_factory=Pace)  #: for the schedule only
    approve: bool = True
    live: bool = False  #: posts as they are written: neither stamped nor dated back
    late: frozenset[str] = frozenset()  #: of those, the ones that are old all the same
    now: datetime | None = None  #: of live posts: what is over by now is not asked any more
    lane: Lane = Lane.CATALOGUE
    awaited: Awaited | None = None  #: None: nothing is held for what it refers to
    media: Wanted = field(default_factory=Wanted)
    fate: Callable[[int, Media], Fate | None] = lambda *_: None  #: of a medium that does not go up as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """One post and what becomes of it. `post` None: it was left out unread.

    `digests` names the drafts, those that have left as they left; `known` is what the ledger has of it.
    """

    post_id: str
    decision: Decision
    reason: str | None = None
    post: Post | None = None
    rendering: Rendering | None = None
    begins_thread: bool = False  #: the first of several
    thread: str | None = None  #: the first post of its thread; None: it was left out by itself
    known: tuple[Known, ...] = ()
    digests: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    linked: bool = False  #: links of later posts to it lead to its status

    @property
    def left(self) -> bool:
        """Some of it has been sent, or may have been: it is not rendered anew."""
        return is_frozen(self.known)


def propose(
    ledger: Ledger,
    source: str,
    wish: Wish,
    *,
    destination: str | None = None,
    listing: bool = False,
    among: Iterable[Header] | None = None,
) -> Iterator[Proposed]:
    """Every post of the source, or `among` those, with its decision, in the order of publication.

    Without `listing`, posts left out one by one come first, unread, and those already sent are not rendered.
    """
    found = chains(ledger.posts.headers(source) if among is None else among, wish.rules)
    proposal = Proposal(ledger, source, wish, destination, listing=listing)
    if not listing:
        yield from proposal.left_out(found.skipped)
        yield from proposal.threads(found.chains)
        return
    yield from _merged(proposal, found)


def actions_of(proposed: Iterable[Proposed]) -> Iterator[Action]:
    """What the ledger has to do; `Keep` is nothing to do."""
    for each in proposed:
        yield from (action for action in each.actions if not isinstance(action, Keep))


def stamp(ledger: Ledger, source: str, wish: Wish) -> str:
    """Names everything that a proposal depends on: with an equal stamp, proposing again changes nothing."""
    said = (
        __version__,
        ledger.posts.revision(source),
        wish.rules,
        wish.limits,
        wish.approve,
        wish.live,
        wish.media,
    )
    wanted = rendering_options(ledger, source, wish)
    options = [(name, str(getattr(wanted, name))) for name in RenderOptions.__dataclass_fields__]
    links = (sorted(wish.links.final.items()), sorted(wish.links.dead), sorted(wish.links.copies.items()))
    known = (sorted(wish.handles.items()), *links)
    encoded = msgspec.json.encode((said, options, known), order="deterministic")
    return hashlib.blake2b(encoded, digest_size=16).hexdigest()


def rendering_options(ledger: Ledger, source: str, wish: Wish) -> RenderOptions:
    """The date is stamped in the account's language, unless another one is asked for."""
    if wish.options.locale is not None:
        return wish.options
    return replace(wish.options, locale=ledger.posts.language(source))


class Proposal:
    """Remembers which posts are carried as what, for those that refer to them later."""

    def __init__(
        self, ledger: Ledger, source: str, wish: Wish, destination: str | None, *, listing: bool
    ) -> None:
        self._ledger = ledger
        self._source = source
        self._wish = wish
        self._destination = destination
        self._listing = listing
        self._planned: dict[str, StatusRef] = {}
        self._overlays: Mapping[str, Overlay] = {}
        self._trial: Mapping[str, Overlay] = {}
        self._before: Callable[[str], StatusRef | None] = lambda _: None
        self._limiter = Limiter(wish.rules.limit)
        self._awaited = wish.awaited or Awaited(ledger)
        self.context = Context(
            limits=wish.limits,
            options=rendering_options(ledger, source, wish),
            handles=wish.handles,
            links=wish.links,
            own=self._own,
            wanted=wish.media,
            fate=wish.fate,
            now=wish.now,
            live=wish.live,
            overlay=self._overlay,
            boost=self._awaited.boost,
            quotable=lambda post: self._awaited.quotable(post, destination),
        )
        self._late = replace(self.context, live=False)

    def _overlay(self, post_id: str) -> Overlay | None:
        return self._trial.get(post_id) or self._overlays.get(post_id)

    def remember(self, before: Callable[[str], StatusRef | None], trial: Mapping[str, Overlay]) -> None:
        self._before = before
        self._trial = trial

    def left_out(self, skipped: Iterable[tuple[str, object]]) -> Iterator[Proposed]:
        rest = iter(skipped)
        while batch := list(islice(rest, _BATCH)):
            ids = [post_id for post_id, _ in batch]
            known = self._known(ids)
            posts = self._ledger.posts.load(self._source, ids) if self._listing else {}
            for post_id, why in batch:
                reason = str(getattr(why, "reason", why))
                yield self._skip(post_id, reason, known.get(post_id, ()), posts.get(post_id))

    def threads(self, found: Iterable[Chain]) -> Iterator[Proposed]:
        for batch in _batches(found):
            ids = [post_id for chain in batch for post_id in chain.ids]
            posts, known = self._ledger.posts.load(self._source, ids), self._known(ids)
            self._overlays = overlays_of(self._ledger, self._source, ids)
            for chain in batch:
                thread = Thread(posts=tuple(posts[each] for each in chain.ids), parents=chain.parents)
                yield from self._thread(thread, known)

    def _thread(self, thread: Thread, known: Mapping[str, Sequence[Known]]) -> Iterator[Proposed]:
        unwanted = select(thread, self._wish.rules)
        reason = unwanted.reason if unwanted else None
        if reason is None and not self._limiter.admits(len(thread.posts)):
            reason = "limit"
        if reason is not None:
            for post in thread.posts:
                skipped = self._skip(post.id, reason, known.get(post.id, ()), post)
                yield replace(skipped, thread=thread.root.id)
            return
        renderings = self._render(thread, known)
        planned = self._planned_actions(thread, renderings, known)
        for post in thread.posts:
            yield self._decided(
                post,
                renderings.get(post.id),
                tuple(known.get(post.id, ())),
                actions=tuple(planned.get(post.id, ())),
                thread=thread,
            )

    def _planned_actions(
        self, thread: Thread, renderings: Mapping[str, Rendering], known: Mapping[str, Sequence[Known]]
    ) -> dict[str, list[Action]]:
        """By post; without a destination there is nobody to act for."""
        planned: dict[str, list[Action]] = {}
        if self._destination is not None:
            wish = self._wish
            for action in plan_thread(thread, renderings, known, approve=wish.approve, lane=wish.lane):
                post_id = action.draft.post_id if isinstance(action, Publish) else action.post_id
                planned.setdefault(post_id, []).append(action)
        return planned

    def _render(self, thread: Thread, known: Mapping[str, Sequence[Known]]) -> dict[str, Rendering]:
        """In order, since a post answers the last status of its nearest ancestor that has one."""
        renderings: dict[str, Rendering] = {}
        last: list[StatusRef | None] = []
        for post, parent in zip(thread.posts, thread.parents, strict=True):
            above = None if parent is None else last[parent]
            rows = known.get(post.id, ())
            frozen = is_frozen(rows)
            if not frozen or self._listing:
                context = self._late if post.id in self._wish.late else self.context
                renderings[post.id] = self._held(post, render(post, context, in_reply_to=above))
            last.append(self._last(post, rows if frozen else (), renderings.get(post.id)) or above)
        return renderings

    def _held(self, post: Post, rendering: Rendering) -> Rendering:
        boosts = any(draft.boost is not None for draft in rendering.drafts)
        wanted = rendering.drafts and rendering.hold is None
        held = self._awaited.held(post, boosts=boosts) if wanted else None
        return rendering if held is None else replace(rendering, hold=held)

    def _last(self, post: Post, frozen: Sequence[Known], rendering: Rendering | None) -> StatusRef | None:
        """The status that an answer to it answers. From here on, links to the post lead to its first."""
        if frozen:
            parts = max((row.part for row in frozen if row.state is not State.SKIPPED), default=0)
        elif rendering is not None and rendering.skip is None:
            parts = len(rendering.drafts)
        else:
            parts = 0
        if not parts:
            return None
        if rendering is None or rendering.hold is None:
            self._planned.update((each, StatusRef(post_id=post.id)) for each in ids_of(post))
        return StatusRef(post_id=post.id, part=parts)

    def _own(self, post_id: str) -> StatusRef | None:
        if (ref := self._planned.get(post_id) or self._before(post_id)) is not None:
            return ref
        if self._destination is None:
            return None
        remote = self._ledger.queue.remote(self._destination, self._source, post_id, 1)
        stands = remote is not None or (
            self._wish.live and goes_before(self._ledger, self._destination, self._source, post_id)
        )
        return StatusRef(post_id=post_id) if stands else None

    def _known(self, ids: Sequence[str]) -> Mapping[str, Sequence[Known]]:
        if self._destination is None:
            return {}
        return self._ledger.queue.known(self._destination, self._source, ids)

    def _skip(self, post_id: str, reason: str, known: Sequence[Known], post: Post | None) -> Proposed:
        return Proposed(
            post_id=post_id,
            decision=Decision.SKIP,
            reason=reason,
            post=post,
            known=tuple(known),
            actions=plan_skipped(post_id, reason, known),
        )

    def _decided(
        self,
        post: Post,
        rendering: Rendering | None,
        known: tuple[Known, ...],
        *,
        actions: tuple[Action, ...],
        thread: Thread,
    ) -> Proposed:
        decision, reason = _decision(rendering, known, approve=self._wish.approve)
        if is_frozen(known) or rendering is None:
            digests = tuple(row.draft_digest for row in known if row.state is not State.SKIPPED)
        else:
            digests = tuple(draft_digest(draft) for draft in rendering.drafts)
        return Proposed(
            post_id=post.id,
            decision=decision,
            reason=reason,
            post=post,
            rendering=rendering,
            begins_thread=len(thread.posts) > 1 and post is thread.root,
            thread=thread.root.id,
            known=known,
            digests=digests,
            actions=actions,
            linked=post.id in self._planned,
        )


def _decision(
    rendering: Rendering | None, known: Sequence[Known], *, approve: bool
) -> tuple[Decision, str | None]:
    if known and all(row.state is State.WITHDRAWN for row in known):
        return Decision.SKIP, "withdrawn"
    if is_frozen(known):
        by_hand = next((row for row in known if row.state is State.SKIPPED), None)
        if all(row.state is State.SKIPPED for row in known) and by_hand is not None:
            return Decision.SKIP, by_hand.reason
        return Decision.PUBLISH, None
    if rendering is None or rendering.skip is not None or not rendering.drafts:
        return Decision.SKIP, rendering.skip if rendering else "empty"
    if rendering.hold is not None or not approve:
        approved = _is_approved(rendering, known, by_person=not approve)
        return (Decision.PUBLISH, None) if approved else (Decision.HOLD, rendering.hold or "review")
    return Decision.PUBLISH, None


def _is_approved(rendering: Rendering, known: Sequence[Known], *, by_person: bool) -> bool:
    """Every part of it, as it reads now."""
    approved = {
        row.draft_digest for row in known if row.state is State.APPROVED and (row.by_person or not by_person)
    }
    return all(draft_digest(draft) in approved for draft in rendering.drafts)


def overlays_of(ledger: Ledger, source: str, ids: Sequence[str]) -> dict[str, Overlay]:
    """What people want these posts to say."""
    return {post_id: each.overlay for post_id, each in ledger.reviews.overlays(source, ids).items()}


def _batches(found: Iterable[Chain]) -> Iterator[list[Chain]]:
    batch: list[Chain] = []
    size = 0
    for chain in found:
        batch.append(chain)
        size += len(chain.ids)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _merged(proposal: Proposal, found: Chains) -> Iterator[Proposed]:
    """Threads, and between them what was left out, where it would have stood."""
    threads = proposal.threads(found.chains)
    skipped = proposal.left_out(found.skipped)
    waiting = next(skipped, None)
    current: list[Proposed] = []
    roots = {chain.ids[0] for chain in found.chains}
    for each in threads:
        if each.post_id in roots:
            yield from current
            current = []
            while waiting is not None and _before(waiting, each):
                yield waiting
                waiting = next(skipped, None)
        current.append(each)
    yield from current
    if waiting is not None:
        yield waiting
    yield from skipped


def _before(one: Proposed, other: Proposed) -> bool:
    if one.post is None or other.post is None:
        return one.post is None
    return one.post.created_at < other.post.created_at
