"""One request and its answer, with whatever fault strikes in between."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from bridge.sandbox.bodies import Part, Unreadable, read_body, read_query
from bridge.sandbox.clock import Clock
from bridge.sandbox.pictures import look_into
from bridge.sandbox.rules import statuses
from bridge.sandbox.rules.application import Application, Prepared, as_bytes
from bridge.sandbox.rules.calls import HTML, JSON, Answer, Call, Upload, refusal
from bridge.sandbox.rules.documents import problem_page
from bridge.sandbox.rules.faults import MEDDLING, Fault, FaultKind, Faults
from bridge.sandbox.rules.idempotency import Busy
from bridge.sandbox.rules.problems import Problem
from bridge.sandbox.storage import Storage
from bridge.sandbox.wire import LARGEST, Connection, Hangup, Reply

if TYPE_CHECKING:
    from bridge.sandbox.pages import Pages

Struck = tuple[Fault, ...]
BY_PROXY = {
    FaultKind.ERROR_503: (503, "Service Unavailable"),
    FaultKind.ERROR_502: (502, "Bad Gateway"),
    FaultKind.ERROR_500: (500, "Internal Server Error"),
    FaultKind.HTML_429: (429, "Too Many Requests"),
    FaultKind.HTML_200: (200, "Back soon"),
    FaultKind.MOVED_301: (301, "Moved Permanently"),
    FaultKind.REDIRECT: (307, "Temporary Redirect"),
    FaultKind.COMMIT_504: (504, "Gateway Time-out"),
    FaultKind.COMMIT_500: (500, "We're sorry, but something went wrong (500)"),
    FaultKind.COMMIT_HTML: (200, "Back soon"),
}
BY_SERVER = {
    FaultKind.UNAUTHORIZED: "token_invalid",
    FaultKind.FORBIDDEN: "scope",
    FaultKind.ERROR_422: "record_invalid",
}
UNSTORED = frozenset({
    FaultKind.ERROR_503, FaultKind.ERROR_502, FaultKind.ERROR_500, FaultKind.HTML_429, FaultKind.HTML_200,
    FaultKind.MOVED_301, FaultKind.REDIRECT,
})  # fmt: skip


class Log:
    """How many requests came, of which sort, and how they were answered; the last ones one by one."""

    def __init__(self) -> None:
        self.total = 0
        self.by_answer: Counter[int] = Counter()
        self.by_request: Counter[str] = Counter()
        self.last: deque[tuple[str, str, int]] = deque(maxlen=10_000)

    def add(self, method: str, path: str, status: int) -> None:
        """`status` 0: there was no answer."""
        self.total += 1
        self.by_answer[status] += 1
        generic = "/".join(
            ":id" if any(c.isdigit() for c in p) and p not in {"v1", "v2"} else p for p in path.split("/")
        )
        self.by_request[f"{method} {generic}"] += 1
        self.last.append((method, path, status))


class Exchange:
    """Answers requests of all connections; `lock` guards the world, the faults and the log."""

    def __init__(self, application: Application, storage: Storage, clock: Clock, faults: Faults) -> None:
        self.application = application
        self.storage = storage
        self.clock = clock
        self.faults = faults
        self.log = Log()
        self.lock = threading.Condition(threading.RLock())
        self.latency = 0.0
        self.lock_seconds = 10.0
        self.pages: Pages | None = None
        self._gate = threading.Event()
        self.pause: Callable[[float], object] = self._wait  #: how a slow fault passes its seconds
        self.waiting = 0  #: requests held up, by a slow fault or by another one with their key

    def answer(self, connection: Connection) -> Reply:
        """What goes out, with the log kept. Raises `Hangup`."""
        path = urlsplit(connection.path).path
        with self.lock:
            struck = self.faults.strike(connection.command, path) if len(self.faults) else ()
        try:
            reply = self._answer(connection, struck)
        except Hangup:
            with self.lock:
                self.log.add(connection.command, path, 0)
            raise
        with self.lock:
            self.log.add(connection.command, path, reply.status)
        return reply

    def release(self) -> None:
        """Lets everything go on that a slow fault holds up."""
        gate, self._gate = self._gate, threading.Event()
        gate.set()

    def _answer(self, connection: Connection, struck: Struck) -> Reply:
        self._cut(connection, struck)
        if connection.length() > LARGEST:
            connection.close_connection = True
            said = problem_page("413 Request Entity Too Large", "nginx")
            return self._reply(Answer(status=413, body=said, content_type=HTML), self._now(struck))
        body = connection.read()
        if self.latency:
            time.sleep(self.latency)
        now = self._now(struck)
        early = self._unstored(connection, struck, now)
        if early is not None:
            return early
        page = self.pages.answer(connection, body, now) if self.pages is not None else None
        if page is not None:
            return self._reply(page, now)
        return self._served(connection, body, struck)

    def _served(self, connection: Connection, body: bytes, struck: Struck) -> Reply:
        now = self._now(struck)
        profile = self.application.profile
        if profile.needs_user_agent and not connection.headers.get("User-Agent"):
            return self._reply(refusal(profile, Problem("user_agent")), now)
        try:
            call, parts = read_call(connection, body)
        except Unreadable:
            return self._reply(refusal(profile, Problem("body_json")), now)
        answer = self._carried_out(call, parts, struck)
        now = self._now(struck)
        if answer.status == 500 and "application/json" not in call.headers.get("accept", ""):
            answer = replace(answer, body=problem_page("500", "Internal Server Error"), content_type=HTML)
        return self._astray(self._reply(answer, now), answer, struck)

    def _carried_out(self, call: Call, parts: tuple[Part, ...], struck: Struck) -> Answer:
        """Checks, the pause that a fault makes, the commit; each under the lock."""
        meddling = frozenset(fault.kind.value for fault in struck if fault.kind in MEDDLING)
        with self.lock:
            prepared = self._prepared(call, meddling, struck)
            if isinstance(prepared, Answer):
                self._keep({})
                return prepared
        self._pause(struck, FaultKind.SLOW_COMMIT)
        with self.lock:
            answer = self.application.commit(prepared, self._now(struck))
            self._keep({name: parts[index].content for name, index in answer.keeps})
            self._afterwards(prepared, answer, struck)
            self.lock.notify_all()
            return answer

    def _prepared(self, call: Call, meddling: frozenset[str], struck: Struck) -> Prepared | Answer:
        """Waits while another request with the same key runs."""
        ask: Callable[[Call, datetime, frozenset[str]], Prepared | Answer] = self.application.prepare
        until = time.monotonic() + self.lock_seconds
        while True:
            try:
                return ask(call, self._now(struck), meddling)
            except Busy:
                ask = self.application.wait
                self.waiting += 1
                woken = self.lock.wait(until - time.monotonic())
                self.waiting -= 1
                if not woken:
                    return self.application.gave_up()

    def _keep(self, blobs: dict[str, bytes]) -> None:
        changes = self.application.world.take_changes()
        if changes or blobs:
            self.storage.save(changes, blobs)

    def _afterwards(self, prepared: Prepared, answer: Answer, struck: Struck) -> None:
        world = self.application.world
        kinds = {fault.kind for fault in struck}
        if FaultKind.OWNER_DELETES in kinds and answer.status_id in world.statuses:
            statuses.remove(prepared.ctx, world.statuses[answer.status_id or ""])
        if FaultKind.MEDIA_LOST in kinds:
            for name, _ in answer.keeps:
                world.media.pop(name, None)
        self._keep({})

    def _cut(self, connection: Connection, struck: Struck) -> None:
        for fault in struck:
            if fault.kind is FaultKind.CUT_REQUEST:
                connection.read(fault.bytes or 0)
                raise Hangup(reset=fault.reset)
            if fault.kind is FaultKind.CUT_BEFORE:
                connection.read()
                raise Hangup(reset=fault.reset)

    def _unstored(self, connection: Connection, struck: Struck, now: datetime) -> Reply | None:
        """The answer of a fault that keeps the request from being carried out at all."""
        profile = self.application.profile
        for fault in struck:
            if fault.kind in BY_SERVER:
                return self._reply(refusal(profile, Problem(BY_SERVER[fault.kind])), now)
            if fault.kind in UNSTORED:
                return self._reply(_by_proxy(fault, connection.path), now)
        return None

    def _astray(self, reply: Reply, answer: Answer, struck: Struck) -> Reply:
        """What becomes of an answer on its way."""
        if self.application.profile.closes_silently:
            reply = replace(reply, closes=True)
        for fault in struck:
            reply = self._strayed(reply, answer, fault)
        return reply

    def _strayed(self, reply: Reply, answer: Answer, fault: Fault) -> Reply:
        match fault.kind:
            case FaultKind.COMMIT_DROP:
                raise Hangup(reset=fault.reset)
            case FaultKind.CUT_ANSWER:
                return replace(reply, bytes=fault.bytes, half=fault.bytes is None, reset=fault.reset)
            case FaultKind.COMMIT_504 | FaultKind.COMMIT_500 | FaultKind.COMMIT_HTML:
                self._pause((fault,), fault.kind)
                return self._reply(_by_proxy(fault, ""), reply.date)
            case FaultKind.SLOW_ANSWER:
                self._pause((fault,), fault.kind)
                return reply
            case FaultKind.COMMIT_GARBAGE:
                return replace(reply, body=as_bytes(answer)[: len(reply.body) // 2])
            case FaultKind.BAD_RESET:
                headers = [(n, v) for n, v in reply.headers if n != "X-RateLimit-Reset"]
                return replace(reply, headers=(*headers, ("X-RateLimit-Reset", "soon")))
            case FaultKind.CLOSE_AFTER:
                return replace(reply, closes=True, reset=fault.reset)
        return reply

    def _pause(self, struck: Struck, kind: FaultKind) -> None:
        for fault in struck:
            if fault.kind is kind and fault.seconds:
                self.waiting += 1
                self.pause(fault.seconds)
                self.waiting -= 1

    def _wait(self, seconds: float) -> None:
        """Of the machine's time, unless it is released."""
        self._gate.wait(seconds)

    def _now(self, struck: Struck) -> datetime:
        skew = sum(fault.seconds for fault in struck if fault.kind is FaultKind.CLOCK_SKEW)
        return self.clock.now() + timedelta(seconds=skew)

    def _reply(self, answer: Answer, now: datetime) -> Reply:
        return Reply(
            status=answer.status,
            body=as_bytes(answer),
            content_type=answer.content_type,
            headers=answer.headers,
            date=now,
        )


def read_call(connection: Connection, body: bytes) -> tuple[Call, tuple[Part, ...]]:
    """The request as the rules see it, its files looked into. Raises `Unreadable`."""
    split = urlsplit(connection.path)
    content_type = connection.headers.get("Content-Type", "")
    parameters, parts = read_body(content_type, body)
    call = Call(
        method=connection.command,
        path=unquote(split.path),
        parameters=read_query(split.query) | parameters,
        headers={name.lower(): value for name, value in connection.headers.items()},
        uploads=tuple(
            Upload(field=p.field, name=p.name, mime=p.mime, size=len(p.content), facts=look_into(p.content))
            for p in parts
        ),
        address=connection.client_address[0],
        is_form=bool(body) and not content_type.startswith("application/json"),
    )
    return call, parts


def _by_proxy(fault: Fault, path: str) -> Answer:
    status, title = BY_PROXY[fault.kind]
    headers: tuple[tuple[str, str], ...] = ()
    if fault.kind is FaultKind.HTML_429:
        headers = (("Retry-After", str(int(fault.seconds) or 30)),)
    if fault.kind is FaultKind.MOVED_301:
        headers = (("Location", path.rstrip("/") + "/"),)
    if fault.kind is FaultKind.REDIRECT:
        headers = (("Location", fault.to + path),)
    as_json = fault.kind is FaultKind.ERROR_503
    body: object = {"error": "There was a temporary problem serving your request, please try again"}
    return Answer(
        status=status,
        body=body if as_json else problem_page(f"{status} {title}", "nginx"),
        content_type=JSON if as_json else HTML,
        headers=headers,
    )
