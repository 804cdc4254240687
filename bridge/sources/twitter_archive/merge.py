"""Two versions of one post, from archives of different years, become the truest one.

A version with the truer text (`Provenance.rank`, then the younger archive) gives the words and all that
describes them; everything else is joined by rules that do not depend on order, so archives may be read in
any. This holds for versions that name the same attachments, and the same words where ranks are equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from bridge.posts import Audience, Media, Post, Precision, Provenance, Reference, Span, SpanKind

_NEVER = datetime(1, 1, 1, tzinfo=UTC)
_PRECISION = (Precision.DAY, Precision.SECOND, Precision.MILLISECOND)
_AUDIENCE = (Audience.PUBLIC, Audience.COMMUNITY, Audience.CIRCLE, Audience.DELETED)


def merge(known: Post, new: Post) -> Post:
    """The truest union of two versions of one post; commutative, associative, idempotent."""
    if known == new:
        return known
    better, other = (known, new) if _truth(known) >= _truth(new) else (new, known)
    counts = max(known, new, key=_counted)
    time = max(known, new, key=_dated)
    return replace(
        better,
        created_at=time.created_at,
        precision=time.precision,
        spans=_spans(better, other),
        audience=max(known.audience, new.audience, key=_AUDIENCE.index),
        reply_to=_reference(known.reply_to, new.reply_to) if better.reply_to else None,
        quote=_reference(known.quote, new.quote) if better.quote else None,
        retweet_of=_reference(known.retweet_of, new.retweet_of),
        media=merge_media(better.media, other.media),
        language=better.language or other.language,
        sensitive=known.sensitive or new.sensitive,
        place=better.place or other.place,
        poll=better.poll or other.poll,
        edit_ids=tuple(sorted({*known.edit_ids, *new.edit_ids}, key=int)),
        likes=counts.likes,
        retweets=counts.retweets,
        client=better.client or other.client,
        provenance=tuple(sorted({*known.provenance, *new.provenance}, key=_stamp, reverse=True)),
    )


def _stamp(each: Provenance) -> tuple[int, datetime, str, str, str]:
    return each.rank, each.generated_at or _NEVER, each.era, each.archive, each.member


def _truth(post: Post) -> tuple[tuple[int, datetime, str, str, str], bytes]:
    best = max(map(_stamp, post.provenance), default=(0, _NEVER, "", "", ""))
    said = (
        post.text,
        post.kind,
        post.author,
        post.url,
        post.note,
        post.truncated,
        post.language,
        post.client,
    )
    return best, msgspec.json.encode((*said, post.spans))


def _counted(post: Post) -> tuple[datetime, int, int]:
    """Likes and retweets are those of the youngest archive that had any: G archives have none."""
    youngest = max(
        (each.generated_at or _NEVER for each in post.provenance if each.era[0] == "Y" or each.era == "GU"),
        default=_NEVER,
    )
    likes = -1 if post.likes is None else post.likes
    return youngest, likes, -1 if post.retweets is None else post.retweets


def _dated(post: Post) -> tuple[int, float]:
    return _PRECISION.index(post.precision), -post.created_at.timestamp()


def _spans(better: Post, other: Post) -> tuple[Span, ...]:
    """Later archives lose mentions of accounts that are gone; the same text elsewhere may still have them."""
    if better.text != other.text or better.spans == other.spans:
        return better.spans
    found: dict[tuple[int, int], Span] = {}
    for span in sorted((*other.spans, *better.spans), key=_span_key):
        found[span.start, span.end] = span
    kept: list[Span] = []
    for span in sorted(found.values(), key=lambda each: (each.start, -each.end)):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return tuple(kept)


def _span_key(span: Span) -> tuple[bool, bool, bool, str, str]:
    """The last of equal place wins: one that knows more over one that knows less."""
    resolved = span.kind is not SpanKind.LINK or "://t.co/" not in span.target
    return span.user_id is not None, span.post_id is not None, resolved, span.target, span.user_id or ""


def _reference(one: Reference | None, two: Reference | None) -> Reference | None:
    if one is None or two is None or one == two:
        return one or two
    return Reference(
        id=_either(one.id, two.id),
        author_id=_either(one.author_id, two.author_id),
        handle=_either(one.handle, two.handle),
        url=_either(one.url, two.url),
    )


def _either(one: str | None, two: str | None) -> str | None:
    return max((each for each in (one, two) if each), default=None)


def merge_media(better: tuple[Media, ...], other: tuple[Media, ...]) -> tuple[Media, ...]:
    """Files and alt texts from wherever they are."""
    if not better or not other or better == other:
        return better or other
    joined = []
    for medium in better:
        twin = next((each for each in other if _is_same(each, medium)), None)
        joined.append(_medium(medium, twin) if twin else medium)
    return tuple(joined)


def _is_same(one: Media, other: Media) -> bool:
    """By number; where a tool has none, by the name that the network's own address gives it."""
    if one.id and other.id:
        return one.id == other.id
    name = _name(one.url or "")
    return bool(name) and name == _name(other.url or "")


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2].partition(".")[0].partition(":")[0]


def _medium(better: Media, other: Media) -> Media:
    filed = max(
        (m for m in (better, other)), key=lambda m: (m.file is not None, m.file or "", m.container or "")
    )
    widest = max((better, other), key=lambda m: (m.width or 0, m.height or 0))
    return replace(
        better,
        id=_either(better.id, other.id),
        type=max(better.type, other.type, key=_film_first),
        url=_url((better, other)),
        file=filed.file,
        container=filed.container,
        size=filed.size,
        alt=max((m.alt for m in (better, other) if m.alt), key=lambda alt: (len(alt), alt), default=None),
        width=widest.width,
        height=widest.height,
        duration_ms=better.duration_ms or other.duration_ms,
        variants=max(better.variants, other.variants, key=lambda v: (len(v), str(v))),
    )


def _film_first(kind: str) -> tuple[bool, str]:
    return kind != "image", kind


def _url(media: Iterable[Media]) -> str | None:
    """The film's own URL over its poster's, which is all that G archives have."""
    return max(
        (m.url for m in media if m.url),
        key=lambda url: (url.partition("?")[0].endswith(".mp4"), url),
        default=None,
    )
