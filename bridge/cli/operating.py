"""What stands beside the loop of `watch`: pages for monitoring, word to systemd, and to people."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bridge.cli.systemd import Notifier
from bridge.config.credentials import given_token
from bridge.engine.bench import Bench, Threads, said
from bridge.operation.address import Address
from bridge.operation.alarm import Alarm, Patience
from bridge.operation.digest import Digest
from bridge.operation.observer import Observer, Several
from bridge.operation.pulse import Pulse, Watched
from bridge.operation.teller import Teller
from bridge.operation.ways import Way, ways

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.cli.mirroring import Mirrors
    from bridge.config.settings import Settings
    from bridge.engine.clock import Clock
    from bridge.engine.tend import Desk
    from bridge.operation.server import PageServer
    from bridge.worker import Voice

_TELLING = "telling"
_EVERY = timedelta(seconds=30)  # people are told so soon
_LAST_WORD = 10.0  # seconds that are waited at the end for a message under way
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NOTIFY_URLS = "PASSERELLE_NOTIFY_URLS"


def ways_of(settings: Settings) -> list[Way]:
    """Addresses also from the surroundings, as tokens are. ConfigError: one is not there."""
    given = given_token(variable=NOTIFY_URLS)
    urls = given[0].split() if given else [each.get_secret_value() for each in settings.notify.urls]
    return ways(settings.notify.command, urls)


def names_of(app: App, desks: Sequence[Desk]) -> dict[str, str]:
    """By account: its mirror, or its destination when several mirrors feed it."""
    routes = {route.destination: desk.routes for desk in desks for route in desk.routes}
    return {
        account: app.mirror(app.settings.mirrors[each[0].mirror].destination)
        or app.settings.mirrors[each[0].mirror].destination
        for account, each in routes.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What some settings come to; nothing of it is in use yet, but for a server at a new address."""

    teller: Teller
    alarm: Alarm
    watched: Watched
    sources: Sequence[str]
    server: PageServer | None


class Operation:
    """Lasts as long as the process, through every reload."""

    def __init__(self, clock: Clock, voice: Voice, bench: Bench | None = None) -> None:
        self.pulse = Pulse(now=clock.now)
        self.notifier = Notifier()
        self.server: PageServer | None = None
        self._clock, self._voice = clock, voice
        self._bench = bench or Threads({_TELLING: 1})
        self._ready: Ready | None = None
        self._telling, self._due = False, clock.now()

    # -- settings

    def prepare(self, mirrors: Mirrors, *, serve: bool = True) -> Ready:
        """ConfigError: a way to tell people is not there, or nothing can be served at that address."""
        app, desks = mirrors.app, list(mirrors.desks.values())
        settings, names = app.settings, names_of(app, desks)
        sources = sorted({each for desk in desks for route in desk.routes for each in route.sources})
        budget = settings.x_api.max_usd_per_month if app.is_billed(sources) else None
        digest = Digest(
            ledger=app.ledger,
            mirrors=names,
            day=_DAYS.index(settings.notify.digest_day),
            zone=ZoneInfo(settings.render.timezone) if settings.render.timezone else None,
            x_budget=budget,
            subjects=frozenset([*sources, *names]),
        )
        teller = Teller(
            app.ledger, ways_of(settings), kinds=settings.notify.events, digest=digest, voice=self._voice
        )
        return Ready(
            teller=teller,
            alarm=Alarm(app.ledger, self._clock.now, _patience(settings), self._complain),
            watched=Watched(
                pulse=self.pulse, ledger=app.ledger, now=self._clock.now, mirrors=names, x_budget=budget
            ),
            sources=sources,
            server=self._server(settings.watch.metrics_addr) if serve else None,
        )

    def adopt(self, ready: Ready) -> None:
        """From now on these settings."""
        if self._ready is not None:
            ready.alarm.inherit(self._ready.alarm)
            self.pulse.reload_failed, self.pulse.reloaded_at = False, self._clock.now()
        self._ready, self._due = ready, self._clock.now()
        self.pulse.expect(ready.sources, ready.watched.mirrors)
        if self.server is not None and self.server is not ready.server:
            self.server.close()
        fresh = ready.server is not self.server
        self.server = ready.server
        if self.server is not None:
            from bridge.operation.pages import pages

            self.server.replace(pages(ready.watched))
            if fresh:
                self._announce(self.server.address)

    def observer(self) -> Observer:
        assert self._ready is not None
        return Several([self.pulse, self._ready.alarm])

    def refused(self) -> None:
        """New settings do not hold: those of before hold on."""
        self.pulse.reload_failed = True

    # -- at work

    def beat(self) -> None:
        """At every turn of the loop."""
        self.pulse.turned()
        self.notifier.beat()
        for _, _, outcome in self._bench.finished():
            self._telling = False
            if isinstance(outcome, Exception):
                self._complain(f"People could not be told: {said(outcome)}")
        if not self._telling and self._clock.now() >= self._due:
            self._tell()

    def finish(self) -> None:
        """What is due is told at once, and waited for, but not for long."""
        if not self._telling:
            self._tell()
        end = time.monotonic() + _LAST_WORD
        while self._telling and time.monotonic() < end:
            self._bench.wait(0.5)
            self.beat()
            self._due = self._clock.now() + _EVERY
        if self.server is not None:
            self.server.close()
            self.server = None

    def _tell(self) -> None:
        assert self._ready is not None
        self._due = self._clock.now() + _EVERY
        self._telling = True
        ready, now = self._ready, self._clock.now

        def tell() -> None:
            ready.alarm.look()
            ready.teller.tick(now)

        self._bench.start(_TELLING, "", tell)

    # -- parts

    def _server(self, asked: str | None) -> PageServer | None:
        if asked is None:
            return None
        from bridge.operation.server import PageServer

        address = Address.parse(asked)
        if self.server is not None and self.server.asked == address:
            return self.server
        return PageServer(address, {})

    def _announce(self, address: Address) -> None:
        self._voice(f"Figures at http://{address}/metrics.", address=str(address))
        if not address.is_private:
            self._voice(f"Whoever reaches {address} can read them: there is no password.", level="warning")

    def _complain(self, text: str) -> None:
        self._voice(text, level="warning", code="NOT_TOLD")


def _patience(settings: Settings) -> Patience:
    asked = settings.notify
    return Patience(dead=timedelta(seconds=asked.dead_after), failures=asked.failures)
