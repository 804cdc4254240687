"""What a browser is shown, and what a harness may steer: everything that is not the client API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from bridge.sandbox import timeline
from bridge.sandbox.authorize import authorize
from bridge.sandbox.bodies import Unreadable
from bridge.sandbox.exchange import Exchange, read_call
from bridge.sandbox.inspection import State
from bridge.sandbox.rules import oauth, statuses
from bridge.sandbox.rules.calls import Answer, Call, Context
from bridge.sandbox.rules.faults import Fault

if TYPE_CHECKING:
    from bridge.sandbox.wire import Connection

INLINE = frozenset({
    "image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "video/mp4", "video/webm",
    "video/quicktime", "audio/mpeg", "audio/ogg", "audio/wav", "audio/flac",
})  # fmt: skip
NOSNIFF = (("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", "default-src 'none'; sandbox"))


class Pages:
    """Pages and controls; `answer` gives None for whatever belongs to the API."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._state = State(exchange)

    def answer(self, connection: Connection, body: bytes, now: datetime) -> Answer | None:
        path = urlsplit(connection.path).path
        if path.startswith(("/api/", "/oauth/token", "/oauth/revoke", "/.well-known/", "/nodeinfo/")):
            return None
        try:
            call, _ = read_call(connection, body)
        except Unreadable:
            return Answer(status=400, body={"error": "Unreadable"})
        with self._exchange.lock:
            ctx = self._exchange.application.context(call, now)
            return self._page(ctx, path)

    def _page(self, ctx: Context, path: str) -> Answer | None:
        if path.startswith("/_practice/"):
            return self._steered(ctx, path.removeprefix("/_practice/"))
        if path.startswith("/media/"):
            return self._file(ctx, path.removeprefix("/media/"))
        if path == "/oauth/authorize":
            answer = authorize(ctx)
            self._exchange.storage.save(ctx.world.take_changes(), {})
            return answer
        return timeline.page(ctx, ctx.call.path)

    def _file(self, ctx: Context, name: str) -> Answer:
        content = self._exchange.storage.blob(name)
        medium = ctx.world.media.get(name)
        if content is None:
            return Answer(status=404, body={"error": "Record not found"}, headers=NOSNIFF)
        kind = medium.mime if medium is not None else "image/png"
        return _ranged(ctx.call, content, kind if kind in INLINE else "application/octet-stream")

    def _steered(self, ctx: Context, what: str) -> Answer:
        """Only from this machine, and from no page of another origin."""
        origin = ctx.call.headers.get("origin")
        if not ip_address(ctx.call.address).is_loopback or (origin and origin != ctx.site.base_url):
            return Answer(status=403, body={"error": "Only from this machine"})
        head, _, rest = what.partition("/")
        steer = self._controls().get(f"{ctx.call.method} {head}")
        if steer is None:
            return Answer(status=404, body={"error": f"There is no control called {what}"})
        try:
            return steer(ctx, rest)
        except (msgspec.ValidationError, KeyError, ValueError, TypeError) as error:
            return Answer(status=422, body={"error": str(error)})

    def _controls(self) -> dict[str, Callable[[Context, str], Answer]]:
        return {
            "GET state": self._show_state,
            "POST faults": self._add_fault,
            "GET faults": self._show_faults,
            "DELETE faults": self._remove_faults,
            "POST clock": self._move_clock,
            "GET clock": self._show_clock,
            "POST release": self._release,
            "POST delete": self._delete,
            "POST account": self._change_account,
            "POST tokens": self._new_token,
        }

    def _show_state(self, ctx: Context, _rest: str) -> Answer:
        return Answer(body=self._state.document(since=ctx.call.number("since") or 0))

    def _add_fault(self, ctx: Context, _rest: str) -> Answer:
        fault = msgspec.convert(dict(ctx.call.parameters), Fault, strict=False)
        return Answer(body={"id": self._exchange.faults.add(fault)})

    def _show_faults(self, _ctx: Context, _rest: str) -> Answer:
        struck = [{"kind": kind, "on": on} for kind, on in self._exchange.faults.history]
        return Answer(body={"armed": len(self._exchange.faults), "struck": struck})

    def _remove_faults(self, _ctx: Context, rest: str) -> Answer:
        if rest:
            self._exchange.faults.remove(int(rest))
        else:
            self._exchange.faults.clear()
        return Answer()

    def _move_clock(self, ctx: Context, _rest: str) -> Answer:
        self._exchange.clock.advance(float(ctx.call.text("advance") or 0))
        return self._show_clock(ctx, "")

    def _show_clock(self, _ctx: Context, _rest: str) -> Answer:
        return Answer(body={"now": self._exchange.clock.now().isoformat()})

    def _release(self, _ctx: Context, _rest: str) -> Answer:
        self._exchange.release()
        return Answer()

    def _delete(self, ctx: Context, _rest: str) -> Answer:
        """The owner deletes a status by hand."""
        statuses.remove(ctx, ctx.world.statuses[ctx.call.text("id") or ""])
        self._exchange.storage.save(ctx.world.take_changes(), {})
        return Answer()

    def _change_account(self, ctx: Context, _rest: str) -> Answer:
        """`moved_to`, `suspended`, `silenced`, `display_name`, `note` … of `username`."""
        changes = dict(ctx.call.parameters)
        account_id = ctx.world.indexes.names[str(changes.pop("username")).lower()]
        ctx.world.accounts[account_id] = replace(ctx.world.accounts[account_id], **changes)  # type: ignore[arg-type] # names come from a test
        self._exchange.storage.save(ctx.world.take_changes(), {})
        return Answer()

    def _new_token(self, ctx: Context, _rest: str) -> Answer:
        account_id = ctx.world.indexes.names[(ctx.call.text("username") or "").lower()]
        scopes = tuple((ctx.call.text("scopes") or "read write").split())
        token = oauth.issue(ctx, ctx.world.apps["0"], account_id, scopes)
        self._exchange.storage.save(ctx.world.take_changes(), {})
        return Answer(body={"access_token": token.token})


def _ranged(call: Call, content: bytes, kind: str) -> Answer:
    """The file, or the range of it that a film player asks for."""
    asked = call.headers.get("range", "")
    headers = (*NOSNIFF, ("Accept-Ranges", "bytes"))
    if not asked.startswith("bytes=") or "," in asked:
        return Answer(body=content, content_type=kind, headers=headers)
    first, _, last = asked.removeprefix("bytes=").partition("-")
    if not (first or last) or not (first + last).isdigit():
        return Answer(body=content, content_type=kind, headers=headers)
    start = int(first) if first else max(0, len(content) - int(last))
    end = min(int(last), len(content) - 1) if first and last else len(content) - 1
    if start > end:
        return Answer(status=416, body=b"", headers=(*headers, ("Content-Range", f"bytes */{len(content)}")))
    said = ("Content-Range", f"bytes {start}-{end}/{len(content)}")
    return Answer(status=206, body=content[start : end + 1], content_type=kind, headers=(*headers, said))
