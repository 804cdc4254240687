"""The review desk: what a source would become at an account, and what people decide about it beforehand.

The whole plan is read once, and written into the ledger as `publish` would write it; after a decision only
the thread that it is about is proposed anew. What others decide meanwhile is taken in before every look.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bridge.engine.entries import Entry, Filter, entry, needs
from bridge.engine.forecast import SECONDS_EACH, blocks, budget_of
from bridge.engine.propose import Decision, Proposed, Wish, actions_of, propose
from bridge.engine.thread import Single, propose_thread, wording_of
from bridge.errors import BridgeError, Locked
from bridge.ledger import Ledger
from bridge.ledger.owner import this_process
from bridge.ledger.reviews import Ruling
from bridge.ledger.rows import Edited, Moved, Ruled
from bridge.pacing import Keeping, Pace, Schedule, simulate
from bridge.publications import State
from bridge.rendering import Overlay
from bridge.selection import Chain, chains
from bridge.statuses import Rendering, StatusRef

_SECONDS = 600.0  # for which the account is held while a plan is written
_SKEW = timedelta(minutes=10)  # by which the clocks of two machines may differ
_MANY = 300  # threads, from which on it is quicker to read everything
_NEVER = 1 << 62  # no event has that number
_BLOCKS = 4000  # needs of a simulated schedule
_STEPS = 6000  # of it; somebody moves the pace meanwhile, and wants to see the end move


class Desk:
    """One source at one account. May be used from several threads; each method takes its turn."""

    def __init__(
        self, ledger: Ledger, source: str, account: str, wish: Wish, *, now: Callable[[], datetime]
    ) -> None:
        self.ledger = ledger
        self.source = source
        self.account = account
        self.wish = wish
        self.now = now
        self.behind = False  #: a run holds the account: the plan is shown, and not written yet
        self._lock = threading.RLock()
        self._imported: tuple[object, ...] = ()
        self._revision = 0
        self._looked_at = now()
        self._tide = 0
        self._pins = ""
        self._entries: dict[str, Entry] = {}
        self._threads: dict[str, list[str]] = {}
        self._chains: dict[str, Chain] = {}
        self._places: dict[str, int] = {}
        self._linked: dict[str, tuple[int, StatusRef]] = {}

    # --- looking

    def refresh(self) -> None:
        """Take in what has changed since the last look: all of it, or what has happened to single posts."""
        with self._lock:
            if not self._entries:
                self.ledger.queue.open_destination(self.account, now=self.now())
            revision, now = self.ledger.posts.revision(self.source), self.now()
            imported = self.ledger.reviews.imported(self.source)
            if imported != self._imported or (self.behind and self._is_free()):
                self._read()
            elif revision != self._revision:
                touched = self.ledger.reviews.touched(self.source, self._looked_at - _SKEW)
                self._again({self._entries[each].thread for each in touched if each in self._entries})
            self._catch_up()
            if (pins := self.ledger.pins.stamp(self.source)) != self._pins:
                self._look_for_pins(pins)
            self._imported, self._revision, self._looked_at = imported, revision, now

    def entries(self) -> list[Entry]:
        """In the order of publication."""
        with self._lock:
            return list(self._entries.values())

    def find(self, post_id: str) -> Entry:
        with self._lock:
            found = self._entries.get(post_id)
        if found is None:
            raise BridgeError(f"No post {post_id} has been imported.", hint="Go back to the desk.")
        return found

    def knows(self, post_id: str) -> bool:
        with self._lock:
            return post_id in self._entries

    def matching(self, wanted: Filter) -> list[Entry]:
        return [each for each in self.entries() if wanted.admits(each)]

    def thread(self, root: str, *, trial: Mapping[str, Overlay] | None = None) -> list[Proposed]:
        """The posts of a thread as they are now, or would be with these edits."""
        with self._lock:
            single = self._single(root, trial or {})
            if single is not None:
                found = propose_thread(self.ledger, self.source, self.wish, single, destination=self.account)
                return [self._limited(each) for each in found]
            return self._left_out(root)

    def overlays(self, ids: Sequence[str]) -> dict[str, Edited]:
        return self.ledger.reviews.overlays(self.source, ids)

    def wording(self, post_id: str) -> tuple[str, str]:
        """The text as it is edited now, and what it would be without the edit."""
        with self._lock:
            root = self.find(post_id).thread
            edited = self._single(root, {})
            plain = self._single(root, {post_id: Overlay()})
            if edited is None or plain is None:
                return "", ""
            texts = [
                wording_of(self.ledger, self.source, self.wish, each, destination=self.account)
                for each in (edited, plain)
            ]
        return texts[0].get(post_id, ""), texts[1].get(post_id, "")

    def trial(self, post_id: str, overlay: Overlay) -> Rendering | None:
        """How the post would read with this edit; None: it is not carried at all."""
        found = self.thread(self.find(post_id).thread, trial={post_id: overlay})
        return next((each.rendering for each in found if each.post_id == post_id), None)

    def schedule(self, pace: Pace | None = None) -> Schedule:
        """When all that is to be sent would be there, as if all of it were approved now."""
        limits, wanted_pace = self.wish.limits, pace or self.wish.pace
        budget = budget_of(self.ledger.queue, self.account, limits, wanted_pace, now=self.now())
        media = list(needs(self.entries()))
        wanted = blocks(media, max(1, -(-len(media) // _BLOCKS)))
        keeping = Keeping.of(limits)
        return simulate(wanted, self.now(), budget, seconds_each=SECONDS_EACH, keeping=keeping, most=_STEPS)

    # --- deciding

    def decide(self, seen: Mapping[str, str], ruling: Ruling) -> Ruled:
        """For the posts that still are what was seen of them (`Entry.version`)."""
        with self._lock:
            sound = {post_id: version for post_id, version in seen.items() if self._may(post_id, ruling)}
            ruled = self.ledger.reviews.decide(self.account, self.source, sound, ruling)
            ruled = replace(ruled, stale=(*ruled.stale, *(each for each in seen if each not in sound)))
            self._catch_up()
            if ruling.after is State.PENDING:
                self._again({self._entries[each].thread for each in ruled.posts})
            elif ruling.after is State.SKIPPED:
                self._again(self._threads_of(ruled.posts))
            return ruled

    def _may(self, post_id: str, ruling: Ruling) -> bool:
        """What is approved must be what would be sent."""
        return ruling.after is not State.APPROVED or self.find(post_id).in_line

    def take_back(self, moved: Sequence[Moved], *, by: str) -> int:
        """Undo a decision, as far as nobody has decided anew since."""
        with self._lock:
            count = self.ledger.reviews.restore(self.account, moved, by=by, now=self.now())
            touched = self._catch_up()
            if any(State.SKIPPED in (each.before, each.after) for each in moved):
                self._again({self._entries[each].thread for each in touched if each in self._entries})
            return count

    def edit(self, post_id: str, overlay: Overlay, ruling: Ruling) -> Overlay:
        """Lay it over the post. Raises PlanStale when `overlay.version` is not the last one."""
        with self._lock:
            thread = self.find(post_id).thread
            saved = self.ledger.reviews.save(
                self.source, post_id, overlay, account=self.account, ruling=ruling
            )
            self._revision += 1
            self._again({thread})
            return saved

    def described(self, post_id: str, position: int, ruling: Ruling) -> None:
        """A description of its picture was saved: tell the history, and propose the thread anew."""
        with self._lock:
            detail = f"description of picture {position + 1}"
            noted = replace(ruling, reason=detail)
            self.ledger.reviews.note(self.account, self.source, post_id, noted)
            self._revision += 1
            self._again({self.find(post_id).thread})

    def pin(self, seen: Mapping[str, str], ruling: Ruling, *, off: bool = False) -> Ruled:
        """Have posts come back on their day, or no more, if they still are what was seen of them."""
        with self._lock:
            self._catch_up()
            same = [each for each, version in seen.items() if self.find(each).version == version]
            pins = self.ledger.pins
            if off:
                done = pins.unpin(self.source, same)
            else:
                done = pins.pin(self.source, same, by=ruling.by, now=ruling.now)
            noted = replace(ruling, reason="unpinned" if off else "pinned")
            for post_id in done:
                self.ledger.reviews.note(self.account, self.source, post_id, noted)
            self._look_for_pins(pins.stamp(self.source))
            self._catch_up()
            stale = tuple(each for each in seen if each not in same)
            return Ruled(posts=tuple(same), stale=stale, moved=())

    def know(self, handles: Mapping[str, str]) -> None:
        """Who is where, as it is written down by now: what names them is proposed anew."""
        with self._lock:
            before = self.wish.handles
            moved = {each for each in {*before, *handles} if before.get(each) != handles.get(each)}
            if moved:
                self.wish = replace(self.wish, handles=handles)
                self._again({each.thread for each in self._entries.values() if each.people & moved})

    def retry(self, ids: Sequence[str] | None, *, by: str) -> int:
        """Put failures back in line; None: all of them."""
        named = None if ids is None else [(self.source, each) for each in ids]
        with self._lock:
            count = self.ledger.queue.retry(self.account, now=self.now(), posts=named, by=by)
            self._catch_up()
            return count

    # --- the plan

    def _read(self) -> None:
        found = chains(self.ledger.posts.headers(self.source), self.wish.rules)
        self._chains = {chain.ids[0]: chain for chain in found.chains}
        self._places = {chain.ids[0]: at for at, chain in enumerate(found.chains)}
        self._entries, self._threads, self._linked, self._pins = {}, {}, {}, ""
        proposals = propose(self.ledger, self.source, self.wish, destination=self.account, listing=True)
        passing = self._passing(proposals)
        self.behind = not self._write(passing)
        for _ in passing:  # what was not written is looked at all the same
            pass
        self._tide, _ = self.ledger.reviews.since(self.account, self.source, _NEVER)
        self._look(list(self._entries))

    def _passing(self, proposals: Iterable[Proposed]) -> Iterator[Proposed]:
        for each in proposals:
            self._take(each)
            yield each

    def _take(self, proposed: Proposed) -> None:
        known = self._entries.get(proposed.post_id)
        made = entry(proposed, known.overlay if known else 0)
        made.pinned = known is not None and known.pinned
        self._entries[made.post_id] = made
        if known is None:
            self._threads.setdefault(made.thread, []).append(made.post_id)
        place = self._places.get(made.thread, 0)
        if proposed.linked and proposed.post is not None:
            ids = proposed.post.edit_ids or (made.post_id,)
            self._linked.update((each, (place, StatusRef(post_id=made.post_id))) for each in ids)

    def _write(self, proposals: Iterable[Proposed]) -> bool:
        """Bring the ledger in line; False: a run is at work on the account, whose queue is left alone."""
        queue = self.ledger.queue
        try:
            hold = queue.hold(self.account, owner=this_process(), now=self.now(), seconds=_SECONDS)
        except Locked:
            return False
        try:
            queue.apply(actions_of(proposals), destination=self.account, source=self.source, now=self.now())
        finally:
            queue.release(hold)
        return True

    def _is_free(self) -> bool:
        row = self.ledger.queue.destination(self.account)
        return row is None or row.holder is None

    def _catch_up(self) -> set[str]:
        """Look again at the posts that something has happened to."""
        self._tide, touched = self.ledger.reviews.since(self.account, self.source, self._tide)
        self._look([each for each in touched if each in self._entries])
        return touched

    def _look(self, ids: Sequence[str]) -> None:
        known = self.ledger.queue.known(self.account, self.source, ids)
        for each in ids:
            self._entries[each].learn(known=tuple(known.get(each, ())))
        for post_id, edited in self.overlays(ids).items():
            self._entries[post_id].learn(overlay=edited.overlay.version)

    def _look_for_pins(self, stamp: str) -> None:
        pinned = self.ledger.pins.pinned(self.source)
        for each in self._entries.values():
            each.pinned = each.post_id in pinned
        self._pins = stamp

    def _threads_of(self, posts: Iterable[str]) -> set[str]:
        """Threads of several: whether a post is left out matters to those that answer it."""
        found = {self._entries[each].thread for each in posts if each in self._entries}
        return {root for root in found if len(self._threads[root]) > 1}

    def _again(self, threads: Collection[str]) -> None:
        """Propose these anew, and write what that changes."""
        if len(threads) > _MANY:
            self._read()
            return
        found = [each for root in threads if root in self._chains for each in self.thread(root)]
        for each in found:
            self._take(each)
        if not self._write(found):
            self.behind = True
        self._look([each.post_id for each in found])

    def _single(self, root: str, trial: Mapping[str, Overlay]) -> Single | None:
        chain = self._chains.get(root)
        if chain is None:
            return None
        place = self._places[root]

        def before(post_id: str) -> StatusRef | None:
            at, ref = self._linked.get(post_id, (place, None))
            return ref if at < place else None

        return Single(chain=chain, before=before, trial=trial)

    def _limited(self, proposed: Proposed) -> Proposed:
        """What only the number of posts leaves out stays out."""
        known = self._entries.get(proposed.post_id)
        if known is None or known.reason != "limit":
            return proposed
        return replace(proposed, decision=Decision.SKIP, reason="limit", actions=())

    def _left_out(self, post_id: str) -> list[Proposed]:
        each = self.find(post_id)
        post = self.ledger.posts.load(self.source, [post_id]).get(post_id)
        skip = Decision.SKIP
        return [Proposed(post_id=post_id, decision=skip, reason=each.reason, post=post, known=each.known)]
