"""`publish`: do what the preview shows; stop and resume as often as you like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.fetching import Fetch, fetch_missing, layer_of
from bridge.cli.importing import read_sources
from bridge.cli.meeting import meet, ports, terms
from bridge.cli.options import Pace, Rendering, Selection, Sources, To, Yes, command, layer, words
from bridge.cli.output import Output, Usage, need_option
from bridge.cli.preview import Outlet, Showing, named, one_source, show_preview
from bridge.cli.stopping import interrupted, stopping
from bridge.cli.tables import local, number, span, statuses
from bridge.cli.watching import watching
from bridge.cli.working import Work
from bridge.errors import ConfigError, PlanStale

if TYPE_CHECKING:
    from bridge.app import Account, App
    from bridge.engine.propose import Proposed, Wish
    from bridge.engine.tally import Tally
    from bridge.engine.terms import Delivered
    from bridge.ledger.rows import Hold
    from bridge.publishers.mastodon import MastodonPublisher


def declare(app: typer.Typer) -> None:
    command(app)(publish)


def publish(
    output: Output,
    *,
    selection: Selection,
    rendering: Rendering,
    pace: Pace,
    outlet: Outlet,
    sources: Sources = None,
    to: To = None,
    yes: Yes = False,
    fetch: Fetch = None,
    expect: Annotated[
        str | None,
        typer.Option(metavar="DIGEST", help="Refuse (exit 6) unless the plan is the previewed one."),
    ] = None,
    try_again: Annotated[
        bool,
        typer.Option(
            "--try-again",
            help="After a stop because a post came out wider than asked: send the next one, and stop again if"
            " that one does too.",
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="The same as preview.")] = False,
    update: Annotated[
        bool,
        typer.Option("--update", help="Edit what is published where it reads otherwise today; nothing else."),
    ] = False,
    adopted: Annotated[
        bool, typer.Option("--adopted", help="With --update: also what another tool has published.")
    ] = False,
) -> int:
    """Do what the preview shows, resume where it stopped; Ctrl-C is safe."""
    from bridge.app import open_app
    from bridge.cli.changing import show_changes
    from bridge.cli.updating import Update

    options = layer(selection, rendering, pace) | layer_of(fetch)
    if adopted and not update:
        raise Usage("--adopted is about what is published already.", hint="Add --update.")
    if dry_run:
        with open_app(output.home, output.config, options) as app:
            if update:
                return show_changes(app, output, sources or (), to=to, outlet=outlet, adopted=adopted)
            showing = Showing(
                outlet, [*named(sources or (), to), *words(selection, rendering, pace)], sources or ()
            )
            return show_preview(app, output, sources or (), to=to, showing=showing)
    if outlet != Outlet():
        raise Usage(
            "--html, --jsonl, --fit, --exit-code and the like show a plan.",
            hint="Add --dry-run, or use preview.",
        )
    if not yes and not output.interactive:
        question = "Shall what is published be edited?" if update else "Shall this be published?"
        need_option(question, "--yes")
    with open_app(output.home, output.config, options) as app:
        if update:
            return Update(app, output, to).work(sources or (), yes=yes, expect=expect, adopted=adopted)
        run = _Run(app, output, to, try_again=try_again)
        return run.work(sources or (), yes=yes, expect=expect)


def source_of(app: App, output: Output, account: Account, named: Sequence[str]) -> str:
    """That of the archive named, else what is imported, else what the mirror says."""
    return source_of_account(app, output, account.mirror, named)


def source_of_account(app: App, output: Output, feeder: str | None, named: Sequence[str]) -> str:
    """As `source_of`, for an account that nobody need be logged in to; `feeder`: its mirror."""
    known = [row.account for row in app.ledger.posts.sources()]
    chosen = [name for name in named if name in known]
    mirror = app.settings.mirrors.get(feeder or "")
    if not named and not known and mirror:
        named = mirror.sources
    if chosen or not named:
        return one_source(app.ledger, chosen or known)
    return read_sources(app, app.ledger, output, named).account


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """What proposing came to, in posts; kept with the stamp, so that an unchanged plan is not made again."""

    skipped: int = 0
    held: int = 0


class _Run(Work):
    """One run of `publish`, from the account to the last line."""

    def __init__(self, app: App, output: Output, to: str | None, *, try_again: bool) -> None:
        super().__init__(app, output, to)
        self.try_again = try_again

    def work(self, sources: Sequence[str], *, yes: bool, expect: str | None) -> int:
        from bridge import __version__

        source = source_of(self.app, self.output, self.account, sources)
        publisher = meet(self.app, self.account, self.clock)
        if self.try_again:
            self.queue.pause(self.account.id, None)
        wish = self.app.wish(self.account.mirror, publisher.limits())
        came = fetch_missing(self.app, self.output, self.app.ledger, source, wish)
        if came and came["fetched"]:  # smaller films change the plan, and nothing in the ledger tells of them
            self.queue.save_proposed(self.account.id, source, None)
        if expect is not None or not yes:
            self._agree(source, wish, yes=yes, expect=expect)
        run = self.app.ledger.runs.start("publish", version=__version__, config_digest=None, now=self.now())
        outcome = "failed"
        # Before anything is planned: the queue of a run under way is not to be changed below it.
        with self.held(terms(self.app, self.account)) as hold:
            try:
                planned = self._plan(source, wish, run)
                delivered, code = self._deliver(publisher, hold, run)
                outcome = delivered.stopped or "done"
            finally:
                self.app.ledger.runs.finish(run, now=self.now(), outcome=outcome)
        return self._end(run, planned, delivered, code)

    def _agree(self, source: str, wish: Wish, *, yes: bool, expect: str | None) -> None:
        """Looks at the whole plan before anything is written; asks, or compares it with the previewed one."""
        from bridge.engine.propose import propose
        from bridge.engine.tally import Tally

        tally = Tally()
        for proposed in propose(self.app.ledger, source, wish, destination=self.account.id):
            tally.add(proposed)
        if expect is not None and tally.digest != expect:
            raise PlanStale(
                f"The plan is {tally.digest}, not {expect}: posts, settings or the server have changed.",
                hint="Preview again.",
            )
        if not yes and tally.statuses and not self.output.confirm(self._question(tally, wish)):
            raise ConfigError("Nothing was published.", hint="Preview again, or narrow the selection.")

    def _question(self, tally: Tally, wish: Wish) -> str:
        from bridge.engine.forecast import budget_of

        now = self.now()
        budget = budget_of(self.app.ledger.queue, self.account.id, wish.limits, wish.pace, now=now)
        schedule = tally.schedule(now, budget, wish.limits)
        return (
            f"Publish {statuses(tally.statuses)}, {wish.options.visibility.value},"
            f" as {self.account.id}, done by {local(schedule.finish)} ({span(schedule.seconds)})?"
        )

    def _plan(self, source: str, wish: Wish, run: int) -> _Planned:
        """Writes the plan into the ledger, unless nothing has changed since it was written."""
        from bridge.engine.propose import actions_of, propose, stamp
        from bridge.engine.tally import Tally

        named = stamp(self.app.ledger, source, wish)
        before = (self.queue.proposed(self.account.id, source) or "").split()
        if before[:1] == [named]:
            return _Planned(skipped=int(before[1]), held=int(before[2]))
        tally = Tally()

        def counted() -> Iterator[Proposed]:
            for proposed in propose(self.app.ledger, source, wish, destination=self.account.id):
                tally.add(proposed)
                yield proposed

        self.queue.save_proposed(self.account.id, source, None)  # until all of it is written, none of it is
        self.queue.apply(
            actions_of(counted()), destination=self.account.id, source=source, now=self.now(), run=run
        )
        planned = _Planned(skipped=sum(tally.skipped.values()), held=tally.held)
        self.queue.save_proposed(self.account.id, source, f"{named} {planned.skipped} {planned.held}")
        return planned

    def _deliver(self, publisher: MastodonPublisher, hold: Hold, run: int) -> tuple[Delivered, int]:
        from bridge.engine.deliver import pump
        from bridge.publications import State

        left = self._of_this_run(self.queue.counts(self.account.id)[State.APPROVED])
        with stopping(self.output) as stop, watching(self.output, left=left, finish=self._finish) as watcher:
            given = ports(self.app, publisher, self.clock, watcher=watcher, stop=stop, run=run)
            delivered = pump(given, terms(self.app, self.account), hold)
        return delivered, stop.exit_code

    def _of_this_run(self, waiting: int) -> int:
        most = self.app.pace(self.account.mirror).max_posts
        return waiting if most is None else min(waiting, most)

    def _finish(self, done: int) -> datetime | None:
        from bridge.cli.status import eta

        most = self.app.pace(self.account.mirror).max_posts
        left = None if most is None else most - done
        return eta(self.app, self.account.id, self.account.mirror, self.now(), most=left)

    def _end(self, run: int, planned: _Planned, delivered: Delivered, stopped_code: int) -> int:
        left = f"{statuses(delivered.remaining, 'is', 'are')} left"
        self.check(delivered, again="publish again", left=left)
        document = self._document(run, planned, delivered)
        if delivered.stopped == "signal":
            self._hint(delivered)
            if self.output.json:
                return self.output.fail(interrupted(stopped_code))
            return stopped_code
        self.output.data(document)
        self._show(document, delivered)
        if delivered.stopped in ("max_posts", "max_duration"):
            return 8
        return 3 if document["failed"] or document["unknown"] or planned.held else 0

    def _document(self, run: int, planned: _Planned, delivered: Delivered) -> dict[str, Any]:
        from bridge.publications import State

        counts = self.queue.counts(self.account.id)
        return {
            "run": str(run),
            "published": delivered.published,
            "already": counts[State.PUBLISHED] - delivered.published,
            "skipped": planned.skipped,
            "failed": counts[State.FAILED],
            "unknown": delivered.unknown,
            "remaining": delivered.remaining,
            "next_attempt": delivered.next_attempt,
            "seconds": round(delivered.seconds, 1),
            "account": self.account.id,
            "held": planned.held,
            "withdrawn": counts[State.WITHDRAWN],
        }

    def _show(self, document: dict[str, Any], delivered: Delivered) -> None:
        show, said = self.output.show, self.output.say
        if not document["published"] and not document["remaining"]:
            show(f"Nothing to do: {statuses(document['already'], 'is', 'are')} on {self.account.id} already.")
        else:
            show(
                f"Published {statuses(document['published'])} on {self.account.id}"
                f" in {span(delivered.seconds)}; {number(document['remaining'])} left."
            )
        if document["failed"]:
            said(f"{statuses(document['failed'])} failed: see `passerelle log`, then `retry` or `skip`.")
        if document["withdrawn"] and not document["published"]:
            said(
                f"Taken back again, and staying away: {statuses(document['withdrawn'])};"
                " `passerelle retry --withdrawn` puts all of that back in line."
            )
        if document["unknown"]:
            said(f"{statuses(document['unknown'])} got no answer; the next run looks on the account first.")
        if delivered.stopped in ("max_posts", "max_duration"):
            said("Stopped at the limit that was set; run the same command to go on.")

    def _hint(self, delivered: Delivered) -> None:
        self.output.remark(
            f"Stopped: {number(delivered.published)} published, {number(delivered.remaining)} left;"
            " all of it is saved. Run the same command to go on."
        )
