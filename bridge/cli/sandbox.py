"""`sandbox`: the practice server, until it is told to stop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.cli.options import command
from bridge.cli.output import Output


def declare(app: typer.Typer) -> None:
    command(app)(sandbox)


def sandbox(
    output: Output,
    *,
    port: Annotated[int, typer.Option(metavar="N", help="Port on loopback; 0: any that is free.")] = 0,
    profile: Annotated[
        str, typer.Option(metavar="SOFTWARE", help="mastodon, gotosocial, akkoma or pixelfed.")
    ] = "mastodon",
    server_version: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Of that software.", show_default=False)
    ] = None,
    username: Annotated[str, typer.Option(metavar="NAME", help="Of its first account.")] = "practice",
    data: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep what is published in this file.", show_default=False),
    ] = None,
    no_limits: Annotated[bool, typer.Option("--no-limits", help="Without rate limits.")] = False,
    latency: Annotated[float, typer.Option(metavar="SECONDS", help="Delay of every answer.")] = 0.0,
    max_characters: Annotated[
        int | None, typer.Option(metavar="N", help="Another limit of characters.", show_default=False)
    ] = None,
) -> None:
    """Run a practice server on this machine with Mastodon's real rules; its address shows the timeline."""
    from bridge.sandbox.server import Sandbox, serve

    practice = Sandbox(
        profile=profile,
        version=server_version,
        limits=not no_limits,
        latency=latency,
        data=data,
        port=port,
        username=username,
        max_characters=max_characters,
    )
    output.say(f"The timeline: {practice.base_url}/  Stop with Ctrl-C.")
    serve(practice, say=output.line)
