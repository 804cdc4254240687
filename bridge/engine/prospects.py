"""What will become of media, told before anything is done: by sizes alone, and a look at a few of the files.

Sizes are known from the archive's directory; only what may exceed a limit is opened, and of that only the
headers are read. `fitted` goes all the way: every file is looked into, and made to fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from bridge.engine.propose import Decision, Proposed, Wish, propose
from bridge.errors import BridgeError, MediaError
from bridge.fitting import (
    CannotFit,
    Facts,
    Fate,
    Original,
    Recipe,
    Smaller,
    Strip,
    Wanted,
    decide,
    may_exceed,
    smaller_versions,
)
from bridge.media.remote import file_name
from bridge.posts import Media, MediaType, Variant
from bridge.statuses import Limits, MediaRef

if TYPE_CHECKING:
    from bridge.engine.files import FittedFiles
    from bridge.ledger import Ledger
    from bridge.media.fit import Fitted

Opener = Callable[[Media], BinaryIO]
Key = tuple[str | None, str | None]

_UNKNOWN = Facts(mime_type="", size=0)


class Prospects:
    """Gives the fate of a medium that does not go up as it is; None for all others."""

    def __init__(
        self,
        limits: Limits,
        wanted: Wanted,
        opener: Opener,
        *,
        fitted: Mapping[Key, Fitted | Exception] | None = None,
        fetched: Path | None = None,
    ) -> None:
        """`fetched`: the folder of what came from the old network, with smaller versions of films."""
        self._fetched = fetched
        self._limits = limits
        self._wanted = wanted
        self._opener = opener
        self._fitted = fitted or {}
        self._seen: dict[Key, tuple[Facts, Recipe]] = {}

    def __call__(self, position: int, medium: Media) -> Fate | None:
        fate = self._own_fate(position, medium)
        if fate is None or fate.fits or self._wanted.too_big != "fit":
            return fate
        return self._instead(fate, medium) or fate

    def wants_smaller(self, medium: Media) -> Sequence[Variant]:
        """Versions of a film that would do where the archive's cannot be made to fit, the best first."""
        if medium.type is MediaType.IMAGE or self._wanted.too_big != "fit":
            return ()
        fate = self._own_fate(0, medium)
        return () if fate is None or fate.fits else smaller_versions(medium, self._limits)

    def _own_fate(self, position: int, medium: Media) -> Fate | None:
        key = (medium.container, medium.file)
        if (known := self._fitted.get(key)) is not None:
            return _known(position, medium, known)
        if not may_exceed(medium, self._limits):
            return None
        if key not in self._seen:
            self._seen[key] = self._look(medium)
        facts, recipe = self._seen[key]
        if isinstance(recipe, Original | Strip):
            return None
        return Fate(position=position, file=medium.file or "", recipe=recipe, facts=facts)

    def _instead(self, fate: Fate, medium: Media) -> Fate | None:
        """By a version that was fetched, if there is one that the server takes."""
        if (folder := self._fetched) is None:
            return None
        post_id = fate.file.rpartition("/")[2].partition("-")[0]
        for version in smaller_versions(medium, self._limits):
            path = folder / file_name(post_id, version.url)
            if not path.is_file():
                continue
            size = path.stat().st_size
            other = msgspec.structs.replace(medium, file=path.name, container=str(path.parent), size=size)
            after, recipe = self._look(other)
            if isinstance(recipe, Original | Strip):
                recipe = Smaller(file=path.name, container=str(path.parent), bytes=size)
                return replace(fate, recipe=recipe, after=after)
        return None

    def _look(self, medium: Media) -> tuple[Facts, Recipe]:
        from bridge.media.probe import probe  # Pillow is loaded for the first file that needs a look

        name = (medium.file or "").rpartition("/")[2]
        try:
            with self._opener(medium) as stream:
                facts = probe(stream, name=name, size=medium.size or 0)
        except MediaError as error:
            return _UNKNOWN, CannotFit(reason=error.message.removeprefix(f"{name} ").removesuffix("."))
        except BridgeError:  # its archive is not there, which is said when it is needed
            return _UNKNOWN, Original()
        return facts, decide(facts, self._limits, self._wanted)


def fit_all(
    ledger: Ledger, source: str, wish: Wish, files: FittedFiles, *, destination: str | None
) -> Iterator[tuple[Key, Fitted | Exception]]:
    """Every file that would go up, made to fit in the order of publication."""
    proposed = propose(ledger, source, wish, destination=destination)
    refs = (ref for each in proposed if each.decision is not Decision.SKIP for ref in _files(each))
    for ref, outcome in files.all_fitted(refs):
        yield (ref.container, ref.file), outcome


def _files(proposed: Proposed) -> Iterator[MediaRef]:
    for at, medium in enumerate(proposed.post.media if proposed.post is not None else ()):
        if medium.file is not None:
            yield MediaRef(position=at, type=medium.type, file=medium.file, container=medium.container)


def _known(position: int, medium: Media, outcome: Fitted | Exception) -> Fate | None:
    name = (medium.file or "").rpartition("/")[2]
    if isinstance(outcome, Exception):
        reason = str(outcome).removeprefix(f"{name} ").removesuffix(".")
        return Fate(
            position=position, file=medium.file or "", recipe=CannotFit(reason=reason), facts=_UNKNOWN
        )
    if isinstance(outcome.recipe, Original):
        return None
    return Fate(
        position=position,
        file=medium.file or "",
        recipe=outcome.recipe,
        facts=outcome.before,
        after=outcome.after,
    )
