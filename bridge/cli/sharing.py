"""`review --export` and `--import`: for colleagues who have no desk."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.cli.output import Output
from bridge.cli.tables import number, safe
from bridge.errors import ConfigError, counted

if TYPE_CHECKING:
    from bridge.engine.review import Desk
    from bridge.engine.sharing import TakenIn
    from bridge.preview.sheet import Sheet

_SHOWN = 5


def spoken(desk: Desk) -> str:
    """The language of the account, as far as the pages speak it."""
    from bridge.preview.languages import closest

    return closest(desk.wish.options.locale or desk.ledger.posts.language(desk.source))


def export_pack(
    output: Output, desk: Desk, path: Path, *, language: str | None, sources: Sequence[str]
) -> int:
    """The preview page, the sheet, and how to fill it in, in one file."""
    from bridge.engine.originals import original
    from bridge.engine.portrait import portrait
    from bridge.engine.sharing import sentences
    from bridge.preview import pictures
    from bridge.preview.languages import words
    from bridge.preview.page import PreviewPage, Setting
    from bridge.preview.plan import preview_plan
    from bridge.preview.sheet import write_sheet

    tag = language or spoken(desk)
    face = portrait(desk.ledger, desk.source, sources)
    setting = Setting(
        wish=desk.wish,
        language=tag,
        pictures=pictures.inline(original),
        face=pictures.within(face) if face else None,
    )
    page = PreviewPage(setting)
    made = preview_plan(
        desk.ledger, desk.source, desk.wish, now=desk.now(), destination=desk.account, sinks=[page]
    )
    sheet = io.StringIO(newline="")
    count = write_sheet(sheet, sentences(desk))
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("preview.html", page.html(made))
        pack.writestr("decisions.csv", "\ufeff" + sheet.getvalue())
        pack.writestr("README.txt", words(tag)("pack.readme", account=desk.account))
    output.data({"file": str(path), "posts": count})
    output.show(f"{counted(count, 'post')}: {path}")
    output.say("Take a filled-in sheet back with `passerelle review --import decisions.csv --as NAME`.")
    return 0


def import_sheet(output: Output, desk: Desk, path: Path, person: str) -> int:
    """Exit 3 when something on the sheet could not be done."""
    from bridge.engine.sharing import take_in
    from bridge.ledger.reviews import Ruling
    from bridge.preview.sheet import read_sheet
    from bridge.publications import State

    if not path.exists():
        raise ConfigError(f"There is no file {path}.", hint="Check its path.")
    sheet = read_sheet(path)
    ruling = Ruling(after=State.PENDING, by=person, now=desk.now())
    taken = take_in(desk, sheet.decided, ruling)
    _tell(output, sheet, taken)
    done = taken.done
    output.data({
        "approved": done[State.APPROVED], "excluded": done[State.SKIPPED], "returned": done[State.PENDING],
        "edited": taken.edited, "pinned": taken.pinned, "stale": taken.stale, "unknown": taken.unknown,
        "unreasoned": taken.unreasoned, "sent": taken.sent, "unclear_lines": list(sheet.unclear),
    })  # fmt: skip
    output.show(
        f"{number(done[State.APPROVED])} approved, {number(done[State.SKIPPED])} excluded,"
        f" {number(done[State.PENDING])} brought back, {number(taken.edited)} edited,"
        f" {number(taken.pinned)} pinned or unpinned."
    )
    left = (taken.stale, taken.unknown, taken.unreasoned, taken.sent, sheet.unclear)
    return 3 if any(left) else 0


def _tell(output: Output, sheet: Sheet, taken: TakenIn) -> None:
    for code, lost, why in (
        ("STALE", taken.stale, "something else was decided or edited since the sheet was made"),
        ("UNKNOWN_POST", taken.unknown, "no such post has been imported"),
        ("NO_REASON", taken.unreasoned, "a post is excluded for a reason"),
        ("SENT", taken.sent, "some of it has been sent already"),
        (
            "UNCLEAR",
            [f"line {each}" for each in sheet.unclear],
            "it is approve, exclude or return; for the pin, yes or no",
        ),
    ):
        if lost:
            named = ", ".join(safe(each) for each in lost[:_SHOWN])
            more = f" and {number(len(lost) - _SHOWN)} more" if len(lost) > _SHOWN else ""
            output.warn(code, f"Left as it was, since {why}: {named}{more}.")
