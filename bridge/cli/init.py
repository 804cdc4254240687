"""`init`: a few questions, and a commented `config.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bridge.cli.options import Yes, command
from bridge.cli.output import Output, dumps
from bridge.errors import ConfigError

if TYPE_CHECKING:
    from bridge.app import App


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    source: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="The archive: a zip file or a folder.", show_default=False),
    ] = None
    account: Annotated[
        str | None, typer.Option(metavar="@USER@SERVER", help="Where the posts go.", show_default=False)
    ] = None
    visibility: Annotated[
        Literal["public", "unlisted", "private"] | None,
        typer.Option(help="Who sees them.", show_default=False),
    ] = None
    date_stamp: Annotated[
        Literal["auto", "none", "prefix", "suffix"] | None,
        typer.Option(help="Where the original date is written.", show_default=False),
    ] = None
    kinds: Annotated[
        str | None,
        typer.Option(
            "--kind", metavar="KIND,...", help="What is carried: original,thread,quote,reply,retweet."
        ),
    ] = None


_DEFAULTS = {"visibility": "unlisted", "date_stamp": "auto", "kinds": "original,thread,quote"}
_QUESTIONS = {
    "source": "Where is your archive (zip file or folder)?",
    "account": "Which account shall the posts go to (@you@server.example)?",
    "visibility": "Who shall see them: public, unlisted or private?",
    "date_stamp": "Where shall the original date be written: auto, none, prefix or suffix?",
    "kinds": "What shall be carried (original,thread,quote,reply,retweet)?",
}


def declare(app: typer.Typer) -> None:
    command(app)(init)


def init(output: Output, answers: Answers, yes: Yes = False) -> None:
    """Answer a few questions and get a commented config.toml; run it again to change your mind."""
    from bridge.app import open_app
    from bridge.config.credentials import replace_file

    app = open_app(output.home, output.config)
    home = app.home
    known = _known(app)
    settled = {name: _answer(output, answers, name, known, yes=yes) for name in _QUESTIONS}
    text = compose(settled)
    _prove(text)
    home.create()
    kept = _keep_old(home.config)
    replace_file(home.config, text)
    output.data({"config": str(home.config), "previous": str(kept) if kept else None})
    output.show(f"Written: {home.config}")
    if kept:
        output.say(f"The file that was there is now {kept}.")
    server = settled["account"].rpartition("@")[2]
    output.say(f"Next: `passerelle login {server}`, `passerelle preview`, `passerelle publish`.")


def _known(app: App) -> dict[str, str]:
    """What the present settings would answer, so that running `init` again starts from there."""
    settings = app.settings
    known = dict(_DEFAULTS)
    known |= {"visibility": settings.render.visibility, "date_stamp": settings.render.date_stamp}
    known["kinds"] = ",".join(settings.select.kinds)
    for source in list(settings.sources.values())[:1]:
        known["source"] = str(source.paths[0])
    accounts = app.known_accounts()
    return known | ({"account": accounts[0]} if accounts else {})


def _answer(output: Output, answers: Answers, name: str, known: dict[str, str], *, yes: bool) -> str:
    given: str | None = getattr(answers, name)
    if given is None:
        option = "--kind" if name == "kinds" else "--" + name.replace("_", "-")
        if yes and name in known:
            return known[name]
        given = output.ask(_QUESTIONS[name], option=option, default=known.get(name))
    if name == "source":
        return str(Path(given).expanduser().absolute())
    if name == "account" and not given.startswith("@"):
        return "@" + given
    return given


def compose(settled: dict[str, str]) -> str:
    """The settings file, commented."""
    kinds = [kind.strip() for kind in settled["kinds"].split(",") if kind.strip()]
    return f"""\
# Written by `passerelle init`. Every setting: config.example.toml. Check with `passerelle config check`.

[sources.archive]
type = "twitter-archive"
paths = [{dumps(settled["source"])}]

[destinations.home]
type = "mastodon"
account = {dumps(settled["account"])}

[mirrors.home]
sources = ["archive"]
destination = "home"

# What is carried; also possible: reply, retweet.
[select]
kinds = {dumps(kinds)}

# visibility: public | unlisted | private. date_stamp: auto | none | prefix | suffix.
[render]
visibility = {dumps(settled["visibility"])}
date_stamp = {dumps(settled["date_stamp"])}

# The server's limits always hold; go slower if you like.
[pace]
# per_hour = 60
# per_day = 12
# hours = "9-21"
"""


def _prove(text: str) -> None:
    """A wizard never writes a file that the next command would refuse."""
    import tempfile

    from bridge.config import Home
    from bridge.config.loading import load

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.toml"
        file.write_text(text, encoding="utf-8")
        try:
            load(Home(path=file.parent, config=file))
        except ConfigError as error:
            raise ConfigError(error.message.replace(f"{file}: ", ""), hint="Answer again.") from None


def _keep_old(config: Path) -> Path | None:
    if not config.exists():
        return None
    kept = config.with_name(config.name + ".old")
    config.replace(kept)
    return kept
