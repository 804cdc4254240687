"""How a post reads at its destination: `render` takes a post and gives the statuses to be published. Pure.

The steps: what the text says; which media go along; what warning it bears; when it was said; whether it fits,
and how it is spread over statuses if not. Whatever is lost on the way is told by a warning.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bridge.posts import Audience, Kind, Post
from bridge.rendering.attachments import Attachments, attach
from bridge.rendering.dates import instant, stamp
from bridge.rendering.entities import mention_matches
from bridge.rendering.languages import language_tag
from bridge.rendering.length import measure, measure_spoiler
from bridge.rendering.options import Context, Overlay, RenderOptions
from bridge.rendering.overlay import CONFLICT, conflict_warnings, laid_over, reworded
from bridge.rendering.polls import poll_draft, poll_lines
from bridge.rendering.split import PARAGRAPH, Body, Fit, Piece, breaks, cut_short, length, split, whole
from bridge.rendering.spoilers import warning_text
from bridge.rendering.text import Written, link_to, shifted, write
from bridge.statuses import Boost, PollDraft, Rendering, StatusDraft, StatusRef, Visibility, Warn

__all__ = ["Context", "Overlay", "RenderOptions", "measure", "render", "wording"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What all parts of a post have in common."""

    written: Written
    attachments: Attachments
    spoiler: str
    language: str | None
    poll: PollDraft | None
    in_reply_to: StatusRef | None
    boost: Boost | None = None


def render(post: Post, context: Context, *, in_reply_to: StatusRef | None = None) -> Rendering:
    """The statuses that carry a post, complete and final, or why there are none."""
    overlay, written = context.overlay(post.id), write(post, context)
    doubts = conflict_warnings(post, overlay)
    if overlay is not None:
        written = reworded(written, context, overlay)
        post, context = laid_over(post, context, overlay)
    boost = _boost(post, context, overlay)
    if boost is not None:  # of what may be passed on in one piece, there is to be one piece
        context = replace(context, options=replace(context.options, too_long="note"))
    spoiler, cut = warning_text(post, context)
    said = _Said(
        written=written,
        attachments=attach(post, context),
        spoiler=spoiler,
        language=language_tag(post.language, context.limits.language_tags),
        poll=poll_draft(post, context),
        in_reply_to=in_reply_to,
        boost=boost,
    )
    warnings = (*doubts, *said.written.warnings, *said.attachments.warnings, *cut, *_losses(post, said))
    if lost := _nothing_left(post, said, context):
        return Rendering(post_id=post.id, drafts=(), warnings=warnings, skip=lost)
    pieces, more = _pieces(post, said, context)
    pieces += [piece for rest in said.attachments.rests if pieces for piece in _apart(rest, said, context)]
    pieces = pieces if boost is None else pieces[:1]
    drafts = tuple(_draft(post, said, context, (part, pieces)) for part in range(1, len(pieces) + 1))
    return Rendering(
        post_id=post.id,
        drafts=drafts,
        warnings=(*warnings, *more),
        skip=None if drafts else "too_long",
        hold=(CONFLICT if doubts else said.attachments.hold) if drafts else None,
        changes=said.attachments.changes,
    )


def _boost(post: Post, context: Context, overlay: Overlay | None) -> Boost | None:
    """What a retweet passes on, unless somebody has put it in words of their own."""
    if post.kind is not Kind.RETWEET or not context.limits.boosts:
        return None
    return None if overlay is not None and overlay.text is not None else context.boost(post)


def wording(post: Post, context: Context) -> str:
    """The text as a person edits it: whole, links and names in place, without the date."""
    overlay, written = context.overlay(post.id), write(post, context)
    return (written if overlay is None else reworded(written, context, overlay)).text


def _losses(post: Post, said: _Said) -> Iterable[Warn]:
    if post.truncated or (post.kind is Kind.RETWEET and post.text.endswith("…")):
        yield Warn(code="TRUNCATED", detail=link_to(post) or "")
    if post.audience is Audience.CIRCLE:
        yield Warn(code="CIRCLE", detail="was for a chosen few; is carried for followers only")
    if post.audience is Audience.DELETED:
        yield Warn(code="DELETED", detail="was deleted by its author")
    if post.poll is not None and said.poll is None:
        yield Warn(code="POLL_LOST", detail="its choices are written out")


def _nothing_left(post: Post, said: _Said, context: Context) -> str | None:
    sendable = said.attachments.sendable
    if context.limits.needs_media and not sendable:
        return "needs_media"
    linked = said.attachments.linked
    quotes = said.written.quote or said.written.quote_of
    return None if said.written.text or quotes or post.poll or sendable or linked else "empty"


def _pieces(post: Post, said: _Said, context: Context) -> tuple[list[Piece], tuple[Warn, ...]]:
    """The texts of the parts, by what is to be done with long ones."""
    options, limits = context.options, context.limits
    body = _body(post, said, context)
    sets = max(1, len(said.attachments.sets))
    size = limits.max_characters - measure_spoiler(said.spoiler, limits)
    everything = whole(body, limits)
    fits = length(everything, limits) <= size
    if fits and sets == 1:
        return [everything], ()
    fit = Fit(limits=limits, size=size, numbered=options.numbering == "auto", at_least=sets)
    if fits:
        return split(body, fit), ()
    if options.too_long == "skip":
        return [], ()
    if options.too_long == "note" or limits.needs_media:  # there, a part without media is refused
        short = cut_short(body, fit, link_to(post) or "")
        return [short, *[Piece(text="")] * (sets - 1)], (Warn(code="TEXT_CUT"),)
    broken = breaks(body, fit)
    if broken and fit.numbered:  # rather no number than half a link
        fit = replace(fit, numbered=False)
        broken = breaks(body, fit)
    pieces = split(body, fit)
    told = Warn(code="TOO_LONG_SPLIT", detail=f"{len(pieces)} parts")
    if not broken:
        return pieces, (told,)
    calm = [replace(piece, text=_without_calls(piece.text)) for piece in pieces]
    return calm, (told, Warn(code="LINK_SPLIT"))


def _apart(text: str, said: _Said, context: Context) -> list[Piece]:
    """A text that follows the post in statuses of its own."""
    size = context.limits.max_characters - measure_spoiler(said.spoiler, context.limits)
    fit = Fit(limits=context.limits, size=size, numbered=False)
    calm = _without_calls(text, remote=True)  # a description is no address
    return [replace(piece, text=_without_calls(piece.text)) for piece in split(Body(text=calm), fit)]


def _without_calls(text: str, *, remote: bool = False) -> str:
    """What may read as a mention has its sign made wide, which takes the same room: so does half a link.

    Names with a host stay, unless `remote` ones are meant too.
    """
    for match in mention_matches(text):
        if remote or match[2] is None:
            text = f"{text[: match.start()]}＠{text[match.start() + 1 :]}"
    return text


def _body(post: Post, said: _Said, context: Context) -> Body:
    written, dating = said.written, context.options.date_stamp
    text, links = written.text, written.own_links
    if post.poll is not None and said.poll is None:
        text = PARAGRAPH.join(filter(None, (text, poll_lines(post, context.now))))
    if said.attachments.linked:
        text = PARAGRAPH.join(filter(None, (text, link_to(post))))
    if dating == "auto":
        dating = "none" if context.limits.backdates or context.live else "suffix"
    if dating == "none":
        return Body(text=text, own_links=links)
    dated = stamp(post, said.language, context.options)
    if dating == "suffix":
        return Body(text=text, own_links=links, tail=dated)
    return Body(
        text=PARAGRAPH.join(filter(None, (dated, text))), own_links=shifted(links, len(dated + PARAGRAPH))
    )


def _draft(post: Post, said: _Said, context: Context, place: tuple[int, list[Piece]]) -> StatusDraft:
    part, pieces = place
    piece, limits, sets = pieces[part - 1], context.limits, said.attachments.sets
    return StatusDraft(
        post_id=post.id,
        part=part,
        parts=len(pieces),
        text=piece.text,
        length=length(piece, limits) + measure_spoiler(said.spoiler, limits),
        spoiler_text=said.spoiler,
        sensitive=post.sensitive or bool(said.spoiler),
        visibility=Visibility.PRIVATE if post.audience is Audience.CIRCLE else context.options.visibility,
        language=said.language,
        in_reply_to=said.in_reply_to if part == 1 else StatusRef(post_id=post.id, part=part - 1),
        quote=said.written.quote if part == 1 else None,
        quote_of=said.written.quote_of if part == 1 else None,
        own_links=piece.own_links,
        media=sets[part - 1] if part <= len(sets) else (),
        poll=said.poll if part == 1 else None,
        backdate=instant(post, part) if limits.backdates and not context.live else None,
        boost=said.boost if part == 1 else None,
    )
