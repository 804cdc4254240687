"""The token for reading by X's API: from the surroundings, or from `credentials.toml` and renewed in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bridge.config.credentials import X_TOKEN, XToken, given_token, load_x_tokens, save_x_tokens
from bridge.errors import Barred
from bridge.posts import Author
from bridge.sources.twitter_api.authorize import Client, Granted, Web, renew

_EARLY = timedelta(minutes=1)  # a token that dies under way would cost a question


def choose(path: Path, owner: Author) -> XToken:
    """The owner's own token, else that of an app, else whichever there is: all read what is public."""
    if given := given_token(variable=X_TOKEN):
        return XToken(id="app", token=given[0], origin=given[1])
    tokens = load_x_tokens(path)
    handle = (owner.handle or "").lower()
    own = (
        each for each in tokens.values() if each.id == owner.id or (handle and each.handle.lower() == handle)
    )
    found = next(own, None) or tokens.get("app") or next(iter(tokens.values()), None)
    if found is None:
        raise Barred("There is no token for X's API.", hint=f"Run `passerelle login x`, or set {X_TOKEN}.")
    return found


def kept(old: XToken, granted: Granted, now: datetime) -> XToken:
    return replace(
        old,
        token=granted.token,
        refresh_token=granted.refresh_token or old.refresh_token,
        expires_at=(now + timedelta(seconds=granted.seconds)).isoformat(),
    )


class StoredKey:
    """Implements the `Key` of the X API."""

    def __init__(
        self, path: Path, token: XToken, *, server: str, web: Web, now: Callable[[], datetime]
    ) -> None:
        self._path, self._token, self._server = path, token, server
        self._web, self._now = web, now

    def token(self) -> str:
        expires = self._token.expires_at
        if expires and datetime.fromisoformat(expires) - _EARLY <= self._now():
            self.renew()
        return self._token.token

    def renew(self) -> bool:
        """A refresh token works once: another process may have used it, and kept what it brought."""
        if given_token(variable=X_TOKEN):
            return False
        stored = load_x_tokens(self._path)
        known = stored.get(self._token.id, self._token)
        if known.token != self._token.token:
            self._token = known
            return True
        if not known.refresh_token or not known.client_id:
            return False
        granted = renew(Client(server=self._server, id=known.client_id), known.refresh_token, self._web)
        self._token = kept(known, granted, self._now())
        save_x_tokens(self._path, {**stored, self._token.id: self._token})
        return True
