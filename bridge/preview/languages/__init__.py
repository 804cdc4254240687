"""The words of the pages, one table a language; a new language is a copy of `en.toml`, translated.

Where a sentence depends on a number, it has a form for each of the language's plurals (`posts.one`,
`posts.other`), by the rules of CLDR. What English says about warnings stands in `bridge.engine.hints`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal, format_percent

from bridge.engine.hints import HINTS

LANGUAGES = ("en", "fr")
#: Sections that only the review desk speaks from.
DESK = frozenset({
    "nav", "standing", "overview", "desk", "edit", "alt", "history", "event", "happened", "results", "pacing",
    "people", "run", "enter", "trouble", "pack",
})  # fmt: skip


def closest(tag: str | None) -> str:
    """The language among ours that is nearest to `fr-CA`; English if there is none."""
    primary = (tag or "").replace("_", "-").lower().partition("-")[0]
    return primary if primary in LANGUAGES else LANGUAGES[0]


@dataclass(frozen=True)
class Words:
    """One language. `table` maps `section.name` to a sentence with `{names}` in it."""

    tag: str
    table: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        return self.table[key].format(**values)

    def count(self, key: str, n: int, **values: object) -> str:
        form = f"{key}.{self._locale.plural_form(n)}"
        return self.table.get(form, self.table[f"{key}.other"]).format(n=self.number(n), **values)

    def number(self, n: float) -> str:
        return str(format_decimal(n, locale=self._locale))

    def day(self, at: date) -> str:
        return str(format_date(at, "long", locale=self._locale))

    def month(self, at: date) -> str:
        return str(format_skeleton("yMMM", at, locale=self._locale))

    def short(self, at: datetime) -> str:
        """Day and minute, in the time zone of this machine."""
        return str(format_datetime(at.astimezone(), "short", locale=self._locale))

    def percent(self, share: float) -> str:
        return str(format_percent(share, locale=self._locale))

    def moment(self, at: datetime) -> str:
        """In the time zone of this machine."""
        return str(format_datetime(at.astimezone(), "long", locale=self._locale))

    def size(self, count: int) -> str:
        amount, unit = float(count), "B"
        for bigger in ("kB", "MB", "GB", "TB"):
            if amount < 1000:
                break
            amount, unit = amount / 1000, bigger
        rounded = round(amount) if unit == "B" or amount >= 10 else round(amount, 1)
        return f"{self.number(rounded)} {self(f'unit.{unit}')}"

    def duration(self, seconds: float) -> str:
        """The two largest units."""
        minutes = round(seconds / 60)
        if minutes < 1:
            return self("time.moment")
        days, hours, left = minutes // 1440, minutes // 60 % 24, minutes % 60
        if days:
            return " ".join(self._units(days=days, hours=hours))
        return " ".join(self._units(hours=hours, minutes=left))

    def hint(self, code: str) -> str:
        """What a warning means, or what would carry what is skipped."""
        return self.table.get(f"hint.{code}", HINTS.get(code, ""))

    def reason(self, reason: str) -> str:
        """A person's own reason is told in that person's words."""
        return self.table.get(f"reason.{reason}", reason)

    def _units(self, **amounts: int) -> Iterator[str]:
        yield from (self.count(f"time.{unit}", n) for unit, n in amounts.items() if n)

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(self.tag)


def words(tag: str) -> Words:
    text = files("bridge.preview.languages").joinpath(f"{tag}.toml").read_text(encoding="utf-8")
    return Words(tag=tag, table=dict(_flat(tomllib.loads(text))))


def _flat(tables: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tables.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield path + name, value
