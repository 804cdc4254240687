"""`handles.csv`: who is where. Columns `twitter_id,twitter,fediverse`; others are ignored."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from bridge.errors import ConfigError

_FEDIVERSE = re.compile(r"@?[\w.-]+@[\w.-]+\.[\w-]+")


def load_handles(path: Path) -> dict[str, str]:
    """Fediverse handles, "@user@host", by user id and by "@name" in lower case."""
    handles: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                handles.update(_entries(row, f"{path}, line {number}"))
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text.", hint="Save it as CSV in UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    return handles


def _entries(row: dict[str, str | None], place: str) -> dict[str, str]:
    fediverse = (row.get("fediverse") or "").strip()
    if not fediverse:
        return {}
    if not _FEDIVERSE.fullmatch(fediverse):
        raise ConfigError(f"{place}: {fediverse!r} is not a handle such as @user@server.example.")
    target = "@" + fediverse.lstrip("@")
    name = (row.get("twitter") or "").strip().lstrip("@").lower()
    user_id = (row.get("twitter_id") or "").strip()
    return {key: target for key in (user_id, f"@{name}" if name else "") if key}
