"""Access tokens: in `credentials.toml` (0600, in a folder 0700), the environment, or a service credential.

A token leaves this module only inside `Credential`, which never shows it.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

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


_STORED = tuple(f.name for f in fields(Credential) if f.name not in ("account", "origin"))


def load_credentials(path: Path) -> dict[str, Credential]:
    """By account. Refuses a file that others on this machine may read."""
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
    return _parse(path, text)


def _parse(path: Path, text: str) -> dict[str, Credential]:
    try:
        accounts = tomllib.loads(text).get("accounts", {})
        return {
            account: Credential(account=account, **{k: str(v) for k, v in row.items() if k in _STORED})
            for account, row in accounts.items()
        }
    except (
        ValueError,
        TypeError,
        AttributeError,
    ):  # the parser's own words would quote the line, token and all
        raise ConfigError(
            f"{path} is not a credentials file.", hint="Move it away and run `passerelle login SERVER` again."
        ) from None


def save_credentials(path: Path, accounts: Mapping[str, Credential]) -> None:
    """Replaces the file in one step, so that a full disk or a crash leaves the old one."""
    lines = ["# Access tokens of passerelle. Keep this file to yourself; `passerelle logout` revokes them.\n"]
    for account, credential in sorted(accounts.items()):
        lines.append(f"\n[accounts.{json.dumps(account, ensure_ascii=False)}]\n")
        row = asdict(credential)
        lines += [f"{key} = {json.dumps(row[key], ensure_ascii=False)}\n" for key in _STORED if row[key]]
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


def given_token(environ: Mapping[str, str] | None = None) -> tuple[str, str] | None:
    """A token handed over by the surroundings, with its origin; it wins over `credentials.toml`."""
    environ = os.environ if environ is None else environ
    if token := environ.get("PASSERELLE_TOKEN", "").strip():
        return token, "PASSERELLE_TOKEN"
    if named := environ.get("PASSERELLE_TOKEN_FILE"):
        return _read_token(Path(named), "PASSERELLE_TOKEN_FILE"), "PASSERELLE_TOKEN_FILE"
    if folder := environ.get("CREDENTIALS_DIRECTORY"):
        file = Path(folder) / "passerelle-token"
        if file.is_file():
            return _read_token(file, "CREDENTIALS_DIRECTORY"), "CREDENTIALS_DIRECTORY"
    return None


def _read_token(path: Path, variable: str) -> str:
    try:
        token = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The token file {path} ({variable}) cannot be read.") from error
    if not token:
        raise ConfigError(f"The token file {path} ({variable}) is empty.")
    return token
