"""What `undo` is about to delete, as it is shown before anybody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bridge.cli.output import Output
from bridge.cli.tables import local, span, statuses
from bridge.errors import counted

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.engine.choice import Chosen
    from bridge.ledger.rows import Placed
    from bridge.pacing import Schedule
    from bridge.statuses import Limits, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be deleted, as it is shown."""

    app: App
    output: Output
    account: str
    limits: Limits
    chosen: Chosen
    silent: bool = False  #: its answers just now say nothing of windows

    def schedule(self, left: int, now: datetime) -> Schedule:
        from bridge.engine.choice import schedule
        from bridge.pacing import Budget

        return schedule(left, now, Budget.from_dict(self._saved, self._windows))

    @property
    def _saved(self) -> Mapping[str, Any] | None:
        row = self.app.ledger.queue.destination(self.account)
        return row.budget if row else None

    @property
    def _windows(self) -> tuple[Window, ...]:
        """None where the server, which would tell of them, was silent the last time, or just now."""
        known = (self._saved or {}).get("silent") is True
        return () if known or (self.silent and self.limits.tells_quota) else self.limits.windows

    def lines(self, now: datetime) -> list[str]:
        first, last = self.chosen.first, self.chosen.last
        if first is None or last is None:
            return [f"Nothing of that is on {self.account}."]
        schedule = self.schedule(len(self.chosen.rows), now)
        return [
            f"To be deleted from {self.account}: {statuses(len(self.chosen.rows))}"
            f" of {counted(self.chosen.posts, 'post')}, the last first.",
            f"  first  {_described(first)}",
            f"  last   {_described(last)}",
            f"  {self._rule}: done by {local(schedule.finish)} ({span(schedule.seconds)}).",
        ]

    def document(self, now: datetime) -> dict[str, Any]:
        schedule = self.schedule(len(self.chosen.rows), now)
        window = self._window
        return {
            "account": self.account,
            "statuses": len(self.chosen.rows),
            "posts": self.chosen.posts,
            "first": _place(self.chosen.first),
            "last": _place(self.chosen.last),
            "stranded": self.chosen.stranded,
            "adopted": self.chosen.adopted,
            "window": {"limit": window.limit, "seconds": window.seconds} if window else None,
            "schedule": {
                "start": schedule.start,
                "finish": schedule.finish,
                "seconds": round(schedule.seconds),
                "bound": schedule.rule or "none",
            },
        }

    def warn(self) -> None:
        if self.chosen.stranded:
            self.output.warn(
                "STRANDED",
                f"Staying, as answers to what is to be deleted: {statuses(self.chosen.stranded)}.",
                hint="--id POST takes the whole thread.",
            )
        if self.chosen.adopted:
            self.output.warn(
                "ADOPTED",
                f"{statuses(self.chosen.adopted, 'is', 'are')} left alone: published by another tool.",
                hint="--adopted takes what another tool published, too.",
            )
        unknown = self.app.ledger.queue.unknown_count(self.account)
        if unknown:
            self.output.warn(
                "OUTCOME_UNKNOWN",
                f"{statuses(unknown, 'got', 'got')} no answer and may be there or not: left out of this.",
                hint="`passerelle verify --repair` finds out.",
            )

    @property
    def _window(self) -> Window | None:
        return next((each for each in self._windows if each.name in ("deletes", "actions")), None)

    @property
    def _rule(self) -> str:
        found = self._window
        if found is None:
            return "The server sets no limit of its own to deletions"
        return f"The server takes {found.limit} deletions in {span(found.seconds)}"


def _described(row: Placed) -> str:
    return f"{local(row.published_at)}  {row.post_id}  {row.remote_url or row.remote_id}"


def _place(row: Placed | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "id": row.post_id,
        "part": row.part,
        "remote_id": row.remote_id,
        "remote_url": row.remote_url,
        "sent_at": row.published_at,
    }
