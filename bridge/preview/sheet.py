"""The decision sheet: a row a post, which colleagues fill in with whatever opens a table, and send back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bridge.engine.sharing import Decided, Sentence
from bridge.errors import SourceError
from bridge.preview.words import printable
from bridge.publications import State

COLUMNS = (
    "key", "id", "date", "kind", "standing", "link", "text", "warning", "pictures", "undescribed",
    "decision", "reason", "new_text", "pin",
)  # fmt: skip
_VERBS = {
    "approve": State.APPROVED, "approved": State.APPROVED, "yes": State.APPROVED,
    "approuver": State.APPROVED, "approuvé": State.APPROVED, "oui": State.APPROVED,
    "exclude": State.SKIPPED, "excluded": State.SKIPPED, "no": State.SKIPPED,
    "écarter": State.SKIPPED, "ecarter": State.SKIPPED, "écarté": State.SKIPPED, "non": State.SKIPPED,
    "return": State.PENDING, "reprendre": State.PENDING,
}  # fmt: skip
_PINS = {"yes": True, "pin": True, "x": True, "oui": True, "no": False, "unpin": False, "non": False}
_LARGEST = 200_000_000  # bytes; a sheet of a million posts has less


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What was read. `unclear`: the numbers of lines whose decision is none that we know."""

    decided: tuple[Decided, ...]
    unclear: tuple[int, ...] = ()


def write_sheet(stream: TextIO, sentences: Iterable[Sentence]) -> int:
    """Every post that is carried, or was excluded by somebody; says how many."""
    rows = csv.writer(stream)
    rows.writerow(COLUMNS)
    count = 0
    for each in sentences:
        date = f"{each.entry.at:%Y-%m-%d}" if each.entry.at else ""
        told = (_key(each.entry.post_id, each.entry.version), each.entry.post_id, date, each.entry.kind)
        shown = (each.link or "", _inert(each.text), _inert(each.warning))
        rows.writerow(
            (
                *told,
                each.entry.standing.value,
                *shown,
                each.entry.pictures,
                len(each.entry.undescribed),
                "",
                "",
                "",
                "",
            )
        )
        count += 1
    return count


def read_sheet(path: Path) -> Sheet:
    """Only rows in which something was decided or written. Raises SourceError."""
    decided: list[Decided] = []
    unclear: list[int] = []
    for number, row in _rows(path):
        said, new = row["decision"].strip().casefold(), _live(row["new_text"]).strip()
        after = _VERBS.get(said)
        pinning = row["pin"].strip().casefold()
        pin = _PINS.get(pinning)
        if (said and after is None) or (pinning and pin is None):
            unclear.append(number)
        elif after is not None or new or pin is not None:
            text = new if new and new != _live(row["text"]).strip() else None
            reason = " ".join(printable(row["reason"]).split()) or None
            post_id, version = _parts(row["key"])
            decided.append(
                Decided(post_id=post_id, version=version, after=after, reason=reason, text=text, pin=pin)
            )
    return Sheet(decided=tuple(decided), unclear=tuple(unclear))


def _key(post_id: str, version: str) -> str:
    """Begins with a letter: spreadsheets round long numbers, and take some hexadecimal ones for powers."""
    return f"p{post_id}-{version}"


def _parts(key: str) -> tuple[str, str]:
    post_id, _, version = key.strip().removeprefix("p").rpartition("-")
    return post_id, version


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    text = _text(path)
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        missing = {"key", "decision"} - set(reader.fieldnames or ())
        if missing:
            raise SourceError(
                f"{path} is no decision sheet: it has no column {', '.join(sorted(missing))}.",
                hint="Take the sheet of `passerelle review --export`, and keep its columns.",
            )
        for row in reader:
            yield reader.line_num, {name: row.get(name) or "" for name in COLUMNS}
    except csv.Error as error:
        raise SourceError(f"{path} cannot be read as a table: {error}.", hint="Save it as CSV.") from error


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise SourceError(f"{path} is far larger than any decision sheet.", hint="Check the file.")
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.", hint="Check its path.") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:  # some spreadsheets still save so
        return content.decode("cp1252", errors="replace")


def _inert(text: str) -> str:
    """A spreadsheet would take some beginnings for a formula; `_live` takes the mark off again."""
    return re.sub(r"^(?=[=+\-@\t\r])", "'", text)


def _live(text: str) -> str:
    return re.sub(r"^'(?=[=+\-@\t\r])", "", text.replace("\r\n", "\n"))
