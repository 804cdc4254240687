"""`publish --update`: edit what is published where it reads otherwise today, and nothing else.

`--json` gives the counts of `publish`, of which `published` is 0, `already` is what stands, `skipped` the
posts that no edit can bring in line, `failed` the statuses that were not edited and `remaining` the edits to
come; and besides `"edited": N`, `"found": N` (they read as wanted already) and
`"left": [{"id", "part", "remote_id", "remote_url", "code", "detail"}]`, where `code` is EDITED_BY_HAND,
MEDIA_DIFFER, MISSING, HIDDEN or REFUSED. Exit code 3 when `left` has an entry, or an answer is missing still.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bridge.cli.changing import cannot_edit
from bridge.cli.meeting import meet
from bridge.cli.output import Output
from bridge.cli.publish import source_of
from bridge.cli.tables import local, number, safe, span, statuses
from bridge.cli.working import Shown, Work
from bridge.errors import BridgeError, ConfigError, PlanStale, counted

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.engine.changes import Changed, Changes
    from bridge.engine.update import Updated
    from bridge.pacing import Budget
    from bridge.preview.changed import ChangeTally

_SHOWN = 20


class Update(Work):
    """One run of `publish --update`, from the account to the last line."""

    def __init__(self, app: App, output: Output, to: str | None) -> None:
        super().__init__(app, output, to)
        self._left = 0  #: edits still to be seen to

    def work(self, sources: Sequence[str], *, yes: bool, expect: str | None, adopted: bool) -> int:
        from bridge.engine.changes import Changes
        from bridge.engine.update import update

        source = source_of(self.app, self.output, self.account, sources)
        publisher = meet(self.app, self.account, self.clock)
        limits = publisher.limits()
        if not limits.edits:
            raise BridgeError(cannot_edit(self.account.id, limits), hint="Nothing was changed.")
        wish = self.app.wish(self.account.mirror, limits)
        changes = Changes(self.app.ledger, source, wish, self.account.id, adopted=adopted)
        tally = self._agree(changes, yes=yes, expect=expect)
        shown = Shown(doing="edited", left=self._left, finish=self._finish)
        run, updated, code = self.carried_out(
            "update",
            publisher,
            shown,
            lambda given, agreed, hold: update(given, agreed, self._counted(changes), hold),
        )
        return self._end(run, tally, updated, code)

    def _agree(self, changes: Changes, *, yes: bool, expect: str | None) -> ChangeTally:
        """Looks at everything before anything is edited; asks, or compares it with what was previewed."""
        from bridge.preview.changed import ChangeTally

        tally = ChangeTally()
        for changed in changes:
            tally.add(changed)
        if expect is not None and changes.compared.digest != expect:
            raise PlanStale(
                f"The plan is {changes.compared.digest}, not {expect}: posts, settings or the server have"
                " changed.",
                hint="Look at it again with `passerelle preview --changed`.",
            )
        if not yes and tally.statuses and not self.output.confirm(self._question(tally)):
            raise ConfigError("Nothing was edited.", hint="Preview again, or narrow the selection.")
        self._left = tally.statuses
        return tally

    def _question(self, tally: ChangeTally) -> str:
        schedule = tally.schedule(self.now(), self._budget())
        return (
            f"Edit {statuses(tally.statuses)} of {self.account.id},"
            f" done by {local(schedule.finish)} ({span(schedule.seconds)})?"
        )

    def _budget(self) -> Budget:
        from bridge.pacing import Budget

        row = self.queue.destination(self.account.id)
        windows = row.limits.windows if row and row.limits else ()
        return Budget.from_dict(row.budget if row else None, windows, self.app.pace(self.account.mirror))

    def _counted(self, changes: Changes) -> Iterator[Changed]:
        for changed in changes:
            yield changed
            self._left = max(0, self._left - len(changed.edits))

    def _finish(self, _done: int) -> datetime | None:
        from bridge.preview.changed import finish

        return finish(self._left, self.now(), self._budget()).finish

    def _end(self, run: int, tally: ChangeTally, updated: Updated, stopped_code: int) -> int:
        document = self._document(run, tally, updated)
        left = number(document["remaining"])
        still = f"Still to do: {counted(document['remaining'], 'edit')}"
        self.check(updated, again="the same command again", left=still)
        if updated.stopped == "signal":
            remark = f"Stopped: {number(updated.edited)} edited, {left} left; all of it is saved."
            return self.stopped_by_signal(stopped_code, remark)
        self.output.data(document)
        self._show(tally, updated, left)
        if updated.stopped in ("max_posts", "max_duration"):
            return 8
        return 3 if updated.left or updated.unknown else 0

    def _document(self, run: int, tally: ChangeTally, updated: Updated) -> dict[str, Any]:
        from bridge.publications import State

        return {
            "run": str(run),
            "published": 0,
            "already": self.queue.counts(self.account.id)[State.PUBLISHED],
            "skipped": sum(each.posts for each in tally.left.values()),
            "failed": len(updated.left),
            "unknown": updated.unknown,
            "remaining": max(0, tally.statuses - updated.done) if updated.stopped else 0,
            "next_attempt": updated.next_attempt,
            "seconds": round(updated.seconds, 1),
            "account": self.account.id,
            "edited": updated.edited,
            "found": updated.found,
            "left": [
                {
                    "id": each.row.post_id,
                    "part": each.row.draft.part,
                    "remote_id": each.row.remote_id,
                    "remote_url": each.row.remote_url,
                    "code": each.code,
                    "detail": each.detail,
                }
                for each in updated.left
            ],
        }

    def _show(self, tally: ChangeTally, updated: Updated, remaining: str) -> None:
        show, said = self.output.show, self.output.say
        if not tally.statuses and not updated.edited:
            show(f"Nothing to edit: what is on {self.account.id} reads as it would today.")
        else:
            show(
                f"Edited {statuses(updated.edited)} of {self.account.id}"
                f" in {span(updated.seconds)}; {remaining} left."
            )
        if updated.found:
            said(f"Read as wanted already: {statuses(updated.found)}.")
        if updated.left:
            show(f"Not edited: {statuses(len(updated.left))}.")
        for each in updated.left[:_SHOWN]:
            where = each.row.remote_url or each.row.remote_id
            show(f"  {each.row.post_id} part {each.row.draft.part}  {where}: {safe(each.detail)}")
        if tally.left:
            posts = sum(each.posts for each in tally.left.values())
            said(f"{counted(posts, 'post')} cannot be edited in place: see `passerelle preview --changed`.")
        if updated.unknown:
            said("One edit got no answer; the next run with --update looks at it first.")
        if updated.stopped in ("max_posts", "max_duration"):
            said("Stopped at the limit that was set; run the same command to go on.")
