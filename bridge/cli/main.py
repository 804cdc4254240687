"""The way in and the way out: global options anywhere on the line, exit codes, and no traceback.

Whatever happens ends in one sentence and the exit code of `docs/exit-codes.md`.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import typer

from bridge.cli.output import Output, Usage, is_terminal
from bridge.cli.stopping import interrupted
from bridge.errors import BridgeError

if TYPE_CHECKING:
    from bridge.engine.clock import Clock

FLAGS = ("version", "json", "quiet", "verbose", "debug", "no-input", "no-color")
VALUES = ("home", "config", "log-format")


class TerminationSignal(BaseException):
    """SIGTERM, on its way up."""


def run(argv: Sequence[str], *, clock: Clock | None = None) -> int:
    """One invocation, from arguments to exit code; `clock` None: the machine's."""
    output = Output(clock=clock, json="--json" in argv)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return _guarded(argv, output)
    except KeyboardInterrupt:
        return output.fail(interrupted(130))
    except TerminationSignal:
        return output.fail(interrupted(143))
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing more can be said, and nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _guarded(argv: Sequence[str], output: Output) -> int:
    try:
        return _invoke(argv, output)
    except BridgeError as error:
        _trace(output)
        return output.fail(error)
    except typer.TyperException as error:
        return output.fail(_usage(error))
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except OSError as error:
        _trace(output)
        return output.fail(_system(error))
    except Exception as error:  # the last resort: a bug should end in a sentence, too
        _trace(output)
        return output.fail(_bug(error))


def _invoke(argv: Sequence[str], output: Output) -> int:
    from bridge.cli.tree import build

    rest = hoist(argv, output)
    output.command = _named(rest)
    if output.version:
        rest = ["version"]
    app = build(rich=is_terminal(sys.stdout) and "NO_COLOR" not in os.environ and not output.no_color)
    tree = typer.main.get_command(app)
    try:
        # Not `main()`, which would take Ctrl-C and broken pipes for itself.
        with tree.make_context("passerelle", rest, obj=output) as ctx:
            result = tree.invoke(ctx)
    except typer.Exit as done:
        return done.exit_code
    return result if isinstance(result, int) else 0


def hoist(argv: Sequence[str], output: Output) -> list[str]:
    """Takes the global options out of the line, wherever they stand, and leaves the rest."""
    rest: list[str] = []
    line = list(argv)
    while line:
        word = line.pop(0)
        name, equals, value = word.removeprefix("--").partition("=")
        if word == "--":
            return [*rest, word, *line]
        if word.startswith("--") and name in FLAGS and not equals:
            setattr(output, name.replace("-", "_"), True)
        elif word.startswith("--") and name in VALUES:
            _set(output, name, value if equals else _next(line, name))
        else:
            rest.append(word)
            rest += _ids(line) if word == "--id" else []
    return rest


def _ids(line: list[str]) -> list[str]:
    """`--id 1 2 3` is as good as `--id 1 --id 2 --id 3`."""
    words = [line.pop(0)] if line else []
    while line and line[0].isdigit() and not Path(line[0]).exists():
        words += ["--id", line.pop(0)]
    return words


def _next(line: list[str], name: str) -> str:
    if not line:
        raise Usage(f"Option --{name} needs a value.")
    return line.pop(0)


def _set(output: Output, name: str, value: str) -> None:
    if name == "log-format":
        if value not in ("text", "json"):
            raise Usage(f"--log-format {value}: it is text or json.")
        output.log_format = value
    else:
        setattr(output, name, Path(value))


def _named(rest: Sequence[str]) -> str:
    """The command's name for the JSON envelope, as far as the line tells."""
    words = [word for word in rest if not word.startswith("-")]
    if words[:1] and words[0] in ("alt", "cache", "config", "db"):
        return " ".join(words[:2])
    return words[0] if words else "passerelle"


def _usage(error: typer.TyperException) -> Usage:
    text = getattr(error, "format_message", lambda: str(error))() or "That is no complete command line."
    where = getattr(getattr(error, "ctx", None), "command_path", "passerelle")
    return Usage(text if text.endswith("?") else text.rstrip(".") + ".", hint=f"See `{where} --help`.")


_SENTENCES = {
    errno.ENOSPC: "The disk is full",
    errno.EDQUOT: "The disk quota is used up",
    errno.EROFS: "The file system is read-only",
    errno.EACCES: "Permission was denied",
    errno.EPERM: "That is not permitted",
}


def _system(error: OSError) -> BridgeError:
    what = _SENTENCES.get(error.errno or 0, error.strerror or type(error).__name__)
    place = f": {error.filename}" if error.filename else ""
    return BridgeError(
        f"{what}{place}.", hint="Nothing is half done; mend it and run the same command again."
    )


def _bug(error: Exception) -> BridgeError:
    return BridgeError(
        f"An unexpected error ({type(error).__name__}) stopped this command; what was done is saved.",
        hint="Run it again with --debug to see where, and please report it.",
    )


def _trace(output: Output) -> None:
    if output.debug:
        import traceback

        output.remark(traceback.format_exc())


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise TerminationSignal
