"""Which media go along, how they spread over statuses, and what is lost with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bridge.fitting import Fate, Strip, Wanted, change
from bridge.posts import Media, MediaType, Post
from bridge.rendering.options import Context
from bridge.rendering.split import words_within
from bridge.statuses import Change, Limits, MediaRef, Warn


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachments:
    """`sets`: what each status carries. Missing files stand with the first, to be seen but not sent."""

    sets: tuple[tuple[MediaRef, ...], ...] = ()
    warnings: tuple[Warn, ...] = ()
    changes: tuple[Change, ...] = ()
    linked: bool = False  #: what cannot go up is linked to instead
    held: bool = False  #: a person decides what becomes of it

    @property
    def sendable(self) -> bool:
        return any(ref.file is not None for refs in self.sets for ref in refs)


NOTHING = Attachments()


def attach(post: Post, context: Context) -> Attachments:
    if not post.media:
        return NOTHING
    limits = context.limits
    refs = [_reference(at, medium, limits) for at, medium in enumerate(post.media)]
    fates = [fate for at, medium in enumerate(post.media) if (fate := context.fate(at, medium)) is not None]
    stuck = {fate.position for fate in fates if not _is_fitted(fate, context.wanted)}
    held = bool(stuck) and context.wanted.too_big in ("fit", "hold")
    big = [] if held else [ref for ref in refs if ref.position in stuck]  # what is held stays to be seen
    missing = tuple(ref for ref in refs if ref.file is None)
    sent = [ref for ref in refs if ref.file is not None and ref not in big]
    sets = list(_sets(sent, limits))
    if missing:
        sets[:1] = [(*(sets[0] if sets else ()), *missing)]
    return Attachments(
        sets=tuple(sets),
        warnings=(*_warnings(post, sent, missing), *_told(fates, stuck)),
        changes=tuple(map(change, fates)),
        linked=bool(big) and context.wanted.too_big == "link",
        held=held,
    )


def _is_fitted(fate: Fate, wanted: Wanted) -> bool:
    """Metadata are taken out whatever is to become of what is too big."""
    return fate.fits and (wanted.too_big == "fit" or isinstance(fate.recipe, Strip))


def _told(fates: Sequence[Fate], stuck: Collection[int]) -> Iterable[Warn]:
    for fate in fates:
        if fate.position in stuck:
            yield Warn(code="MEDIA_TOO_BIG", detail=change(fate).detail)
        elif not isinstance(fate.recipe, Strip):
            yield Warn(code="MEDIA_FITTED", detail=change(fate).detail)


def _reference(position: int, medium: Media, limits: Limits) -> MediaRef:
    return MediaRef(
        position=position,
        type=medium.type,
        file=medium.file,
        container=medium.container,
        size=medium.size,
        url=medium.url,
        description=words_within(medium.alt, limits.description_length) if medium.alt else None,
    )


def _sets(refs: Iterable[MediaRef], limits: Limits) -> Iterable[tuple[MediaRef, ...]]:
    """As many as a status takes, in their order; a film by itself where kinds must not mix."""
    gathered: list[MediaRef] = []
    for ref in refs:
        alone = not limits.mixes_media and ref.type is not MediaType.IMAGE
        full = len(gathered) >= max(1, limits.max_media)
        if gathered and (
            alone or full or (not limits.mixes_media and gathered[0].type is not MediaType.IMAGE)
        ):
            yield tuple(gathered)
            gathered = []
        gathered.append(ref)
    if gathered:
        yield tuple(gathered)


def _warnings(post: Post, sent: Sequence[MediaRef], missing: Sequence[MediaRef]) -> Iterable[Warn]:
    if missing:
        yield Warn(code="MEDIA_MISSING", detail=" ".join(ref.url or str(ref.position + 1) for ref in missing))
    if any(ref.type is MediaType.IMAGE and not ref.description for ref in sent):
        yield Warn(code="ALT_MISSING")
    if any(ref.description != post.media[ref.position].alt for ref in sent if ref.description):
        yield Warn(code="ALT_CUT")
