"""The tree of commands. Each imports what it needs when it runs, so that help is quick."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

GLOBALS = (
    "Global options stand before or after the command: --json --quiet --verbose --debug --no-input --no-color"
    " --log-format text|json --home DIR --config FILE --version."
)


def build(*, rich: bool) -> typer.Typer:
    """The whole command tree. `rich`: help in colour and boxes, for a terminal."""
    import typer

    from bridge.cli import (
        alt,
        cache,
        config,
        db,
        demo,
        doctor,
        exporting,
        handles,
        health,
        importing,
        init,
        links,
        log,
        login,
        pinning,
        places,
        preview,
        profile,
        publish,
        review,
        sandbox,
        status,
        undo,
        verify,
        watch,
    )

    def tree(help_text: str) -> typer.Typer:
        return typer.Typer(
            help=help_text,
            rich_markup_mode="rich" if rich else None,
            no_args_is_help=True,
            add_completion=False,
            pretty_exceptions_enable=False,
            context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
            epilog=GLOBALS,
        )

    app = tree("Carries a Twitter/X archive over to Mastodon and the fediverse: once, faithfully, in order.")
    for noun in (
        demo,
        init,
        login,
        importing,
        preview,
        review,
        publish,
        watch,
        health,
        status,
        log,
        pinning,
        verify,
        undo,
        exporting,
        sandbox,
        doctor,
        places,
    ):
        noun.declare(app)
    for name, group in (
        ("alt", alt),
        ("profile", profile),
        ("links", links),
        ("handles", handles),
        ("db", db),
        ("config", config),
        ("cache", cache),
    ):
        branch = tree(group.HELP)
        group.declare(branch)
        app.add_typer(branch, name=name)
    return app
