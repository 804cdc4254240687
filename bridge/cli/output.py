"""What a command says: data on standard output, everything else on standard error.

`--json` prints one document, or one error document, with the exit code that the command would have anyway.
Off a terminal there is no colour, no prompt and no box drawing.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from bridge.errors import BridgeError, ConfigError
from bridge.operation.redacting import redact

if TYPE_CHECKING:
    from rich.console import Console

    from bridge.engine.clock import Clock

SCHEMA = 1


class Usage(ConfigError):
    """The command line itself is at fault."""

    code = "USAGE"


def plain(value: object) -> object:
    """What JSON cannot say by itself: times as RFC 3339 UTC, enums and paths as text."""
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def timestamp(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def dumps(document: object, *, indent: int | None = None) -> str:
    return json.dumps(document, default=plain, ensure_ascii=False, indent=indent)


def is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty())


@dataclass(slots=True, kw_only=True)
class Output:
    """The voice of one invocation, and the global options that shape it."""

    command: str = "passerelle"
    version: bool = False
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    no_input: bool = False
    no_color: bool = False
    log_format: str = "text"
    home: Path | None = None
    config: Path | None = None
    clock: Clock | None = None  #: of the engine, where it is not the machine's
    warnings: list[dict[str, Any]] = field(default_factory=list)

    # --- what goes where

    def data(self, document: Mapping[str, Any]) -> None:
        """The result for machines; a no-op unless `--json`."""
        if self.json:
            head = {"schema": SCHEMA, "command": self.command, "ok": True}
            self.line(dumps({**head, "data": document, "warnings": self.warnings}, indent=2))

    def line(self, text: str = "") -> None:
        """Data for standard output."""
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def show(self, *things: str) -> None:
        """The result for people, on standard output; silent under `--json`."""
        if not self.json:
            for thing in things:
                self.line(thing)

    def say(self, text: str) -> None:
        """A remark for people, on standard error."""
        if not self.quiet:
            self.remark(text)

    def detail(self, text: str) -> None:
        if self.verbose:
            self.remark(text)

    def warn(self, code: str, message: str, *, hint: str | None = None, **facts: object) -> None:
        self.warnings.append({"code": code, "message": message, "hint": hint, **facts})
        self.remark(f"warning: {message}" + (f" {hint}" if hint else ""), level="warning", code=code)

    def remark(self, text: str, *, level: str = "info", **facts: object) -> None:
        """On standard error, as a line or, with `--log-format json`, an object; without any secret."""
        text = redact(text)
        if self.log_format == "json":
            said = {key: redact(value) if isinstance(value, str) else value for key, value in facts.items()}
            text = dumps({"ts": timestamp(self._now()), "level": level, "event": text, **said})
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def fail(self, error: BridgeError) -> int:
        """Says why it ended, and gives the exit code."""
        if self.json:
            said = {"code": error.code, "message": error.message, "hint": error.hint}
            self.line(
                dumps({"schema": SCHEMA, "command": self.command, "ok": False, "error": said}, indent=2)
            )
        else:
            hint = ("\n" if "\n" in error.message else " ") + error.hint if error.hint else ""
            self.remark(f"passerelle: {error.message}{hint}", level="error", code=error.code)
        return error.exit_code

    def _now(self) -> datetime:
        return datetime.now(UTC) if self.clock is None else self.clock.now()

    # --- terminals

    def console(self, *, stderr: bool = False) -> Console:
        from rich.console import Console

        class Pipe(Console):
            def on_broken_pipe(self) -> None:
                raise BrokenPipeError  # Rich would exit with 1: a reader that left is no failure

        plain = self.no_color or bool(os.environ.get("NO_COLOR"))
        return Pipe(stderr=stderr, no_color=True if plain else None, legacy_windows=False)

    @property
    def interactive(self) -> bool:
        """May questions be asked? They are read from standard input and shown on standard error."""
        return not self.no_input and not self.json and is_terminal(sys.stdin) and is_terminal(sys.stderr)

    def ask(self, question: str, *, option: str, default: str | None = None) -> str:
        """One line from a person; off a terminal a usage error that names the option."""
        if not self.interactive:
            need_option(question, option)
        shown = f"{question} [{default}]: " if default else f"{question}: "
        sys.stderr.write(shown)
        sys.stderr.flush()
        answer = sys.stdin.readline()
        if not answer:
            raise KeyboardInterrupt
        return answer.strip() or default or ""

    def confirm(self, question: str, *, option: str = "--yes") -> bool:
        return self.ask(f"{question} (yes/no)", option=option, default="no").lower() in (
            "y",
            "yes",
            "o",
            "oui",
        )


def need_option(question: str, option: str) -> NoReturn:
    raise Usage(f"{question.rstrip('?')}? There is no terminal to ask on.", hint=f"Pass {option}.")
