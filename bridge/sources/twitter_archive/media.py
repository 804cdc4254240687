"""Which file belongs to which attachment: by its exact name, under another id, or by the id it starts with.

`<id of the tweet>-<last segment of the media URL>`; for films the segment is that of the best mp4. A retweet
has a copy of its own, under its own id. Files of one account may be spread over several archives, and over
zips inside the media folders.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bridge.errors import SourceError
from bridge.posts import Media, MediaType, Variant
from bridge.sources.twitter_archive.container import Container, FolderContainer, ZipContainer
from bridge.sources.twitter_archive.members import is_media
from bridge.sources.twitter_archive.text import plain
from bridge.sources.twitter_archive.wire import Dimensions, MediaWire

_TYPES = {"photo": MediaType.IMAGE, "video": MediaType.VIDEO, "animated_gif": MediaType.GIFV}
_FILM = (".mp4", ".mov", ".m4v", ".webm")
_DRAWN = 10  # letters of a name that the network has drawn by lot: no other medium has it


class Place(NamedTuple):
    container: str
    member: str
    size: int


class Shelf:
    """All media files of an account's archives. Counts what was asked for and what was not there."""

    def __init__(self, containers: Iterable[Container]) -> None:
        self.notices: list[str] = []
        self._places: dict[str, Place] = {}
        for container in containers:
            for name, place in self._files(container):
                self._places.setdefault(name, place)
        self._sorted: list[str] | None = None
        self._copies: dict[str, Place] | None = None
        self.asked = self.missing = 0

    def __len__(self) -> int:
        return len(self._places)

    def _files(self, container: Container) -> Iterator[tuple[str, Place]]:
        path = str(container.path)
        for member, size in container.names.items():
            if not is_media(member):
                continue
            if member.lower().endswith(".zip"):
                yield from self._inside(container, member)
            else:
                yield member.rpartition("/")[2], Place(path, member, size)

    def _inside(self, container: Container, member: str) -> Iterator[tuple[str, Place]]:
        if not isinstance(container, ZipContainer | FolderContainer):
            return
        try:
            inner = container.nested(member)
        except SourceError as problem:
            self.notices.append(problem.message)
            return
        for name, size in inner.names.items():
            place = Place(str(container.path), f"{member}!/{name}", size)
            yield name.rpartition("/")[2], place

    def media_of(self, post_id: str, items: list[MediaWire]) -> tuple[Media, ...]:
        """The attachments of a post, each with its file where there is one."""
        kinds = [_type_of(item) for item in items]
        names = [f"{post_id}-{_file_name(item)}" for item in items]
        places = [self._places.get(name) for name in names]
        self.asked += len(items)
        if None in places and self._places:
            places = [place or self._copy(name) for name, place in zip(names, places, strict=True)]
            places = self._guess(post_id, kinds, places)
        self.missing += places.count(None)
        return tuple(map(_media, items, kinds, places))

    def _copy(self, name: str) -> Place | None:
        """The same medium under the id of another post: a retweet of this one, or what this one repeats."""
        if self._copies is None:
            self._copies = {}
            for known, place in self._places.items():
                number, _, rest = known.partition("-")
                if number.isdigit() and len(rest.partition(".")[0]) >= _DRAWN:
                    self._copies.setdefault(rest, place)
        return self._copies.get(name.partition("-")[2])

    def _guess(
        self, post_id: str, kinds: Sequence[MediaType], places: Sequence[Place | None]
    ) -> list[Place | None]:
        """Files of the right kind that start with the post's id and were not claimed by name."""
        if self._sorted is None:
            self._sorted = sorted(self._places)
        prefix = f"{post_id}-"
        first = bisect_left(self._sorted, prefix)
        spare = []
        for name in self._sorted[first : first + 64]:
            if not name.startswith(prefix):
                break
            if self._places[name] not in places:
                spare.append(name)
        guessed = list(places)
        for index, kind in enumerate(kinds):
            fitting = [
                name for name in spare if name.lower().endswith(_FILM) == (kind is not MediaType.IMAGE)
            ]
            if guessed[index] is None and fitting:
                guessed[index] = self._places[fitting[0]]
                spare.remove(fitting[0])
        return guessed


def _type_of(item: MediaWire) -> MediaType:
    """G archives name no type: their video posters lead to `/video/1`."""
    if item.type in _TYPES and (item.type != "photo" or not item.expanded_url):
        return _TYPES[item.type]
    film = "/video/" in (item.expanded_url or "") and (item.type is None or item.video_info is not None)
    return MediaType.VIDEO if film else MediaType.IMAGE


def _best(item: MediaWire) -> str | None:
    """The mp4 with the highest bit rate; its place in the list means nothing."""
    if item.video_info is None:
        return None
    films = [v for v in item.video_info.variants if v.url and v.content_type == "video/mp4"]
    best = max(films, key=lambda variant: (variant.bitrate or 0, variant.url or ""), default=None)
    return best.url if best else None


def _file_name(item: MediaWire) -> str:
    url = _best(item) or item.media_url_https or item.media_url or ""
    return url.partition("?")[0].rpartition("/")[2]


def _media(item: MediaWire, kind: MediaType, place: Place | None) -> Media:
    size = _dimensions(item)
    film = item.video_info
    variants = film.variants if film else ()
    return Media(
        type=kind,
        id=item.id_str,
        url=_best(item) or item.media_url_https or item.media_url,
        file=place.member if place else None,
        container=place.container if place else None,
        size=place.size if place else None,
        alt=plain(item.media_alt or item.ext_alt_text or "").strip() or None,
        width=size.w if size and size.w > 0 else None,
        height=size.h if size and size.h > 0 else None,
        duration_ms=film.duration_millis if film else None,
        variants=tuple(
            Variant(url=v.url, content_type=v.content_type or "", bitrate=v.bitrate)
            for v in sorted(variants, key=lambda v: (v.bitrate or 0, v.url or ""))
            if v.url
        ),
    )


def _dimensions(item: MediaWire) -> Dimensions | None:
    """Display sizes: the largest of a list in G archives, `large` elsewhere."""
    if isinstance(item.sizes, list):
        return max(item.sizes, key=lambda each: each.w, default=None)
    return item.sizes.large if item.sizes else None
