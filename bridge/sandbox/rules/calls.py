"""A request as the rules see it, and their answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bridge.sandbox.rules.formatting import Site
from bridge.sandbox.rules.problems import MASTODON, Problem
from bridge.sandbox.rules.profiles import Profile
from bridge.sandbox.rules.state import Account, Token, World
from bridge.sandbox.rules.windows import Quota

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
#: Codes of Misskey's own where they are not our words in capitals.
_MISSKEY = {
    "scope": "PERMISSION_DENIED", "forbidden": "PERMISSION_DENIED", "disabled": "YOUR_ACCOUNT_SUSPENDED",
    "token_invalid": "AUTHENTICATION_FAILED", "token_revoked": "AUTHENTICATION_FAILED",
}  # fmt: skip
ROUTING = frozenset({"no_route", "method"})  # said by the web framework, before the API has a say


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What looking into an uploaded file told."""

    type: str  #: image, gifv (an animation), video, audio
    mime: str
    width: int = 0
    height: int = 0
    duration: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file of a multipart body; `facts` None: nobody recognised it."""

    field: str
    name: str
    mime: str
    size: int
    facts: Facts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    method: str
    path: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)  #: names in lower case
    uploads: tuple[Upload, ...] = ()
    address: str = "127.0.0.1"
    is_form: bool = False

    def text(self, name: str) -> str | None:
        """A parameter as text; None when absent or of another shape."""
        value = self.parameters.get(name)
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, str | int | float) else None

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.parameters.get(name)
        if isinstance(value, list | tuple):
            return tuple(str(item) for item in value if item is not None)
        return () if value in (None, "") else (str(value),)

    def truth(self, name: str) -> bool | None:
        """Rails' idea of a boolean."""
        said = self.text(name)
        return None if said in (None, "") else str(said).lower() not in {"false", "f", "0", "off"}

    def number(self, name: str) -> int | None:
        said = self.text(name)
        try:
            return int(said) if said is not None else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int = 200
    body: object = field(default_factory=dict)  #: bytes go out as they are, everything else as JSON
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    keeps: tuple[tuple[str, int], ...] = ()  #: (blob name, which upload) to be kept
    status_id: str | None = None  #: of the status that this request made
    quota: Quota | None = None  #: of the family of calls that this request belongs to


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    account: Account
    token: Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything an endpoint may look at. `meddling`: faults that change what is stored."""

    world: World
    profile: Profile
    site: Site
    now: datetime
    call: Call
    token: Token | None = None
    limits: bool = True
    meddling: frozenset[str] = frozenset()

    @property
    def actor(self) -> Actor:
        """Who asks; raises the 401 or 422 of someone who is nobody."""
        if self.token is None:
            raise Problem("token_invalid")
        if self.token.revoked:
            raise Problem("token_revoked")
        if self.token.account_id is None:
            raise Problem("needs_user")
        account = self.world.accounts[self.token.account_id]
        if account.moved_to is not None or account.suspended:
            raise Problem("disabled")
        return Actor(account=account, token=self.token)

    def allow(self, *scopes: str) -> None:
        """Raises 403 unless the token has one of the scopes (or the whole family of one)."""
        token = self.token
        if token is None:
            raise Problem("token_invalid")
        if token.revoked:
            raise Problem("token_revoked")
        wider = {scope.partition(":")[0] for scope in scopes}
        if not (set(token.scopes) & (set(scopes) | wider)):
            raise Problem("scope")


def refusal(profile: Profile, problem: Problem) -> Answer:
    """The answer to a refused request, in the words of that software."""
    status, words = profile.words.get(problem.code) or MASTODON[problem.code]
    message = words.format(**problem.facts)
    headers = (
        (
            "WWW-Authenticate",
            f'Bearer realm="Doorkeeper", error="invalid_token", error_description="{message}"',
        ),
    )
    if profile.every_error is not None and problem.code not in ROUTING:
        code = "RATE_LIMIT_EXCEEDED" if status == 429 else _MISSKEY.get(problem.code, problem.code.upper())
        body = {"error": {"message": message, "code": code, "id": "d5826d14-3982-4d2e-8011-b9e9f02499ef"}}
        return Answer(status=profile.every_error, body=body)
    extra = {"unexpected_accounts": problem.facts["accounts"]} if "accounts" in problem.facts else {}
    return Answer(status=status, body={"error": message} | extra, headers=headers if status == 401 else ())
