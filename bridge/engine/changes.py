"""Published posts that would read otherwise today: `preview --changed` shows, `publish --update` edits them.

Everything is compared anew from the ledger; nothing is asked of the server, and nothing is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from bridge.engine.propose import Wish, overlays_of, rendering_options
from bridge.engine.wording import as_edited, as_sent
from bridge.fitting import Facts, Fate, Smaller, Wanted
from bridge.ledger import Ledger
from bridge.ledger.rows import Standing
from bridge.planning import Comparison, Revise, Said, plan_revisions
from bridge.posts import Media, MediaType, Post, Thread
from bridge.publications import Publication
from bridge.rendering import Context, Overlay, render
from bridge.rendering.text import link_to
from bridge.selection import Chain, Header, Limiter, chains, select
from bridge.statuses import Limits, MediaRef, Rendering, StatusDraft, StatusRef, Warn, draft_digest

_OVER = datetime.max.replace(tzinfo=UTC)  # no poll is open then

_BATCH = 100  # threads in memory at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A published post that would read otherwise. `left`: no edit can do that (bridge.planning.LEFT).

    With neither edits nor `left` there is something to be told, and nothing to be done.
    """

    post: Post
    rendering: Rendering
    edits: tuple[tuple[Publication, Revise], ...] = ()
    left: str | None = None
    warnings: tuple[Warn, ...] = ()


@dataclass(slots=True)
class Compared:
    """What was looked at so far."""

    posts: int = 0
    statuses: int = 0
    _digest: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    @property
    def digest(self) -> str:
        """Of how everything that stands is to read; carrying it out does not change it."""
        return str(self._digest.hexdigest())

    def add(self, post_id: str, comparison: Comparison, *, statuses: int) -> None:
        self.posts += 1
        self.statuses += statuses
        wanted = [f"{draft_digest(each.draft)} {each.text}" for each in comparison.wanted]
        self._digest.update("\x1f".join((post_id, comparison.left or "", *wanted, "\n")).encode())


class Changes:
    """The changed posts of a source at an account, in the order of publication; may be iterated again."""

    def __init__(
        self,
        ledger: Ledger,
        source: str,
        wish: Wish,
        destination: str,
        *,
        adopted: bool = False,
        among: Collection[Header] | None = None,
    ) -> None:
        """`among`: only these posts, each with its own; None: all."""
        self.source = source
        self.destination = destination
        self._ledger = ledger
        self._wish = wish
        self._adopted = adopted
        self._among = among
        self._options = rendering_options(ledger, source, wish)
        self._canonical: dict[
            str, str
        ] = {}  # of posts that were edited by their author: each id, to the last
        self._overlays: Mapping[str, Overlay] = {}
        self._sorts: dict[tuple[bool, bool], Limits] = {}
        self.compared = Compared()

    def __iter__(self) -> Iterator[Changed]:
        self.compared = Compared()
        limiter = Limiter(self._wish.rules.limit)
        for post, standing in self._published():
            rendering = self._rendering(post, standing)
            comparison = self._comparison(rendering, standing)
            changed = bool(comparison.revise or comparison.left)
            if changed and not limiter.admits(1):
                return
            self.compared.add(post.id, comparison, statuses=len(standing))
            if changed or comparison.warnings:
                yield _changed(post, rendering, standing, comparison)

    def _published(self) -> Iterator[tuple[Post, list[Standing]]]:
        """What is selected today, and stands."""
        headers = list(self._ledger.posts.headers(self.source) if self._among is None else self._among)
        self._canonical = {each: header.id for header in headers for each in header.ids}
        found = iter(chains(headers, self._wish.rules).chains)
        while batch := list(islice(found, _BATCH)):
            yield from self._batch(batch)

    def _batch(self, batch: Sequence[Chain]) -> Iterator[tuple[Post, list[Standing]]]:
        ids = [post_id for chain in batch for post_id in chain.ids]
        standing = self._ledger.queue.standing(self.destination, self.source, ids)
        self._overlays = overlays_of(self._ledger, self.source, ids)
        wanted = [chain for chain in batch if any(post_id in standing for post_id in chain.ids)]
        posts = self._ledger.posts.load(self.source, [post_id for chain in wanted for post_id in chain.ids])
        for chain in wanted:
            thread = Thread(posts=tuple(posts[each] for each in chain.ids), parents=chain.parents)
            if select(thread, self._wish.rules) is None:
                yield from ((post, standing[post.id]) for post in thread.posts if post.id in standing)

    def _rendering(self, post: Post, standing: Iterable[Standing]) -> Rendering:
        """By today's rules, with the means of then: an edit makes no quote and dates nothing back."""
        drafts = [each.row.draft for each in standing]
        limits = self._limits(
            quotes=any(draft.quote is not None or draft.quote_of is not None for draft in drafts),
            backdates=any(draft.backdate is not None for draft in drafts),
        )
        first = next((draft for draft in drafts if draft.part == 1), None)
        linked = {ref.post_id: ref for draft in drafts for ref in _refs(draft)}
        context = Context(
            limits=limits,
            options=self._options,
            handles=self._wish.handles,
            links=self._wish.links,
            own=lambda post_id: self._own(post_id, linked),
            wanted=self._wanted(post, drafts),
            fate=self._fate(drafts),
            live=self._wish.live and post.id not in self._wish.late,
            now=None if any(draft.poll is not None for draft in drafts) else _OVER,
            overlay=self._overlays.get,
            boost=lambda _: first.boost if first else None,
            quotable=lambda _: first.quote_of if first else None,
        )
        return render(post, context, in_reply_to=first.in_reply_to if first else None)

    def _limits(self, *, quotes: bool, backdates: bool) -> Limits:
        """Made once for each of the few sorts of posts that there are."""
        wish, sort = self._wish, (quotes, backdates)
        if sort not in self._sorts:
            # What is published as it is written is never dated back.
            backdates = wish.limits.backdates if wish.live else backdates
            self._sorts[sort] = replace(wish.limits, quotes=quotes, backdates=backdates)
        return self._sorts[sort]

    def _wanted(self, post: Post, drafts: Sequence[StatusDraft]) -> Wanted:
        """Whether what could not go up is linked to: as it was, else as is wanted now; never held anew."""
        said = self._wish.media.too_big
        link = link_to(post)
        if link is not None and any(link in draft.text for draft in drafts):
            return replace(self._wish.media, too_big="link")
        return replace(self._wish.media, too_big=said if said == "link" else "skip")

    def _fate(self, drafts: Sequence[StatusDraft]) -> Callable[[int, Media], Fate | None]:
        """Of media that the plan had left out; all others went, or were to go."""
        planned = {ref.position: ref for draft in drafts for ref in draft.media}
        whole = bool(drafts) and len(drafts) == drafts[0].parts

        def fate(position: int, medium: Media) -> Fate | None:
            if (ref := planned.get(position)) is not None:
                return _as_it_went(ref, medium)
            if not whole:
                return None
            found = self._wish.fate(position, medium)
            would_go = found is not None and found.fits and self._wish.media.too_big == "fit"
            return None if would_go else found

        return fate

    def _own(self, post_id: str, linked: Mapping[str, StatusRef]) -> StatusRef | None:
        """As it was linked, or because it stands by now."""
        known = self._canonical.get(post_id, post_id)
        if known in linked:
            return StatusRef(post_id=known)
        remote = self._ledger.queue.remote(self.destination, self.source, known)
        return None if remote is None else StatusRef(post_id=known)

    def _comparison(self, rendering: Rendering, standing: Sequence[Standing]) -> Comparison:
        limits, ledger = self._wish.limits, self._ledger
        parts = {each.row.draft.part: each for each in standing}
        adopted = any(each.row.is_adopted and each.edited is None for each in standing)

        def write(before: Said, draft: StatusDraft) -> str:
            return as_edited(ledger, parts[before.draft.part], draft, limits)

        said = [as_sent(ledger, each, limits) for each in standing]
        if adopted and not self._adopted:  # compared with what we would have written, and left alone
            said = [replace(each, text=write(each, each.draft)) for each in said]
        comparison = plan_revisions(rendering, said, write)
        return (
            Comparison(left="adopted") if adopted and not self._adopted and comparison.revise else comparison
        )


def _changed(
    post: Post, rendering: Rendering, standing: Sequence[Standing], comparison: Comparison
) -> Changed:
    rows = {each.row.draft.part: each.row for each in standing}
    if comparison.wanted:
        rendering = replace(rendering, drafts=tuple(each.draft for each in comparison.wanted))
    edits = tuple((rows[revise.after.draft.part], revise) for revise in comparison.revise)
    return Changed(
        post=post, rendering=rendering, edits=edits, left=comparison.left, warnings=comparison.warnings
    )


def _refs(draft: StatusDraft) -> Iterator[StatusRef]:
    yield from (link.to for link in draft.own_links)
    if draft.quote is not None:
        yield draft.quote


def _as_it_went(ref: MediaRef, medium: Media) -> Fate | None:
    """A film that went in a smaller version stands so, whatever lies in the archive."""
    if medium.type is MediaType.IMAGE or ref.file in (None, medium.file):
        return None
    recipe = Smaller(file=ref.file or "", container=ref.container or "", bytes=ref.size or 0)
    return Fate(
        position=ref.position, file=medium.file or "", recipe=recipe, facts=Facts(mime_type="", size=0)
    )
