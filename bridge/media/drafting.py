"""Drafts of descriptions by a program of the user's choice: it is given a picture, and says what is on it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from bridge.errors import ConfigError, MediaError

TIMEOUT = 120.0  # seconds for one picture
_LONGEST = 10_000  # characters; what is longer is no description


class Drafter:
    """Runs `command PICTURE` without a shell, with a copy of the picture that is deleted afterwards.

    ConfigError: there is no such program.
    """

    def __init__(self, command: str, *, timeout: float = TIMEOUT) -> None:
        try:
            self._command = shlex.split(command)
        except ValueError as error:
            raise ConfigError(f"alt.command cannot be read: {error}.", hint="Mind its quotes.") from error
        if not self._command or shutil.which(self._command[0]) is None:
            raise ConfigError(
                f"alt.command: there is no program {self._command[0] if self._command else ''!r}.",
                hint="Give its whole path.",
            )
        self._timeout = timeout

    def write(self, name: str, open_file: Callable[[], BinaryIO], facts: Mapping[str, str]) -> str:
        """`facts` become environment variables. Raises MediaError with what the program had to say."""
        with tempfile.TemporaryDirectory(prefix="passerelle-alt-") as folder:
            picture = Path(folder) / name
            with open_file() as source, picture.open("wb") as target:
                shutil.copyfileobj(source, target)
            return self._run(picture, facts)

    def _run(self, picture: Path, facts: Mapping[str, str]) -> str:
        program = self._command[0]
        try:
            done = subprocess.run(  # noqa: S603 - the command is the user's own
                [*self._command, str(picture)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self._timeout,
                env={**os.environ, **facts},
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise MediaError(
                f"{program} took longer than {self._timeout:.0f} s over {picture.name}."
            ) from None
        except OSError as error:
            raise MediaError(f"{program} cannot be run: {error.strerror}.") from error
        said = done.stdout.decode(errors="replace").strip()
        if done.returncode:
            why = done.stderr.decode(errors="replace").strip().splitlines()
            raise MediaError(f"{program} failed over {picture.name}: {why[-1] if why else done.returncode}.")
        if not said or len(said) > _LONGEST:
            raise MediaError(f"{program} said {'nothing' if not said else 'far too much'} of {picture.name}.")
        return said
