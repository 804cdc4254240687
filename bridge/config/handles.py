"""`handles.csv`: who is where. Columns `twitter_id,twitter,fediverse,source,confirmed`; others are kept.

A row with a `source` came from a bio, a post or a list, and counts only once its server has `confirmed` it; a
row without one was written by a person, who answers for it, as for a file that has no column `confirmed`.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bridge.config.credentials import replace_file
from bridge.errors import ConfigError, PlanStale

_FEDIVERSE = re.compile(r"@?[\w.-]+@[\w.-]+\.[\w-]+")
_PAGE = re.compile(r"https?://([\w.-]+)/@([\w.-]+)/?")
_NAME = re.compile(r"@?[A-Za-z0-9_]{1,20}")
_COLUMNS = ("twitter_id", "twitter", "fediverse", "source", "confirmed")
_BY_HAND = "by hand"
_TOLD = 10  # mistakes that are listed

Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody whose server knows them: by number where it is known, since names are given to others."""

    fediverse: str  #: "@user@host"
    twitter: str = ""  #: without `@`
    twitter_id: str = ""
    source: str = ""
    confirmed: str = ""  #: the day

    @property
    def counts(self) -> bool:
        """Whether posts name them so."""
        return bool(self.fediverse and (self.confirmed or not self.source))

    @property
    def key(self) -> str:
        """The number, or "@name": what says who is meant."""
        return self.twitter_id or f"@{self.twitter.lower()}"


def load_handles(path: Path) -> dict[str, str]:
    """Fediverse handles, "@user@host", by user id and by "@name" in lower case.

    ConfigError: it has lines that nobody can make sense of; all of them are named.
    """
    handles: dict[str, str] = {}
    for row in _read(path)[1]:
        if row["fediverse"] and (row["confirmed"] or not row["source"]):
            target = "@" + row["fediverse"].lstrip("@")
            handles.update((key, target) for key in _keys(row))
    return handles


def people_in(path: Path) -> list[Person]:
    """Everybody who is written down with an address, whether it counts or not."""
    rows = _read(path)[1] if path.exists() else []
    return [_person(row) for row in rows if row["fediverse"]]


def put_handle(path: Path, person: Person, *, seen: str) -> str:
    """Write down the address that somebody has decided upon ("": none), in place of the one
    that they have `seen`; says it as it is kept.

    Raises PlanStale where it is another one by now, ConfigError where it makes no sense.
    """
    wanted = _address(person.fediverse)
    row = {name: getattr(person, name) for name in _COLUMNS} | {"fediverse": wanted}
    if wanted and (problem := _problem(row)):
        raise ConfigError(f"{problem[:1].upper()}{problem[1:]}.", hint="Go back, and mend it.")
    with _alone(path):
        columns, rows = _read(path) if path.exists() else ([], [])
        keys = set(_keys(row))
        known = next((each for each in rows if keys & set(_keys(each))), None)
        there = _address(known["fediverse"]) if known else ""
        if there != _address(seen):
            raise PlanStale(
                f"Somebody else has written {there or 'no address'} for {person.key} meanwhile.",
                hint="Look at it again.",
            )
        if known is not None and not wanted:
            rows.remove(known)
        elif known is not None:
            known |= {"fediverse": wanted, "source": "", "confirmed": ""}
        elif wanted:
            rows.append(row)
        _write(path, columns, rows)
    return wanted


def add_handles(path: Path, people: Iterable[Person]) -> int:
    """Writes down who is not there yet, or there without an address; what a person has written stays."""
    with _alone(path):
        return _add(path, people)


def _add(path: Path, people: Iterable[Person]) -> int:
    columns, rows = _read(path) if path.exists() else ([], [])
    places = {key: row for row in rows for key in _keys(row)}
    added = 0
    for person in people:
        row = {name: getattr(person, name) for name in _COLUMNS}
        known = next((places[key] for key in _keys(row) if key in places), None)
        if known is None:
            rows.append(row)
            places.update((key, row) for key in _keys(row))
        elif not known["fediverse"] or (known["source"] and not known["confirmed"]):
            known.update((name, value) for name, value in row.items() if value)
        else:
            continue
        added += 1
    if added:
        _write(path, columns, rows)
    return added


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys((*columns, *_COLUMNS))), restval="")
    writer.writeheader()
    writer.writerows(rows)
    replace_file(path, text.getvalue())


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else changes it meanwhile. Its folder is locked, since the file itself is replaced; where a
    system has no such locks, whoever writes last wins."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _address(said: str) -> str:
    """ "@user@host", of an address or of the page that a browser shows; else as it is."""
    page = _PAGE.fullmatch(said.strip())
    said = f"{page[2]}@{page[1]}" if page else said.strip()
    return f"@{said.lstrip('@')}" if said else ""


def _person(row: Row) -> Person:
    values = {name: row[name] for name in _COLUMNS}
    return Person(**values | {"twitter": row["twitter"].lstrip("@"), "fediverse": _address(row["fediverse"])})


def keys_of(path: Path) -> frozenset[str]:
    """Of everybody who has an address there that counts."""
    return frozenset(load_handles(path)) if path.exists() else frozenset()


def _read(path: Path) -> tuple[list[str], list[Row]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="", restkey="")
            columns = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = columns
            rows: list[Row] = []
            vouched = {} if "confirmed" in columns else {"confirmed": _BY_HAND}
            problems = [*_header(columns)]
            for row in reader:
                rest = row.pop("", None)
                clean = {name: (value or "").strip() for name, value in row.items()}
                rows.append(dict.fromkeys(_COLUMNS, "") | vouched | clean)
                extra = any(cell.strip() for cell in rest or ())
                problem = "it has more cells than the header" if extra else _problem(rows[-1])
                problems += [f"line {reader.line_num}: {problem}"] if problem else []
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text.", hint="Save it as CSV in UTF-8.") from None
    except csv.Error as error:
        raise ConfigError(f"{path} is not CSV: {error}.", hint="Save it as CSV in UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    if problems:
        more = f"; and {len(problems) - _TOLD:,} more" if len(problems) > _TOLD else ""
        raise ConfigError(
            f"{path}, {'; '.join(problems[:_TOLD])}{more}.", hint="Mend these lines, or take them out."
        )
    return columns, rows


def _header(columns: list[str]) -> Iterable[str]:
    if columns and not ("fediverse" in columns and {"twitter", "twitter_id"} & set(columns)):
        yield f"line 1: the columns are called {', '.join(_COLUMNS[:3])}, not {', '.join(columns)}"


def _problem(row: Row) -> str | None:
    """Why nobody can make sense of it; a row without an address waits for one."""
    if not row["fediverse"]:
        return None
    if not _FEDIVERSE.fullmatch(row["fediverse"]):
        return f"{row['fediverse']!r} is not a handle such as @user@server.example"
    if not row["twitter"] and not row["twitter_id"]:
        return f"it does not say who {row['fediverse']} is on Twitter"
    if row["twitter"] and not _NAME.fullmatch(row["twitter"]):
        return f"{row['twitter']!r} is not a name such as @jane"
    if row["twitter_id"] and not row["twitter_id"].isdecimal():
        return f"{row['twitter_id']!r} is not the number of an account"
    return None


def _keys(row: Row) -> list[str]:
    name = row["twitter"].lstrip("@").lower()
    return [key for key in (row["twitter_id"], f"@{name}" if name else "") if key]
