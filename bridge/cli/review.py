"""`review`: look at everything before it is published, alone or with colleagues."""

from __future__ import annotations

import getpass
import ipaddress
import shlex
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.meeting import clock_of
from bridge.cli.options import Pace, Rendering, Selection, Sources, To, command, layer, words
from bridge.cli.output import Output, Usage
from bridge.cli.preview import destination_of, limits_of, named
from bridge.cli.publish import source_of_account
from bridge.cli.sharing import export_pack, import_sheet, spoken
from bridge.errors import ConfigError

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.engine.review import Desk
    from bridge.web.room import Room
    from bridge.web.server import Listening


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Where the desk is opened, and for whom."""

    port: Annotated[int, typer.Option(metavar="N", help="Port; 0: any that is free.")] = 0
    address: Annotated[
        str,
        typer.Option(metavar="IP", help="Another address than loopback; needs --password-file."),
    ] = "127.0.0.1"
    host_name: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Also answer to this name, which a web server before it has.",
            show_default=False,
        ),
    ] = None
    password_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Whoever knows the password in it may come in.", show_default=False
        ),
    ] = None
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the desk in the web browser.")
    ] = True
    person: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Who decides; kept in the history.", show_default=False),
    ] = None
    language: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="Of the pages: en or fr (the account's if nothing is said).",
            show_default=False,
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """For colleagues who have no desk."""

    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.zip",
            help="Open nothing; write the preview page and a decision sheet to pass on.",
            show_default=False,
        ),
    ] = None
    import_: Annotated[
        Path | None,
        typer.Option(
            "--import", metavar="FILE.csv", help="Open nothing; take in a decision sheet.", show_default=False
        ),
    ] = None


def declare(app: typer.Typer) -> None:
    command(app)(review)


def review(
    output: Output,
    *,
    selection: Selection,
    rendering: Rendering,
    pace: Pace,
    opening: Opening,
    sharing: Sharing,
    sources: Sources = None,
    to: To = None,
) -> int:
    """Open the review desk: approve, exclude, edit and describe in the browser, then publish just that."""
    from bridge.app import open_app

    _check(opening)
    if sharing.export is not None and sharing.import_ is not None:
        raise Usage("--export and --import are done one after the other.", hint="Pass one of them.")
    if sharing.export is None and sharing.import_ is None:
        _check_installed()
    with open_app(output.home, output.config, layer(selection, rendering, pace)) as app:
        desk = _desk(app, output, sources or (), to)
        if sharing.export is not None:
            return export_pack(output, desk, sharing.export, language=opening.language, sources=sources or ())
        if sharing.import_ is not None:
            return import_sheet(output, desk, sharing.import_, opening.person or getpass.getuser())
        line = " ".join([*named((desk.source,), to), *words(selection, rendering, pace)])
        face = _face(desk, sources or ())
        _serve(app, output, desk, opening, passed=shlex.split(line), face=face)
    return 0


def _check(opening: Opening) -> None:
    from bridge.preview.languages import LANGUAGES

    if opening.language not in (None, *LANGUAGES):
        raise Usage(f"--language {opening.language}: the desk speaks {' and '.join(LANGUAGES)}.")
    try:
        loopback = ipaddress.ip_address(opening.address).is_loopback
    except ValueError:
        raise Usage(f"--address {opening.address} is no IP address.") from None
    if not loopback and opening.password_file is None:
        raise Usage(
            f"At {opening.address} every machine of the network could open the desk, read what is not"
            " published yet, and publish it.",
            hint="Pass --password-file FILE, or leave out --address.",
        )


def _check_installed() -> None:
    """Before a long archive is read."""
    try:
        import bridge.web.server  # noqa: F401
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"The review desk needs {error.name}, which is not installed.",
            hint="pip install 'passerelle[web]'",
        ) from error


def _desk(app: App, output: Output, sources: Sequence[str], to: str | None) -> Desk:
    from bridge.engine.review import Desk

    account = app.resolve(to)
    if account is None:
        raise ConfigError(
            "There is no account yet for which this could be reviewed.",
            hint="Run `passerelle login SERVER`, or pass --to @you@your.server.",
        )
    mirror = app.mirror(destination_of(app, account))
    source = source_of_account(app, output, mirror, sources)
    wish = app.wish(mirror, limits_of(app, output, account))
    desk = Desk(app.ledger, source, account, wish, now=clock_of(output).now)
    desk.refresh()
    return desk


def _face(desk: Desk, sources: Sequence[str]) -> bytes | None:
    from bridge.engine.portrait import portrait

    return portrait(desk.ledger, desk.source, sources)


def _serve(
    app: App, output: Output, desk: Desk, opening: Opening, *, passed: Sequence[str], face: bytes | None
) -> None:
    """Until Ctrl-C; a run that was started from the desk finishes its request in hand."""
    from bridge.web.guard import Place
    from bridge.web.server import application, listen, serve

    room = _room(app, output, desk, opening, passed=passed, face=face)
    listening = listen(opening.address, opening.port)
    loopback = ipaddress.ip_address(opening.address).is_loopback
    names = {"localhost"} if loopback else {socket.gethostname().lower()}
    fronted = frozenset(name.lower() for name in opening.host_name or ())
    place = Place(port=listening.port, loopback=loopback, names=frozenset(names), fronted=fronted)
    try:
        tell = partial(_tell, output, room, listening, opening)
        serve(application(room, place), listening, ready=tell, debug=output.debug)
    except KeyboardInterrupt:  # the ordinary end
        output.say("The desk is closed. What was decided is saved; `passerelle publish` does it.")
    finally:
        room.publishing.close()


def _room(
    app: App, output: Output, desk: Desk, opening: Opening, *, passed: Sequence[str], face: bytes | None
) -> Room:
    from bridge.web.publishing import Publishing
    from bridge.web.room import Room
    from bridge.web.sessions import Sessions

    return Room(
        desk=desk,
        sessions=Sessions(_password(opening.password_file), clock=time.monotonic),
        publishing=Publishing([*_globals(output), "publish", *passed, "--yes", "--json"]),
        by=opening.person or getpass.getuser(),
        language=opening.language or spoken(desk),
        required=app.settings.review.required,
        owner=_owner(desk, face),
        face=face,
        handles=app.handles_file(app.mirror(destination_of(app, desk.account))),
    )


def _globals(output: Output) -> list[str]:
    home = ["--home", str(output.home)] if output.home else []
    config = ["--config", str(output.config)] if output.config else []
    return [*home, *config]


def _owner(desk: Desk, face: bytes | None) -> dict[str, str]:
    row = next(each for each in desk.ledger.posts.sources() if each.account == desk.source)
    handle = (row.owner.handle if row.owner else None) or ""
    name = (row.owner.name if row.owner else None) or handle
    shown = "/face" if face else ""
    return {"name": name, "handle": handle, "initial": name[:1].upper() or "?", "face": shown}


def _password(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        password = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        reason = error.strerror or "it is no text"
        raise ConfigError(f"{path} cannot be read: {reason}.", hint="Check --password-file.") from error
    if len(password) < 12:
        raise ConfigError(f"The password in {path} is too short.", hint="Take 12 characters or more.")
    return password


def _tell(output: Output, room: Room, listening: Listening, opening: Opening) -> None:
    address = f"{listening.base_url}/enter?key={room.sessions.key}"
    output.line(address)
    output.say("This link works once, in one browser. Stop the desk with Ctrl-C.")
    if room.sessions.password is not None:
        output.say(
            "Whoever knows the password comes in at /enter, can read what is not published yet, and publish"
            " it. The connection is not encrypted: put a web server that speaks HTTPS before it, or use it"
            " only in a network that you trust."
        )
    if opening.browser and output.interactive:
        import webbrowser

        webbrowser.open(address)
