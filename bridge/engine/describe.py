"""Descriptions of media: which are missing among what is carried, and which medium a description is of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bridge.engine.propose import Decision, Wish, propose
from bridge.errors import MediaError
from bridge.ledger import Ledger
from bridge.ledger.rows import Description
from bridge.posts import Media, MediaType, Post, SpanKind
from bridge.sources.alt_texts import AltTexts, Told, media_name

_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """One picture or film of a post that is carried, with what is said of it so far."""

    post: Post
    position: int  #: from 0
    media: Media
    draft: str | None = None  #: a program's words, which nobody has approved


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    descriptions: tuple[Description, ...]
    strangers: tuple[Told, ...]  #: of posts that are not in the ledger
    astray: tuple[Told, ...]  #: of known posts that have no such medium


def worklist(
    ledger: Ledger, source: str, wish: Wish, *, destination: str | None = None, missing: bool
) -> Iterator[Medium]:
    """The media of what is carried, in the order of publication, where there is a file to be looked at.

    `missing`: only pictures that nobody has described; films may do without, a picture may not.
    """
    carried: list[Post] = []
    for proposed in propose(ledger, source, wish, destination=destination):
        if proposed.decision is not Decision.SKIP and proposed.post is not None and proposed.post.media:
            carried.append(proposed.post)
        if len(carried) >= _BATCH:
            yield from _wanted(ledger, source, carried, missing=missing)
            carried = []
    yield from _wanted(ledger, source, carried, missing=missing)


def _wanted(ledger: Ledger, source: str, posts: Sequence[Post], *, missing: bool) -> Iterator[Medium]:
    drafts = {
        (each.post_id, each.position): each.text
        for each in ledger.descriptions.of(source, [post.id for post in posts])
        if not each.approved
    }
    for post in posts:
        for position, media in enumerate(post.media):
            undescribed = media.type is MediaType.IMAGE and not media.alt
            if media.file is not None and (undescribed or not missing):
                yield Medium(post=post, position=position, media=media, draft=drafts.get((post.id, position)))


def readable(post: Post) -> str:
    """The text as somebody sees it who describes its pictures: links in full, but for those to media."""
    text, spoken = post.text, {SpanKind.LINK: True, SpanKind.MEDIA: False}
    for span in reversed(post.spans):
        if span.kind in spoken:
            text = text[: span.start] + (span.target if spoken[span.kind] else "") + text[span.end :]
    return text.strip()


def match(ledger: Ledger, found: AltTexts) -> Matched:
    """Every description with its medium: by the medium's id, its name, or its place in the post."""
    given: list[Description] = []
    strangers: list[Told] = []
    astray: list[Told] = []
    for told, post in _with_posts(ledger, found.told):
        position = None if post is None else position_of(told, post)
        if post is None:
            strangers.append(told)
        elif position is None:
            astray.append(told)
        else:
            given.append(
                Description(
                    source=post.source,
                    post_id=post.id,
                    position=position,
                    text=told.text,
                    origin=found.format,
                )
            )
    return Matched(descriptions=tuple(given), strangers=tuple(strangers), astray=tuple(astray))


def _with_posts(ledger: Ledger, told: Sequence[Told]) -> Iterator[tuple[Told, Post | None]]:
    sources = [row.account for row in ledger.posts.sources()]
    for start in range(0, len(told), _BATCH):
        some = told[start : start + _BATCH]
        posts: dict[str, Post] = {}
        for source in sources:
            posts.update(ledger.posts.load(source, [each.post_id for each in some]))
        for each in some:
            if each.post_id not in posts and (known := ledger.posts.find(each.post_id)) is not None:
                posts[each.post_id] = ledger.posts.load(known[0], [known[1]])[known[1]]  # an edited post
            yield each, posts.get(each.post_id)


def position_of(told: Told, post: Post) -> int | None:
    """None: the post has no such medium, or nothing says which."""
    if told.key is not None:
        for position, media in enumerate(post.media):
            if media.id == told.key:
                return position
    if told.name is not None:
        for position, media in enumerate(post.media):
            if told.name in _names(media):
                return position
    if told.index is not None:
        return told.index - 1 if 1 <= told.index <= len(post.media) else None
    return 0 if len(post.media) == 1 else None


def _names(media: Media) -> set[str | None]:
    """Its name on the network, and in the archive, where the id of the post stands before it."""
    inside = (media.file or "").rpartition("/")[2].partition("-")[2].rpartition(".")[0]
    return {media_name(media.url) if media.url else None, inside or None} - {None}


def drafts(
    media: Iterable[Medium], write: Callable[[Medium], str], *, patience: int = 3
) -> Iterator[tuple[Medium, str | MediaError]]:
    """What a program says of each picture, or why nothing. After some failures in a row it is left."""
    vain = 0
    for medium in media:
        try:
            text = write(medium)
        except MediaError as error:
            vain += 1
            yield medium, error
            if vain >= patience:
                return
        else:
            vain = 0
            yield medium, text
