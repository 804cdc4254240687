"""Changes of published posts for people: old and new side by side, on a terminal and as one web page."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup
from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bridge.engine.changes import Changed
from bridge.errors import counted
from bridge.planning import LEFT, Revise, Said
from bridge.preview.changed import ChangePreview, descriptions
from bridge.preview.markup import environment, policy, resource
from bridge.preview.words import RULES, clock, duration, printable, to_the_second
from bridge.publications import Publication

_WIDTH = 96
_WORDS = re.compile(r"\s+|\S+")
_UNKNOWN = "(written by another tool)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`name` is empty for the text itself; pieces are (text, whether the other side lacks it)."""

    name: str
    before: tuple[tuple[str, bool], ...]
    after: tuple[tuple[str, bool], ...]


def differences(revise: Revise) -> Iterator[Difference]:
    """What an edit changes, as words that are safe to show."""
    if revise.before.text != revise.after.text:
        yield _difference("", revise.before.text or _UNKNOWN, revise.after.text or "")
    for name, before, after in zip(_NAMES, _values(revise.before), _values(revise.after), strict=True):
        if before != after:
            yield _difference(name, before, after)
    pairs = zip(descriptions(revise.before), descriptions(revise.after), strict=True)
    for at, (old, new) in enumerate(pairs, 1):
        if (old or "") != (new or ""):
            yield _difference(f"description {at}", old or "none", new or "none")


_NAMES = ("content warning", "sensitive", "language")


def _values(said: Said) -> tuple[str, str, str]:
    draft = said.draft
    return draft.spoiler_text or "none", "yes" if draft.sensitive else "no", draft.language or "none"


def _difference(name: str, before: str, after: str) -> Difference:
    old, new = (_WORDS.findall(printable(text)) for text in (before, after))
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return Difference(
        name=name,
        before=tuple(("".join(old[a:b]), tag != "equal") for tag, a, b, _, _ in codes if a < b),
        after=tuple(("".join(new[a:b]), tag != "equal") for tag, _, _, a, b in codes if a < b),
    )


# --- on a terminal


def show(preview: ChangePreview, console: Console) -> None:
    """Off a terminal: rows of tabs for the next program."""
    if not console.is_terminal:
        for row in rows(preview):
            console.file.write("\t".join(row) + "\n")  # Rich would turn tabs into spaces
        return
    console.print(Group(*_parts(preview)), width=min(_WIDTH, console.width))


def rows(preview: ChangePreview) -> Iterator[tuple[str, ...]]:
    data = preview.data
    yield ("compared", "statuses", str(data["already"]["statuses"]))
    for name in ("posts", "statuses"):
        yield ("change", name, str(data["change"][name]))
    for name, statuses in data["change"]["what"].items():
        yield ("what", name, str(statuses))
    for left in data["left"]:
        yield ("left", left["reason"], str(left["posts"]), left["example"], left["hint"])
    for warning in data["warnings"]:
        yield ("warning", warning["code"], str(warning["posts"]), warning["example"], warning["hint"])
    schedule = data["schedule"]
    when = (to_the_second(schedule["start"]), to_the_second(schedule["finish"]))
    yield ("schedule", *when, str(schedule["seconds"]), schedule["bound"])
    yield ("digest", data["digest"])


def _parts(preview: ChangePreview) -> Iterator[RenderableType]:
    data, tally = preview.data, preview.tally
    compared = counted(data["already"]["statuses"], "status", "statuses")
    yield Text(f"{preview.destination}: {compared} compared", style="bold")
    if tally.statuses:
        yield Text(f"{counted(tally.statuses, 'status', 'statuses')} would be edited, of which")
        yield Text("\n".join(f"  {statuses:,} in {aspect}" for aspect, statuses in tally.what.most_common()))
        yield Text(
            f"Done in {duration(preview.schedule.seconds)}, on {clock(preview.schedule.finish)} if started"
            f" now. {RULES.get(preview.schedule.rule, RULES['statuses'])}.\n"
        )
    else:
        yield Text("Nothing would be edited.\n")
    if data["left"] or data["warnings"]:
        yield _table(preview)
    for changed in preview.first:
        yield from (_card(changed, row, revise) for row, revise in changed.edits)
    if tally.posts > len(preview.first):
        yield Text(
            f"And {counted(tally.posts - len(preview.first), 'more post', 'more posts')}: --html FILE."
        )


def _table(preview: ChangePreview) -> Table:
    table = Table(
        title="Left as it is", box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False
    )
    table.add_column("reason", no_wrap=True)
    table.add_column("posts", justify="right")
    table.add_column("what it means", overflow="fold")
    table.add_column("for example", overflow="fold")
    for left in preview.data["left"]:
        table.add_row(left["reason"], f"{left['posts']:,}", Text(left["hint"]), Text(left["example"]))
    for told in preview.data["warnings"]:
        table.add_row(told["code"], f"{told['posts']:,}", Text(told["hint"]), Text(told["example"]))
    return table


def _card(changed: Changed, row: Publication, revise: Revise) -> Panel:
    body = Text("\n").join(_lines(revise))
    part = f" ({row.draft.part}/{row.draft.parts})" if row.draft.parts > 1 else ""
    title = f"{changed.post.created_at:%Y-%m-%d}  {changed.post.id}{part}"
    below = printable(row.remote_url or row.remote_id or "")
    return Panel(body, title=title, subtitle=Text(below), title_align="left", subtitle_align="right")


def _lines(revise: Revise) -> Iterator[Text]:
    for each in differences(revise):
        head = f"{each.name}: " if each.name else ""
        yield _side(f"- {head}", each.before, "red")
        yield _side(f"+ {head}", each.after, "green")


def _side(sign: str, pieces: tuple[tuple[str, bool], ...], colour: str) -> Text:
    text = Text(sign, style=colour)
    for piece, only_here in pieces:
        text.append(piece, style=f"bold {colour}" if only_here else "default not bold")
    return text


# --- as a page


class ChangePage:
    """A sink for the first `limit` edits; `html` makes the page once all of them are known."""

    def __init__(self, *, limit: int = 500) -> None:
        self._limit = limit
        self._cards: list[tuple[Changed, Publication, tuple[Difference, ...]]] = []
        self._left: list[Changed] = []
        self._more = 0

    def __call__(self, changed: Changed) -> None:
        if changed.left is not None and len(self._left) < self._limit:
            self._left.append(changed)
        for row, revise in changed.edits:
            if len(self._cards) < self._limit:
                self._cards.append((changed, row, tuple(differences(revise))))
            else:
                self._more += 1

    def html(self, preview: ChangePreview) -> str:
        style = resource("templates", "page.css") + resource("templates", "changed.css")
        return (
            environment()
            .from_string(resource("templates", "changed.html.j2"))
            .render(
                style=Markup(style),  # noqa: S704 -- our own file
                policy=policy(style),
                preview=preview,
                data=preview.data,
                cards=self._cards,
                left=self._left,
                more=self._more,
                reasons=LEFT,
                rule=RULES.get(preview.schedule.rule, RULES["statuses"]),
            )
        )
