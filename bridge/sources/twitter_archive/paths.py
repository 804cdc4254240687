"""From the paths that a person names to the archives in them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from bridge.errors import SourceError
from bridge.sources.base import Notice
from bridge.sources.twitter_archive.container import Container, FolderContainer, ZipContainer
from bridge.sources.twitter_archive.export import (
    Export,
    era_of,
    expected,
    has_items,
    made_at,
    name_of,
    read_small,
)
from bridge.sources.twitter_archive.layout import Layout, Role, find_layouts
from bridge.sources.twitter_archive.owner import owner_of
from bridge.sources.twitter_archive.strangers import stranger
from bridge.sources.twitter_archive.wire import Manifest

_BESIDE = ("manifest.js", "account.js", "note-tweet.js", "tweet-headers.js", "user_details.js")
_LOOK_AT = 20_000  #: names that are looked at to tell what a folder is
_WHAT_FITS = "Name the archive as it was downloaded from Twitter/X (.zip), or the unzipped folder."


def open_exports(paths: Sequence[Path]) -> list[Export]:
    """Every archive at or below these paths, the youngest first. Raises `SourceError` where there is none."""
    exports: list[Export] = []
    for path in dict.fromkeys(path.absolute() for path in paths):
        found = list(_below(path))
        if not found:
            raise SourceError(*_nothing(path))
        exports += found
    full = [export for export in exports if has_items(export.container, export.layout)]
    if not full:
        names = ", ".join(export.name for export in exports)
        raise SourceError(f"{names} is empty: it holds no tweets.", hint="Download the archive again.")
    return sorted(full, key=_youngest_first)


def _youngest_first(export: Export) -> tuple[float, str]:
    return (-export.generated_at.timestamp() if export.generated_at else 0.0, export.name)


def _below(path: Path) -> Iterator[Export]:
    for container in _containers(path):
        layouts = find_layouts(container.names)
        real = [layout for layout in layouts if _is_archive(container, layout)]
        for layout in real or layouts:
            yield _export(container, layout)


def _containers(path: Path) -> Iterator[Container]:
    if not path.exists():
        raise SourceError(f"{path} does not exist.", hint=_WHAT_FITS)
    if path.is_dir():
        folder = FolderContainer(path)
        yield folder
        whole = len(folder.zips) == 1 and not find_layouts(folder.names)
        for inner in sorted(folder.zips):
            opened = _opened(inner, strict=whole)
            if opened:
                yield opened
    elif path.suffix.lower() in (".js", ".csv"):
        only = frozenset((path.name, *_BESIDE))
        yield FolderContainer(path.parent, only=only)
    else:
        _refuse_other_kinds(path)
        yield ZipContainer(path)


def _opened(path: Path, *, strict: bool) -> ZipContainer | None:
    """A zip that lies in the named folder: what is no archive of tweets is left alone."""
    try:
        opened = ZipContainer(path)
    except SourceError:
        if strict or path.name.startswith("twitter-"):
            raise
        return None
    if strict or find_layouts(opened.names):
        return opened
    opened.close()
    return None


def _refuse_other_kinds(path: Path) -> None:
    other = stranger([path.name])
    if other is None and path.name.lower().endswith((".tar.gz", ".tgz")):
        other = "a .tar.gz archive (Mastodon exports are such)"
    if other:
        raise SourceError(f"{path} is {other}, not a Twitter archive.", hint=_WHAT_FITS)


def _is_archive(container: Container, layout: Layout) -> bool:
    """Whether the files are what their names say: a web page may have a `tweets.js` of its own."""
    for member in (*layout.of(Role.TWEETS)[:1], *layout.of(Role.MONTH)[:1]):
        with container.open(member) as stream:
            head = stream.read(4096)
        return b"YTD.tweet" in head or b"Grailbird" in head or head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"["
    return True


def _export(container: Container, layout: Layout) -> Export:
    manifest = read_small(container, layout.of(Role.MANIFEST), Manifest)
    owner = owner_of(container, layout, manifest)
    full, counts, absent = expected(container, layout, manifest)
    info = manifest.archive_info if manifest else None
    return Export(
        container=container,
        layout=full,
        name=name_of(container, layout),
        era=era_of(container, layout, manifest),
        owner=owner,
        generated_at=made_at(container, layout, manifest),
        partial=bool(info and info.is_partial_archive),
        counts=counts,
        absent=absent,
        notices=tuple(_missing(container, layout, known=bool(owner.id), manifest=manifest is not None)),
    )


def _missing(container: Container, layout: Layout, *, known: bool, manifest: bool) -> Iterator[Notice]:
    name = name_of(container, layout)
    if layout.family == "Y" and not manifest:
        yield Notice(
            code="MANIFEST_MISSING",
            message=f"{name} has no readable manifest.js, so nobody can tell whether it is complete.",
        )
    if layout.family == "Y" and not layout.of(Role.ACCOUNT):
        yield Notice(
            code="ACCOUNT_MISSING",
            message=f"{name} has no account.js; whose it is was told from other files."
            if known
            else f"{name} has no account.js, and nothing else tells whose it is.",
        )


def _nothing(path: Path) -> tuple[str]:
    other = stranger(_names(path))
    if other:
        return (f"{path} is {other}, not a Twitter archive. {_WHAT_FITS}",)
    return (f"{path} holds no tweets: there is no tweets.js, tweet.js or data/js/tweets in it. {_WHAT_FITS}",)


def _names(path: Path) -> Iterable[str]:
    if path.is_file():
        container = ZipContainer(path) if path.suffix.lower() not in (".js", ".csv") else None
        names = list(islice(container.every_name(), _LOOK_AT)) if container else [path.name]
        if container:
            container.close()
        return names
    walk = os.walk(path)
    every = (
        (Path(folder).relative_to(path) / name).as_posix() for folder, _, files in walk for name in files
    )
    return islice(every, _LOOK_AT)
