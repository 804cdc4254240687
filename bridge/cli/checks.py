"""What `doctor` has to say of one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.errors import BridgeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    name: str
    state: str  #: ok | warn | fail
    message: str
    hint: str | None = None
    exit_code: int = 1  #: of the command, when this is its first failure


def guarded(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except BridgeError as error:
        return failed(name, error)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        return Check(name=name, state="fail", message=f"{error.strerror or error}{place}")


def failed(name: str, error: BridgeError) -> Check:
    return Check(name=name, state="fail", message=error.message, hint=error.hint, exit_code=error.exit_code)
