"""The options that several commands share, each declared once.

A command takes a whole group as one argument: `@command(app)` spreads the group's fields into options, and
`Output` is handed over the same way. `layer()` turns the groups into the strongest layer of the settings.
"""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from typing import Annotated, Any, Literal, get_type_hints

import typer

from bridge.cli.output import Output

SELECTION, RENDERING, PACE = "Selection", "Rendering", "Pace"


def _option(panel: str, help_text: str, *names: str, metavar: str | None = None) -> Any:
    return typer.Option(*names, help=help_text, rich_help_panel=panel, metavar=metavar, show_default=False)


Sources = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SOURCE",
        help="An archive (zip or folder, any era), an export of another tool (JSON, JSON lines), a feed"
        " (https://…) or a source named in the settings; several paths of one account merge. Without one:"
        " what is already imported.",
        show_default=False,
    ),
]
To = Annotated[
    str | None,
    typer.Option(
        "--to", metavar="ACCOUNT", help="The destination: its name, or @user@server.", show_default=False
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Answer yes to every question.", show_default=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which posts; a filter keeps or drops a thread whole."""

    since: Annotated[str | None, _option(SELECTION, "From this date on (UTC).", metavar="DATE")] = None
    until: Annotated[
        str | None, _option(SELECTION, "Up to this date, that day included (UTC).", metavar="DATE")
    ] = None
    ids: Annotated[
        list[str] | None,
        _option(SELECTION, "Only this post, and its thread; repeatable.", "--id", metavar="ID"),
    ] = None
    kinds: Annotated[
        list[str] | None,
        _option(SELECTION, "Of original,thread,reply,retweet,quote.", "--kind", metavar="KIND,..."),
    ] = None
    languages: Annotated[
        list[str] | None, _option(SELECTION, "In these languages.", "--lang", metavar="CODE,...")
    ] = None
    grep: Annotated[str | None, _option(SELECTION, "Whose text matches.", metavar="REGEX")] = None
    hashtags: Annotated[
        list[str] | None, _option(SELECTION, "With one of these tags.", "--hashtag", metavar="TAG,...")
    ] = None
    has: Annotated[
        list[str] | None, _option(SELECTION, "With all of image,video,link.", metavar="WHAT,...")
    ] = None
    min_likes: Annotated[int | None, _option(SELECTION, "With at least so many likes.", metavar="N")] = None
    limit: Annotated[int | None, _option(SELECTION, "At most so many posts.", metavar="N")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection(Filter):
    """Which posts, of those that may be published at all."""

    include: Annotated[
        list[str] | None,
        _option(
            SELECTION, "Also circle,deleted,gone: posts that were never for everybody, or were taken back.",
            metavar="WHAT,...",
        ),
    ] = None  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """How a post reads."""

    visibility: Annotated[
        Literal["public", "unlisted", "private"] | None,
        _option(RENDERING, "Who sees the statuses (unlisted if nothing is said)."),
    ] = None
    date_stamp: Annotated[
        Literal["auto", "none", "prefix", "suffix"] | None,
        _option(RENDERING, "Where the original date is said (auto if nothing is said)."),
    ] = None
    locale: Annotated[
        str | None,
        _option(RENDERING, "Language of the date stamp (the account's if nothing is said).", metavar="fr"),
    ] = None
    numbering: Annotated[
        Literal["auto", "none"] | None, _option(RENDERING, "Numbers on the parts of a split post.")
    ] = None
    too_long: Annotated[
        Literal["thread", "note", "skip"] | None,
        _option(RENDERING, "What becomes of a post that is too long."),
    ] = None
    mentions: Annotated[
        Literal["handle", "link", "plain"] | None,
        _option(RENDERING, "How people of the old network are named."),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """When to stop, though there is more to do."""

    max_posts: Annotated[int | None, _option(PACE, "Stop after so many statuses (exit 8).", metavar="N")] = (
        None
    )
    max_duration: Annotated[str | None, _option(PACE, "Stop after this time (exit 8).", metavar="2h")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace(Stops):
    """How fast, within what the server allows."""

    per_hour: Annotated[int | None, _option(PACE, "Statuses an hour at most.", metavar="N")] = None
    per_day: Annotated[
        int | None, _option(PACE, "Statuses of the back catalogue a day at most.", metavar="N")
    ] = None
    hours: Annotated[str | None, _option(PACE, "Hours of the day in which to publish.", metavar="9-18")] = (
        None
    )


_TABLES: dict[type, str] = {
    Filter: "select",
    Selection: "select",
    Rendering: "render",
    Stops: "pace",
    Pace: "pace",
}


def layer(*groups: Filter | Rendering | Stops) -> dict[str, dict[str, Any]]:
    """What the options say, in the shape of the settings; what nobody passed is not in it."""
    return {
        _TABLES[type(group)]: {
            f.name: _flat(value) for f in fields(group) if (value := getattr(group, f.name)) not in (None, [])
        }
        for group in groups
    }


def words(*groups: Filter | Rendering | Stops) -> list[str]:
    """The options that were passed, as they would be typed again."""
    line = []
    for group in groups:
        for each in fields(group):
            value = getattr(group, each.name)
            if value not in (None, []):
                said = ",".join(value) if isinstance(value, list) else str(value)
                line.append(
                    f"{_NAMES.get(each.name, '--' + each.name.replace('_', '-'))} {shlex.quote(said)}"
                )
    return line


_NAMES = {"ids": "--id", "kinds": "--kind", "languages": "--lang", "hashtags": "--hashtag"}


def _flat(value: Any) -> Any:
    """A repeatable option may also list its values with commas."""
    return [part for item in value for part in item.split(",")] if isinstance(value, list) else value


def command(app: typer.Typer, name: str | None = None, **kwargs: Any) -> Callable[[Callable[..., Any]], Any]:
    """Declares a command whose parameters may be whole groups of options, or the `Output`."""

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        app.command(name, **kwargs)(_spread(function))
        return function

    return declare


def _spread(function: Callable[..., Any]) -> Callable[..., Any]:
    hints = get_type_hints(function, include_extras=True)
    hints.pop("return", None)
    groups: dict[str, Any] = {n: h for n, h in hints.items() if is_dataclass(h) and h is not Output}
    voices = [n for n, h in hints.items() if h is Output]
    signature = inspect.signature(function)
    parameters = [inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)]
    for parameter in signature.parameters.values():
        if parameter.name in groups:
            parameters += _fields(groups[parameter.name])
        elif parameter.name not in voices:
            parameters.append(
                parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[parameter.name])
            )

    @wraps(function)
    def call(ctx: typer.Context, **given: Any) -> Any:
        spread = {
            name: group(**{f.name: given.pop(f.name) for f in fields(group)})
            for name, group in groups.items()
        }
        return function(**given, **spread, **dict.fromkeys(voices, ctx.find_root().obj))

    call.__signature__ = signature.replace(parameters=parameters, return_annotation=None)  # type: ignore[attr-defined]
    return call


def _fields(group: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, annotation=hints[f.name], default=f.default)
        for f in fields(group)
    ]
