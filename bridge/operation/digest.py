"""The week of the mirrors, once a week, on the day that the settings name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any

from bridge.engine.purse import DOLLAR, month_of
from bridge.errors import counted
from bridge.ledger import Ledger
from bridge.operation.alarm import DIGEST
from bridge.publications import State

_HOUR = 9
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """`mirrors`: their names by account; `day`: from 0, Monday; `zone` None: that of this machine."""

    ledger: Ledger
    mirrors: Mapping[str, str]
    day: int = 0
    zone: tzinfo | None = None
    x_budget: float | None = None
    subjects: frozenset[str] = field(default_factory=frozenset)  #: of incidents: sources and accounts

    def write_when_due(self, now: datetime) -> None:
        """As an incident without an end; the first week of a ledger is not told: it was no whole one."""
        since = self._last(now)
        week, last = f"{since:%G-W%V}", self.ledger.incidents.last(DIGEST)
        if last is not None and last.subject == week:
            return
        detail = self.text(now) if last else ""
        self.ledger.incidents.begin(DIGEST, week, detail=detail, since=now, due=now)
        written = self.ledger.incidents.last(DIGEST)
        if last is None and written is not None:
            self.ledger.incidents.told(written, now=now)

    def figures(self, now: datetime) -> dict[str, Any]:
        figures = self.ledger.figures
        published, counts, unknown = figures.published(now - _WEEK, now), figures.counts(), figures.unknown()
        rows = [
            {
                "mirror": name,
                "account": account,
                "published": published.get(account, 0),
                "waiting": counts.get(account, {}).get(State.APPROVED, 0),
                "held": counts.get(account, {}).get(State.PENDING, 0),
                "failed": counts.get(account, {}).get(State.FAILED, 0),
                "unknown": unknown.get(account, 0),
            }
            for account, name in self.mirrors.items()
        ]
        standing = [
            {"event": each.kind, "subject": each.subject, "text": each.detail}
            for each in self.ledger.incidents.standing()
            if each.kind != DIGEST and each.subject in self.subjects
        ]
        return {"mirrors": rows, "problems": standing, "x": self._x(now)}

    def text(self, now: datetime) -> str:
        found = self.figures(now)
        lines = [_line(row) for row in found["mirrors"]]
        lines += [f"Not in order: {each['subject']}: {each['text']}" for each in found["problems"]]
        if found["x"]:
            lines.append(
                f"Reading X has cost ${found['x']['usd']:.2f} of the ${found['x']['max_usd']:.2f} for"
                f" {now:%B %Y} (UTC)."
            )
        return "\n".join(lines)

    def _x(self, now: datetime) -> dict[str, float] | None:
        if self.x_budget is None:
            return None
        return {"usd": self.ledger.spending.spent(month_of(now)) / DOLLAR, "max_usd": self.x_budget}

    def _last(self, now: datetime) -> datetime:
        """When a digest was last due."""
        there = now.astimezone(self.zone)
        due = there.replace(hour=_HOUR, minute=0, second=0, microsecond=0)
        due -= timedelta(days=(there.weekday() - self.day) % 7)
        return due if due <= there else due - _WEEK


def _line(row: Mapping[str, Any]) -> str:
    open_ = {
        "waiting": "in line",
        "held": "waiting for a decision",
        "failed": "failed",
        "unknown": "of unknown outcome",
    }
    rest = [f"{row[key]:,} {words}" for key, words in open_.items() if row[key]]
    done = counted(row["published"], "status", "statuses")
    return f"{row['mirror']} ({row['account']}): {done} published" + (
        f"; {', '.join(rest)}." if rest else "."
    )
