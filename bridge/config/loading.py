"""Settings from their layers: option > environment > `config.toml` > default. All problems at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource

from bridge.config.home import Home
from bridge.config.settings import OnThisDay, Pacing, Render, Select, Settings, Watch
from bridge.errors import ConfigError

Tree = Mapping[str, Any]
T = TypeVar("T", bound=BaseModel)

#: Options that are called otherwise than their settings.
OPTIONS = {
    "select.ids": "--id", "select.kinds": "--kind", "select.languages": "--lang",
    "select.hashtags": "--hashtag",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    name: str  #: "option", "environment", or the path of the settings file
    values: Tree

    def says(self, path: str) -> str:
        """How this layer spells a setting, for messages."""
        if self.name == "option":
            path = ".".join(path.split(".")[:2])  # a place within a list is none of the option's
            return OPTIONS.get(path, "--" + path.rpartition(".")[2].replace("_", "-"))
        if self.name == "environment":
            return "PASSERELLE_" + path.replace(".", "__").upper()
        return f"{self.name}: {path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    settings: Settings
    home: Home
    layers: tuple[Layer, ...]  #: weakest first

    def origin(self, path: str) -> str:
        """Where a value comes from, as its layer spells it; "default" when nobody said anything."""
        layer = _owner(self.layers, path)
        return layer.says(path) if layer else "default"

    def select(self, mirror: str | None = None) -> Select:
        return self._refined("select", mirror, Select)

    def render(self, mirror: str | None = None) -> Render:
        return self._refined("render", mirror, Render)

    def pace(self, mirror: str | None = None) -> Pacing:
        return self._refined("pace", mirror, Pacing)

    def watch(self, mirror: str | None = None) -> Watch:
        return self._refined("watch", mirror, Watch)

    def on_this_day(self, mirror: str | None = None) -> OnThisDay:
        return self._refined("on_this_day", mirror, OnThisDay)

    def path(self, path: Path) -> Path:
        """A path of the settings file is relative to that file."""
        return self.home.config.parent / path.expanduser()

    def _refined(self, table: str, mirror: str | None, model: type[T]) -> T:
        """Each layer's common table, then its mirror's own, so that an option still beats a file."""
        merged: dict[str, Any] = {}
        for layer in self.layers:
            merged = _merge(merged, layer.values.get(table, {}))
            if mirror:
                merged = _merge(merged, layer.values.get("mirrors", {}).get(mirror, {}).get(table, {}))
        return model.model_validate(merged)


def load(home: Home, options: Tree | None = None) -> Loaded:
    """Raises one ConfigError that lists every problem of every layer with its place."""
    layers = (
        Layer(name=str(home.config), values=_read(home.config)),
        Layer(name="environment", values=EnvSettingsSource(Settings)()),
        Layer(name="option", values=options or {}),
    )
    merged: dict[str, Any] = {}
    for layer in layers:
        merged = _merge(merged, layer.values)
    try:
        settings = Settings(**merged)
    except ValidationError as error:
        raise _all(list(_problems(error, layers))) from None
    problems = list(_dangling(settings, layers))
    if problems:
        raise _all(problems)
    return Loaded(settings=settings, home=home, layers=layers)


def _read(path: Path) -> Tree:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.", hint="Mend that line.") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error


def _merge(under: Tree, over: object) -> dict[str, Any]:
    merged = dict(under)
    for key, value in (over if isinstance(over, Mapping) else {}).items():
        known = merged.get(key)
        merged[key] = (
            _merge(known, value) if isinstance(known, Mapping) and isinstance(value, Mapping) else value
        )
    return merged


def _owner(layers: tuple[Layer, ...], path: str) -> Layer | None:
    for layer in reversed(layers):
        found: Any = layer.values
        for key in path.split("."):
            found = found.get(key) if isinstance(found, Mapping) else None
        if found is not None:
            return layer
    return None


def _problems(error: ValidationError, layers: tuple[Layer, ...]) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_context=False):
        keys = [str(key) for key in problem["loc"]]
        path = ".".join(keys)
        layer = next(
            (owner for n in range(len(keys), 0, -1) if (owner := _owner(layers, ".".join(keys[:n])))), None
        )
        place = layer.says(path) if layer else path
        if problem["type"] == "extra_forbidden":
            yield f"{place}: there is no such setting"
        else:
            yield f"{place}: {problem['msg'].removeprefix('Value error, ')}"


def _dangling(settings: Settings, layers: tuple[Layer, ...]) -> Iterator[str]:
    def place(path: str) -> str:
        layer = _owner(layers, path)
        return layer.says(path) if layer else path

    for name, mirror in settings.mirrors.items():
        yield from (
            f"{place(f'mirrors.{name}.sources')}: there is no [sources.{source}]"
            for source in mirror.sources
            if source not in settings.sources
        )
        if mirror.destination not in settings.destinations:
            yield f"{place(f'mirrors.{name}.destination')}: there is no [destinations.{mirror.destination}]"


def _all(problems: list[str]) -> ConfigError:
    if len(problems) == 1:
        return ConfigError(problems[0] + ".", hint="`passerelle config check` looks again.")
    listed = "\n".join(f"  {problem}" for problem in problems)
    return ConfigError(
        f"{len(problems)} settings need mending:\n{listed}", hint="`passerelle config check` looks again."
    )
