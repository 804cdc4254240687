"""Access tokens: in `credentials.toml` (0600, in a folder 0700), the environment, or a service credential.

A token leaves this module only inside `Credential`, which never shows it.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeAlias

from bridge.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """How to speak for one account; `origin` says where the token was found."""

    account: str  #: "@me@example.social"
    server: str  #: base URL
    token: str = field(repr=False)
    name: str = ""  #: the short name it was given at `login --name`
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scopes: str = ""
    origin: str = "credentials.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class XToken:
    """What lets us read by X's API: of an account, or of an app, which reads what is public."""

    id: str  #: "app", or the number of the account that allowed it
    token: str = field(repr=False)
    handle: str = ""
    refresh_token: str = field(default="", repr=False)
    expires_at: str = ""  #: ISO 8601, UTC; "": never
    client_id: str = ""
    origin: str = "credentials.toml"


Tables: TypeAlias = dict[str, dict[str, str]]

_STORED = tuple(f.name for f in fields(Credential) if f.name not in ("account", "origin"))
_X_STORED = tuple(f.name for f in fields(XToken) if f.name not in ("id", "origin"))


def load_credentials(path: Path) -> dict[str, Credential]:
    """By account. Refuses a file that others on this machine may read."""
    found = _load(path, "accounts", _STORED)
    try:
        return {account: Credential(account=account, **row) for account, row in found.items()}
    except TypeError:
        raise _damaged(path) from None


def load_x_tokens(path: Path) -> dict[str, XToken]:
    """By id. Refuses a file that others on this machine may read."""
    try:
        return {id_: XToken(id=id_, **row) for id_, row in _load(path, "x", _X_STORED).items()}
    except TypeError:
        raise _damaged(path) from None


def _load(path: Path, section: str, names: Iterable[str]) -> Tables:
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ConfigError(
                f"{path} can be read by other users of this machine, and it holds access tokens.",
                hint=f"Run: chmod 600 '{path}'",
            )
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        rows = tomllib.loads(text).get(section, {})
        return {key: {k: str(v) for k, v in row.items() if k in names} for key, row in rows.items()}
    except (ValueError, AttributeError):  # the parser's own words would quote the line, token and all
        raise _damaged(path) from None


def _damaged(path: Path) -> ConfigError:
    return ConfigError(
        f"{path} is not a credentials file.", hint="Move it away and run `passerelle login SERVER` again."
    )


def save_credentials(path: Path, accounts: Mapping[str, Credential]) -> None:
    """Replaces the file in one step, so that a full disk or a crash leaves the old one."""
    _save(path, accounts=_rows(accounts, _STORED), x=_load(path, "x", _X_STORED))


def save_x_tokens(path: Path, tokens: Mapping[str, XToken]) -> None:
    """The same, for the other half of the file."""
    _save(path, accounts=_load(path, "accounts", _STORED), x=_rows(tokens, _X_STORED))


def _rows(values: Mapping[str, Credential] | Mapping[str, XToken], names: Iterable[str]) -> Tables:
    return {key: {name: getattr(value, name) for name in names} for key, value in values.items()}


def _save(path: Path, **sections: Tables) -> None:
    lines = ["# Access tokens of passerelle. Keep this file to yourself; `passerelle logout` revokes them.\n"]
    for section, rows in sections.items():
        for key, row in sorted(rows.items()):
            lines.append(f"\n[{section}.{json.dumps(key, ensure_ascii=False)}]\n")
            lines += [
                f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in row.items() if value
            ]
    replace_file(path, "".join(lines))


def replace_file(path: Path, text: str) -> None:
    """Writes `text` beside `path`, mode 0600, and moves it into place."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def given_token(
    environ: Mapping[str, str] | None = None, *, variable: str = "PASSERELLE_TOKEN"
) -> tuple[str, str] | None:
    """A token handed over by the surroundings, with its origin; it wins over `credentials.toml`."""
    environ = os.environ if environ is None else environ
    if token := environ.get(variable, "").strip():
        return token, variable
    if named := environ.get(f"{variable}_FILE"):
        return _read_token(Path(named), f"{variable}_FILE"), f"{variable}_FILE"
    if folder := environ.get("CREDENTIALS_DIRECTORY"):
        file = Path(folder) / variable.lower().replace("_", "-")
        if file.is_file():
            return _read_token(file, "CREDENTIALS_DIRECTORY"), "CREDENTIALS_DIRECTORY"
    return None


X_TOKEN = "PASSERELLE_X_TOKEN"  # noqa: S105  # the name of a variable


def _read_token(path: Path, variable: str) -> str:
    try:
        token = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The token file {path} ({variable}) cannot be read.") from error
    if not token:
        raise ConfigError(f"The token file {path} ({variable}) is empty.")
    return token
