"""The ways to tell people: a program of theirs, or the services that Apprise knows."""

from __future__ import annotations

import json
import logging
import os
import shlex
import shutil
import subprocess
import warnings
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Protocol

from bridge.errors import BridgeError, ConfigError
from bridge.operation.messages import Message
from bridge.operation.redacting import redact

TIMEOUT = 60.0  #: seconds for a program
_OURS = ("PASSERELLE_", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_")  # tokens, and systemd's ear


class NotTold(BridgeError):
    """This way did not work; another, or another time, may."""

    code = "NOT_TOLD"


class Way(Protocol):
    @property
    def name(self) -> str:
        """May be shown."""
        ...

    def tell(self, message: Message) -> None:
        """Raises NotTold."""
        ...


class Program:
    """Runs `command` without a shell. The message is JSON on its standard input; event, state, subject and
    title are in its environment, in which nothing else of ours is. ConfigError: there is no such program."""

    def __init__(self, command: str, *, timeout: float = TIMEOUT) -> None:
        try:
            self._command = shlex.split(command)
        except ValueError as error:
            raise ConfigError(f"notify.command cannot be read: {error}.", hint="Mind its quotes.") from error
        self.name = self._command[0] if self._command else ""
        if shutil.which(self.name) is None:
            raise ConfigError(
                f"notify.command: there is no program {self.name!r}.", hint="Give its whole path."
            )
        self._timeout = timeout

    def tell(self, message: Message) -> None:
        try:
            done = subprocess.run(  # noqa: S603 - the command is the user's own
                self._command,
                input=json.dumps(message.document(), ensure_ascii=False).encode(),
                capture_output=True,
                timeout=self._timeout,
                env=_environment(os.environ, message),
                start_new_session=True,  # Ctrl-C is meant for us
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotTold(f"{self.name} took longer than {self._timeout:.0f} s.") from None
        except OSError as error:
            raise NotTold(f"{self.name} cannot be run: {error.strerror}.") from error
        if done.returncode:
            said = redact(done.stderr.decode(errors="replace")).strip().splitlines()
            raise NotTold(f"{self.name} failed: {said[-1] if said else f'exit code {done.returncode}'}.")


def _environment(environ: Mapping[str, str], message: Message) -> dict[str, str]:
    ours = {name: value for name, value in environ.items() if not name.startswith(_OURS)}
    return ours | {
        "PASSERELLE_EVENT": message.event,
        "PASSERELLE_STATE": message.state,
        "PASSERELLE_SUBJECT": message.subject,
        "PASSERELLE_TITLE": message.title,
    }


class Service:
    """One address of Apprise's. It holds secrets, so that only its scheme is ever shown. `number`: from 1.

    ConfigError: Apprise is not installed, or does not know it.
    """

    def __init__(self, url: str, number: int) -> None:
        if find_spec("apprise") is None:
            raise ConfigError(
                "notify.urls need Apprise, which is not installed.", hint="pip install 'passerelle[notify]'"
            )
        import apprise

        _hush()
        self.name = f"{url.partition('://')[0][:20]}://…"
        asset = apprise.AppriseAsset(app_id="Passerelle", app_desc="Passerelle", secure_logging=True)
        self._service = apprise.Apprise(asset=asset)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of its plugins, for their authors
            known = self._service.add(url)
        if not known:
            raise ConfigError(
                f"notify.urls: Apprise does not know address {number} ({self.name}).",
                hint="See https://github.com/caronc/apprise/wiki for how they are written.",
            )

    def tell(self, message: Message) -> None:
        if not self._service.notify(body=message.text, title=message.title, notify_type=_kind(message)):
            raise NotTold(f"{self.name} did not take the message.")


def ways(command: str | None, urls: Sequence[str]) -> list[Way]:
    """All of them. ConfigError: one is not there."""
    programs: list[Way] = [Program(command)] if command else []
    return [*programs, *(Service(url, number) for number, url in enumerate(urls, 1))]


def _kind(message: Message) -> str:
    return "success" if message.state == "over" else "warning" if message.event != "digest" else "info"


def _hush() -> None:
    """What Apprise logs may hold its addresses, and would go to standard error."""
    logger = logging.getLogger("apprise")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
