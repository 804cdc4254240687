"""Which media go along, how they spread over statuses, and what is lost with them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bridge.fitting import Fate, Smaller, Strip, Wanted, change
from bridge.posts import Media, MediaType, Post
from bridge.rendering.options import Context
from bridge.rendering.split import words_within
from bridge.statuses import Change, Limits, MediaRef, Warn


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachments:
    """`sets`: what each status carries. Missing files stand with the first, to be seen but not sent."""

    sets: tuple[tuple[MediaRef, ...], ...] = ()
    rests: tuple[str, ...] = ()  #: what the server has no room for in a description, for statuses of its own
    warnings: tuple[Warn, ...] = ()
    changes: tuple[Change, ...] = ()
    linked: bool = False  #: what cannot go up is linked to instead
    hold: str | None = None  #: why a person decides what becomes of it

    @property
    def sendable(self) -> bool:
        return any(ref.file is not None for refs in self.sets for ref in refs)


NOTHING = Attachments()


def attach(post: Post, context: Context) -> Attachments:
    if not post.media:
        return NOTHING
    limits = context.limits
    fates = [fate for at, medium in enumerate(post.media) if (fate := context.fate(at, medium)) is not None]
    others = {fate.position: fate.recipe for fate in fates if isinstance(fate.recipe, Smaller)}
    refs = [_reference(at, medium, limits, others.get(at)) for at, medium in enumerate(post.media)]
    stuck = {fate.position for fate in fates if not _is_fitted(fate, context.wanted)}
    held = bool(stuck) and context.wanted.too_big in ("fit", "hold")
    big = [] if held else [ref for ref in refs if ref.position in stuck]  # what is held stays to be seen
    missing = tuple(ref for ref in refs if ref.file is None)
    sent = [ref for ref in refs if ref.file is not None and ref not in big]
    sets = list(_sets(sent, limits))
    if missing:
        sets[:1] = [(*(sets[0] if sets else ()), *missing)]
    told = tuple(_warnings(post, sent, missing))
    hold = _hold(told, held=held, context=context)
    rests = (
        tuple(_rests(post, sent))
        if context.options.alt_too_long == "reply" and not limits.needs_media
        else ()
    )
    return Attachments(
        sets=tuple(sets),
        rests=rests,
        warnings=(*(each for each in told if not (rests and each.code == "ALT_CUT")), *_told(fates, stuck)),
        changes=tuple(map(change, fates)),
        linked=bool(big) and context.wanted.too_big == "link",
        hold=hold,
    )


def _hold(told: Iterable[Warn], *, held: bool, context: Context) -> str | None:
    if held:
        return "media"
    undescribed = any(warning.code == "ALT_MISSING" for warning in told)
    return "alt_missing" if undescribed and context.options.alt_missing == "hold" else None


def _is_fitted(fate: Fate, wanted: Wanted) -> bool:
    """Metadata are taken out whatever is to become of what is too big; another version fits by itself."""
    return fate.fits and (wanted.too_big == "fit" or isinstance(fate.recipe, Strip | Smaller))


def _told(fates: Sequence[Fate], stuck: Collection[int]) -> Iterable[Warn]:
    for fate in fates:
        if fate.position in stuck:
            yield Warn(code="MEDIA_TOO_BIG", detail=change(fate).detail)
        elif not isinstance(fate.recipe, Strip):
            yield Warn(code="MEDIA_FITTED", detail=change(fate).detail)


def _reference(position: int, medium: Media, limits: Limits, other: Smaller | None) -> MediaRef:
    return MediaRef(
        position=position,
        type=medium.type,
        file=other.file if other else medium.file,
        container=other.container if other else medium.container,
        size=other.bytes if other else medium.size,
        url=medium.url,
        description=words_within(medium.alt, limits.description_length) if medium.alt else None,
    )


def _rests(post: Post, sent: Iterable[MediaRef]) -> Iterable[str]:
    """What was cut off descriptions, each under the number of its picture: understood in every language."""
    for ref in sent:
        whole = post.media[ref.position].alt or ""
        kept = (ref.description or "").removesuffix("…").rstrip()
        if ref.description and ref.description != whole and whole.startswith(kept):
            yield f"🖼 {ref.position + 1}: … {whole[len(kept) :].lstrip()}"


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
