"""One file on its way to a server: looked into, and made to fit where it must be."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bridge.errors import MediaError, Unfit
from bridge.fitting import (
    CannotFit,
    Facts,
    Original,
    Picture,
    Recipe,
    Remux,
    Strip,
    Transcode,
    Wanted,
    decide,
)
from bridge.media import metadata
from bridge.media.cache import Cache, Kept
from bridge.media.files import SUFFIXES, FileFacts, describe, named
from bridge.media.films import Job, fit_film
from bridge.media.pictures import fit_picture
from bridge.media.probe import check, probe
from bridge.statuses import Limits

_CHUNK = 1 << 20

Open = Callable[[], BinaryIO]
Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What goes up: `path` None is the original."""

    file: FileFacts
    recipe: Recipe
    before: Facts
    after: Facts
    path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    content: BinaryIO
    facts: Facts
    stop: Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitter:
    """What a destination wants of files, and where those are kept that were made for it."""

    limits: Limits
    wanted: Wanted
    cache: Cache

    def fit(self, name: str, source: Open, *, stop: Stop = lambda: False) -> Fitted:
        """Unfit, in one sentence: it cannot go up, neither as it is nor otherwise. `stop` ends long work."""
        try:
            return self._fit(name, source, stop)
        except MediaError as error:
            raise Unfit(error.message, hint=error.hint) from error

    def _fit(self, name: str, source: Open, stop: Stop) -> Fitted:
        given = describe(name, source)
        base = name.replace("\\", "/").rpartition("/")[2]
        with source() as stream:
            content = _seekable(stream, given)
            facts = probe(content, name=base, size=given.size)
            recipe = decide(facts, self.limits, self.wanted)
            if isinstance(recipe, CannotFit):
                raise MediaError(f"{base} {recipe.reason}.")
            if self.wanted.too_big != "fit" and not isinstance(recipe, Original | Strip):
                raise MediaError(f"{base} is larger than the server takes.")
            if isinstance(recipe, Original):
                content.seek(0)
                check(content, facts, name=base)
                return Fitted(file=given, recipe=recipe, before=facts, after=facts)
            kept = self.cache.get(given.sha256, recipe) or self._made(
                given, recipe, _Work(content=content, facts=facts, stop=stop)
            )
        file = FileFacts(
            name=named(base, kept.facts.mime_type),
            mime_type=kept.facts.mime_type,
            size=kept.facts.size,
            sha256=kept.sha256,
        )
        return Fitted(file=file, recipe=recipe, before=facts, after=kept.facts, path=kept.path)

    def _made(self, given: FileFacts, recipe: Recipe, work: _Work) -> Kept:
        work.content.seek(0)
        with self.cache.workplace() as place:
            try:
                made = _carried_out(recipe, work, place, given.name)
                after = self._seen(made, given.name)
            except MediaError as problem:
                self.cache.give_up(given.sha256, recipe, problem.message)
                raise
            return self.cache.put(given.sha256, recipe, made, after)

    def _seen(self, made: Path, name: str) -> Facts:
        """Believed only when it is looked at: what still does not fit would be refused."""
        with made.open("rb") as stream:
            after = probe(stream, name=name, size=made.stat().st_size)
        if not isinstance(decide(after, self.limits, self.wanted), Original):
            raise MediaError(f"{name} does not fit, whatever is done to it.")
        return after


def _carried_out(recipe: Recipe, work: _Work, place: Path, name: str) -> Path:
    if isinstance(recipe, Strip):
        return _stripped(work, place, name)
    if isinstance(recipe, Remux | Transcode):
        return _film(recipe, work, place, name)
    assert isinstance(recipe, Picture)
    kind, picture = fit_picture(work.content, work.facts, recipe, name=name)
    made = place / f"made.{'jpg' if kind == 'JPEG' else kind.lower()}"
    made.write_bytes(picture)
    return made


def _film(recipe: Remux | Transcode, work: _Work, place: Path, name: str) -> Path:
    """From a file of its own: to jump about in a member of a zip is to unpack it again each time."""
    source, made = place / "source", place / "made.mp4"
    with source.open("wb") as stream:
        shutil.copyfileobj(work.content, stream, _CHUNK)
    fit_film(source, work.facts, recipe, made, Job(name=name, stop=work.stop))
    return made


def _stripped(work: _Work, place: Path, name: str) -> Path:
    check(work.content, work.facts, name=name)
    work.content.seek(0)
    made = place / f"made{SUFFIXES[work.facts.mime_type]}"
    with made.open("wb") as stream:
        try:
            metadata.strip(work.facts.mime_type, work.content, stream, name=name)
        except (ValueError, IndexError) as damage:
            raise MediaError(f"{name} is damaged: {damage}.") from damage
    return made


def _seekable(stream: BinaryIO, given: FileFacts) -> BinaryIO:
    """A picture in memory, since decoders jump about; a film where it lies, since only its index is read."""
    return io.BytesIO(stream.read()) if given.mime_type.startswith("image/") else stream
