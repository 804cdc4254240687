"""Exports of other tools as a source: whose they are, and every post of that account in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from msgspec.structs import replace

from bridge.errors import BridgeError, SourceError, counted
from bridge.posts import Author, Post, Provenance
from bridge.sources.base import Notice, Page, Reject, Summary, account_of, is_same_person
from bridge.sources.exports.gallery_dl import Piece, read_gallery_dl
from bridge.sources.exports.records import SUFFIXES, Record, files_of, records
from bridge.sources.exports.shapes import FORMATS, Shape, shape_of
from bridge.sources.exports.told import Stamp
from bridge.sources.twitter_archive import merge as merging
from bridge.sources.twitter_archive.edits import collapse
from bridge.sources.twitter_archive.layout import find_layouts
from bridge.sources.twitter_archive.origin import Unfit

PAGE = 2000
_SAMPLE = 5_000  # records that are looked at to tell whose they are
_OTHERS = "OTHERS_LEFT_OUT"


def is_export(path: Path) -> bool:
    """Whether this is for `open_exports`, and not an archive: by what is in it."""
    if path.is_dir():
        files = files_of(path)
        scripts = (each.relative_to(path).as_posix() for each in path.rglob("*.js"))
        return bool(files) and not find_layouts(scripts) and not any(path.glob("*.zip"))
    if not path.is_file() or path.suffix.lower() in (".js", ".zip", ".csv"):
        return False
    with path.open("rb") as stream:
        head = stream.read(4096).lstrip(b"\xef\xbb\xbf \r\n\t")
    return head[:1] in (b"{", b"[") or path.suffix.lower() in SUFFIXES


def open_exports(paths: Sequence[Path], *, whose: Iterable[Author] = ()) -> Exports:
    """Files and folders about one account: of `whose` the one that occurs, else whoever wrote most of it.

    Raises `SourceError` when there is nothing in them that is known here, or no telling whose they are.
    """
    files = [file for path in paths for file in files_of(path)]
    name = ", ".join(path.name for path in paths)
    sample = list(islice(_sampled(files), _SAMPLE))
    if not sample:
        raise SourceError(f"{name} holds no posts that are known here.", hint=f"Understood are {FORMATS}.")
    owner = _owner(name, [post.author for _, post in sample], list(whose))
    era = "+".join(sorted({shape.name for shape, _ in sample}))
    return Exports(files, name=name, owner=owner, era=era)


class Exports:
    """Implements `Source`. Reads everything every time; what is known already is told by its digest."""

    stream = None

    def __init__(
        self, files: Sequence[Path], *, name: str, owner: Author, era: str, account: str | None = None
    ) -> None:
        self._files, self._name, self._owner, self._era = files, name, owner, era
        self._account = account or account_of(owner)

    @property
    def account(self) -> str:
        return self._account

    @property
    def owner(self) -> Author:
        return self._owner

    def under(self, account: str, owner: Author) -> Exports:
        """The same, for an account that is known under another name, or better."""
        return Exports(self._files, name=self._name, owner=owner, era=self._era, account=account)

    def summary(self) -> Summary:
        return Summary(name=self._name, owner=self._owner, era=self._era, parts=len(self._files))

    def pages(self, cursor: str | None = None) -> Iterator[Page]:
        """The cursor belongs to archives, which tell by it what was deleted in between: it is handed on."""
        reading = _Reading(self._owner)
        items = reading.items(self._files)
        while batch := list(islice(items, PAGE)):
            posts = (replace(p, source=self._account) for p in batch if isinstance(p, Post))
            rejects = tuple(each for each in batch if isinstance(each, Reject))
            yield Page(posts=tuple(posts), rejects=rejects, cursor=cursor)
        yield Page(notices=tuple(reading.notices(self._name)), cursor=cursor)

    def merge(self, known: Post, new: Post) -> Post:
        return merging.merge(known, new)

    def close(self) -> None:
        """Holds nothing open."""


class _Reading:
    """One pass over the files. Posts that come in pieces, or in versions, are held until all are here."""

    def __init__(self, owner: Author) -> None:
        self._owner = owner
        self._pieces: dict[str, list[tuple[Piece, str]]] = {}
        self._versions: dict[str, list[Post]] = {}
        self._others: Counter[str] = Counter()
        self._strangers = 0

    def items(self, files: Iterable[Path]) -> Iterator[Post | Reject]:
        for item in chain(self._read(files), self._joined()):
            if isinstance(item, Reject):
                yield item
            elif not is_same_person(item.author, self._owner):
                self._others[item.author.handle or item.author.id] += 1
            else:
                post = replace(item, author=self._owner)
                if post.edit_ids:
                    self._versions.setdefault(post.edit_ids[0], []).append(post)
                else:
                    yield post
        for versions in self._versions.values():
            yield collapse(versions)

    def notices(self, name: str) -> Iterator[Notice]:
        if total := sum(self._others.values()):
            named = ", ".join("@" + who.lstrip("@") for who, _ in self._others.most_common(3))
            more = ", …" if len(self._others) > 3 else ""
            yield Notice(
                code=_OTHERS,
                message=f"{name}: {counted(total, 'post')} by others left out ({named}{more}).",
            )
        if self._strangers:
            yield Notice(
                code="RECORDS_UNKNOWN",
                message=f"{name}: {counted(self._strangers, 'record')} in an unknown form left out.",
                hint=f"Understood are {FORMATS}.",
            )

    def _read(self, files: Iterable[Path]) -> Iterator[Post | Reject]:
        for file in files:
            for record in records(file):
                if record.entry is None:
                    yield Reject(place=record.place, reason=record.problem, excerpt=record.excerpt)
                    continue
                shape = shape_of(record.entry)
                if shape is None:
                    self._strangers += 1
                elif shape.pieces:
                    self._hold(record)
                else:
                    yield from _posts(shape, record, file)

    def _hold(self, record: Record) -> None:
        entry = record.entry or {}
        piece = (entry, record.beside)
        self._pieces.setdefault(str(entry.get("tweet_id")), []).append((piece, record.place))

    def _joined(self) -> Iterator[Post | Reject]:
        for pieces in self._pieces.values():
            place = pieces[0][1]
            try:
                yield from read_gallery_dl([piece for piece, _ in pieces], _stamp(place, "gallery-dl"))
            except Unfit as why:
                yield Reject(place=place, reason=str(why))


def _posts(shape: Shape, record: Record, file: Path) -> Iterator[Post | Reject]:
    entry = record.entry or {}
    try:
        for item in shape.read(entry, _stamp(file.name, shape.name)):
            yield item if isinstance(item, Post) else Reject(place=record.place, reason=str(item))
    except Unfit as why:
        yield Reject(place=record.place, reason=str(why), record=_id(record))
    except BridgeError:
        raise
    except Exception as why:  # one record must never stop the others
        reason = f"it could not be understood ({type(why).__name__}: {why})"
        yield Reject(place=record.place, reason=reason, record=_id(record))


def _id(record: Record) -> str | None:
    value = (record.entry or {}).get("id_str") or (record.entry or {}).get("id")
    return str(value) if isinstance(value, int | str) else None


def _stamp(place: str, era: str) -> Stamp:
    archive = place.partition(",")[0]
    return lambda rank: (Provenance(archive=archive, era=era, member="", rank=rank),)


def _sampled(files: Iterable[Path]) -> Iterator[tuple[Shape, Post]]:
    for file in files:
        for record in records(file):
            shape = shape_of(record.entry) if record.entry is not None else None
            if shape is not None:
                yield from ((shape, item) for item in _posts(shape, record, file) if isinstance(item, Post))


def _owner(name: str, authors: Sequence[Author], whose: Sequence[Author]) -> Author:
    """Who wrote at least half of it; a name alone counts as the number that it is seen with."""
    for author in whose:
        seen = next((each for each in authors if is_same_person(each, author)), None)
        if seen is not None:
            return seen if seen.id.isdigit() and not author.id.isdigit() else author
    counts = Counter(author.id for author in authors)
    most, count = counts.most_common(1)[0]
    if count * 2 < len(authors):
        some = ", ".join(f"@{a.handle}" if a.handle else a.id for a in dict.fromkeys(authors))
        raise SourceError(
            f"{name} holds posts of {len(counts):,} accounts ({some[:120]}), and none wrote the half of it.",
            hint='Say which one is meant: `account = "@name"` in its [sources.NAME].',
        )
    return next(author for author in reversed(authors) if author.id == most)
