"""The preview on a terminal; off a terminal, rows of tabs for the next program."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bridge.engine.propose import Proposed
from bridge.errors import counted
from bridge.preview.plan import Preview
from bridge.preview.words import RULES, clock, duration, one_line, printable, size, to_the_second
from bridge.statuses import StatusDraft

_WIDTH = 96


def show(preview: Preview, console: Console) -> None:
    """Print the summary; off a terminal without colour, boxes or clipping."""
    if not console.is_terminal:
        for row in rows(preview):
            console.file.write("\t".join(row) + "\n")  # Rich would turn tabs into spaces
        return
    console.print(Group(*_parts(preview)), width=min(_WIDTH, console.width))


def rows(preview: Preview) -> Iterator[tuple[str, ...]]:
    data, tally = preview.data, preview.tally
    yield ("source", printable(_name(preview)), str(data["source"]["posts"]), "posts")
    for name in ("posts", "statuses", "threads", "media", "bytes"):
        yield ("publish", name, str(data["publish"][name]))
    for name, count in data["missing"].items():
        yield ("missing", name, str(count))
    yield ("already", "statuses", str(tally.already))
    yield ("hold", "posts", str(tally.held))
    for skip in data["skip"]:
        yield ("skip", skip["reason"], str(skip["posts"]), skip["option"] or "")
    for warning in data["warnings"]:
        yield ("warning", warning["code"], str(warning["posts"]), warning["example"], warning["hint"])
    schedule = data["schedule"]
    when = (to_the_second(schedule["start"]), to_the_second(schedule["finish"]))
    yield ("schedule", *when, str(schedule["seconds"]), schedule["bound"])
    yield ("digest", data["digest"])


def _parts(preview: Preview) -> Iterator[RenderableType]:
    yield Text(_name(preview), style="bold")
    yield _summary(preview)
    if preview.data["skip"]:
        yield _skips(preview)
    if preview.data["warnings"]:
        yield _warnings(preview)
    yield _schedule(preview)
    for proposed in preview.first:
        yield _card(proposed)


def _name(preview: Preview) -> str:
    source = preview.data["source"]
    owner = f"@{source['owner']}" if source["owner"] else "Unnamed account"
    years = f", {source['first'][:4]} to {source['last'][:4]}" if source["first"] else ""
    return printable(f"{owner}: {counted(source['posts'], 'post')}{years}")


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    for at, column in enumerate(columns):
        numeric = at == 1
        table.add_column(column, justify="right" if numeric else "left", no_wrap=at < 2, overflow="fold")
    return table


def _summary(preview: Preview) -> Table:
    tally = preview.tally
    skipped = sum(tally.skipped.values())
    table = _table("What would happen", "", "posts", "as")
    carried = f"{counted(tally.statuses, 'status', 'statuses')}, {counted(tally.threads, 'thread')}"
    if tally.media:
        carried += f", {counted(tally.media, 'medium', 'media')} ({size(tally.bytes)})"
    table.add_row("+ publish", f"{tally.posts:,}", carried)
    if tally.fitted:
        becomes = f" -> {size(tally.fitted_to)}" if tally.fitted_to else ""
        made = f"{counted(tally.fitted, 'medium', 'media')} made to fit ({size(tally.fitted_from)}{becomes})"
        table.add_row("", "", made)
    if tally.missing:
        asked = (
            f"; {tally.fetchable:,} can be asked for: `publish --fetch-missing`" if tally.fetchable else ""
        )
        table.add_row("? not in the archive", "", f"{counted(tally.missing, 'medium', 'media')}{asked}")
    if tally.already:
        table.add_row(
            "= already there", f"{tally.already_posts:,}", counted(tally.already, "status", "statuses")
        )
    if tally.held:
        table.add_row("! needs a decision", f"{tally.held:,}", "`--jsonl -` says why")
    table.add_row("- skipped by a rule", f"{skipped:,}", "")
    return table


def _skips(preview: Preview) -> Table:
    table = _table("Skipped", "reason", "posts", "to carry them")
    for skip in preview.data["skip"]:
        table.add_row(Text(skip["reason"]), f"{skip['posts']:,}", Text(skip["option"] or ""))
    return table


def _warnings(preview: Preview) -> Table:
    table = _table("Worth knowing", "code", "posts", "what it means", "for example")
    for warning in preview.data["warnings"]:
        table.add_row(
            warning["code"], f"{warning['posts']:,}", Text(warning["hint"]), Text(warning["example"])
        )
    return table


def _schedule(preview: Preview) -> Text:
    schedule = preview.schedule
    if not preview.tally.statuses:
        return Text("Nothing is left to publish.\n")
    text = Text.assemble((f"Done in {duration(schedule.seconds)}", "bold"))
    text.append(f", on {clock(schedule.finish)} if started now. ")
    return text.append(f"{RULES.get(schedule.rule, RULES['statuses'])}.\n")


def _card(proposed: Proposed) -> Panel:
    assert proposed.rendering is not None
    drafts = proposed.rendering.drafts
    body = Text("\n\n").join(_status(draft) for draft in drafts)
    date = f"{proposed.post.created_at:%Y-%m-%d}" if proposed.post else ""
    first = drafts[0]
    below = f"{first.visibility} · {first.language or 'no language'} · {first.length} characters"
    return Panel(
        body, title=f"{date}  {proposed.post_id}", subtitle=below, title_align="left", subtitle_align="right"
    )


def _status(draft: StatusDraft) -> Text:
    text = Text()
    if draft.spoiler_text:
        text.append(f"[{printable(draft.spoiler_text)}]\n", style="bold")
    text.append(printable(draft.text))
    for medium in draft.media:
        text.append(f"\n▣ {medium.type}: ", style="dim")
        text.append(one_line(medium.description or "no description", 70), style="dim")
        if medium.file is None:
            text.append(" (missing)", style="red")
    return text
