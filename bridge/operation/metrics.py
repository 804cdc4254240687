"""Figures for Prometheus: what this process has done, and what the ledger holds.

Labels are names of the settings, the accounts that are mirrored to, and states: bounded, and no secrets.
https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import choose_encoder

from bridge import __version__
from bridge.engine.purse import DOLLAR, month_of
from bridge.ledger.rows import DestinationRow
from bridge.operation.pulse import Watched
from bridge.pacing import Budget
from bridge.publications import State

Family: TypeAlias = CounterMetricFamily | GaugeMetricFamily | InfoMetricFamily

_STATES = {
    "published": State.PUBLISHED,
    "held": State.PENDING,
    "queued": State.APPROVED,
    "failed": State.FAILED,
    "skipped": State.SKIPPED,
    "withdrawn": State.WITHDRAWN,
}


class Metrics:
    """Implements the `Collector` of prometheus_client."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=self._registry)
        self._registry.register(self)

    def page(self, accept: str) -> tuple[bytes, str]:
        """The figures of now, and of which type the page is. LedgerError: the ledger cannot be read."""
        encode, kind = choose_encoder(accept)
        return encode(self._registry), kind

    def describe(self) -> list[Family]:
        """Nothing is read before somebody asks."""
        return []

    def collect(self) -> Iterator[Family]:
        facts = {"version": __version__, "python": platform.python_version()}
        yield InfoMetricFamily("passerelle_build", "Which program this is.", facts)
        yield from self._loop()
        yield from self._sources()
        yield from self._accounts()
        yield from self._ledger()
        yield from self._budgets()
        yield from self._money()

    def _loop(self) -> Iterator[Family]:
        pulse = self._watched.pulse
        idle = _gauge("loop_idle_seconds", "Since the loop last came round.")
        if pulse.idle is not None:
            idle.add_metric([], pulse.idle)
        yield idle
        good = _gauge("settings_last_reload_successful", "0: the settings of before hold on.")
        good.add_metric([], float(not pulse.reload_failed))
        yield good
        when = _gauge("settings_last_reload_timestamp_seconds", "When settings were last taken over.")
        if pulse.reloaded_at is not None:
            when.add_metric([], pulse.reloaded_at.timestamp())
        yield when
        asked = _counter("requests", "To sources and servers, by what was answered.", "to", "answer")
        for (whom, answer), count in sorted(pulse.requests.copy().items()):
            asked.add_metric([whom, answer], count)
        yield asked

    def _sources(self) -> Iterator[Family]:
        now = self._watched.now()
        polls = _counter("source_polls", "Questions to a source.", "source", "result")
        read = _counter("posts_read", "New posts, since this process began.", "source")
        last = _gauge("source_last_success_timestamp_seconds", "When a source last answered.", "source")
        age = _gauge("source_last_success_age_seconds", "How long ago that is.", "source")
        up = _gauge("source_up", "0: its last answer was none, or none that could be used.", "source")
        for name, seen in sorted(self._watched.pulse.sources.items()):
            polls.add_metric([name, "answered"], seen.asked - seen.failed)
            polls.add_metric([name, "failed"], seen.failed)
            read.add_metric([name], seen.read)
            if seen.answered_at is not None:
                last.add_metric([name], seen.answered_at.timestamp())
                age.add_metric([name], (now - seen.answered_at).total_seconds())
            if seen.asked:
                up.add_metric([name], float(not seen.failing))
        yield from (polls, read, last, age, up)

    def _accounts(self) -> Iterator[Family]:
        done = _counter(
            "statuses_sent", "What was done since this process began.", "mirror", "account", "result"
        )
        state = _gauge("mirror_state", "1: that is its state.", "mirror", "account", "state")
        for account, seen in sorted(self._watched.pulse.accounts.items()):
            who = self._who(account)
            for result in ("published", "failed", "edited", "withdrawn"):
                done.add_metric([*who, result], getattr(seen, result))
            for each in ("starting", "works", "standing by", "stopped"):
                state.add_metric([*who, each.replace(" ", "_")], float(seen.state == each))
        yield from (done, state)

    def _ledger(self) -> Iterator[Family]:
        figures = self._watched.ledger.figures
        counts, unknown, late = figures.counts(), figures.unknown(), figures.behind()
        held = _gauge(
            "statuses",
            "In the ledger, by what has become of them; queued: in line.",
            "mirror",
            "account",
            "state",
        )
        behind = _gauge(
            "behind_seconds", "Of the newest live post that was sent: from read to sent.", "mirror", "account"
        )
        for account in self._watched.mirrors:
            who, found = self._who(account), counts.get(account, {})
            for name, state in _STATES.items():
                held.add_metric([*who, name], found.get(state, 0))
            held.add_metric([*who, "unknown"], unknown.get(account, 0))
            if account in late:
                behind.add_metric(who, late[account].total_seconds())
        yield from (held, behind)
        incidents = _gauge("incidents", "That stand, by what they are about.", "kind")
        kinds = [each.kind for each in self._watched.ledger.incidents.standing()]
        for kind in sorted(set(kinds) - {"digest"}):
            incidents.add_metric([kind], kinds.count(kind))
        yield incidents

    def _budgets(self) -> Iterator[Family]:
        labels = ("mirror", "account", "window", "seconds")
        left = _gauge("budget_remaining", "What a window of the server still has room for.", *labels)
        most = _gauge("budget_limit", "What it has room for when nothing is spent.", *labels)
        for row in self._watched.ledger.queue.destinations():
            if row.account in self._watched.mirrors and row.limits is not None:
                for window, room, limit in _rooms(row, self._watched.now()):
                    name = [*self._who(row.account), *window]
                    left.add_metric(name, room)
                    most.add_metric(name, limit)
        yield from (left, most)

    def _money(self) -> Iterator[Family]:
        if self._watched.x_budget is None:
            return
        month = month_of(self._watched.now())
        spent = _gauge("x_spent_dollars", "For reading by X's API in this month (UTC).")
        spent.add_metric([], self._watched.ledger.spending.spent(month) / DOLLAR)
        limit = _gauge("x_budget_dollars", "What a month may cost.")
        limit.add_metric([], self._watched.x_budget)
        yield from (spent, limit)

    def _who(self, account: str) -> list[str]:
        return [self._watched.mirrors.get(account, account), account]


def _rooms(row: DestinationRow, now: datetime) -> Iterator[tuple[tuple[str, str], int, int]]:
    """Name and length of each window, how much room it has, and how much at most."""
    assert row.limits is not None
    budget = Budget.from_dict(row.budget, row.limits.windows)
    gate = budget.gate()
    for window in budget.windows:
        room = max(0, gate.meter(window).room(now.timestamp()))
        yield (window.name, str(window.seconds)), room, window.limit


def _gauge(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"passerelle_{name}", text, labels=labels)


def _counter(name: str, text: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"passerelle_{name}", text, labels=labels)
