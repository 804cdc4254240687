"""`publish`: do what the preview shows; stop and resume as often as you like."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.importing import read_sources
from bridge.cli.options import Pace, Rendering, Selection, Sources, To, Yes, command, layer
from bridge.cli.output import Output, need_option
from bridge.cli.stopping import stopping
from bridge.cli.tables import local, number, span
from bridge.cli.watching import watching
from bridge.errors import BridgeError, ConfigError, NetworkError, PlanStale, Unauthorized

if TYPE_CHECKING:
    from bridge.app import Account, App
    from bridge.engine.propose import Proposed, Wish
    from bridge.engine.tally import Tally
    from bridge.engine.terms import Delivered
    from bridge.publishers.mastodon import MastodonPublisher


def declare(app: typer.Typer) -> None:
    command(app)(publish)


def publish(
    output: Output,
    selection: Selection,
    rendering: Rendering,
    pace: Pace,
    sources: Sources = None,
    to: To = None,
    yes: Yes = False,
    expect: Annotated[
        str | None,
        typer.Option(metavar="DIGEST", help="Refuse (exit 6) unless the plan is the previewed one."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", "-n", help="The same as preview.")] = False,
) -> int:
    """Do what the preview shows, resume where it stopped; Ctrl-C is safe."""
    from bridge.app import open_app

    options = layer(selection, rendering, pace)
    if dry_run:
        from bridge.cli.preview import Outlet, show_preview

        with open_app(output.home, output.config, options) as app:
            return show_preview(app, output, sources or (), to, Outlet())
    if not yes and not output.interactive:
        need_option("Shall this be published?", "--yes")
    with open_app(output.home, output.config, options) as app:
        return _Run(app, output, to).work(sources or (), yes=yes, expect=expect)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """What proposing came to; remembered with the stamp, so that an unchanged plan is not made again."""

    skipped: int = 0  #: posts
    held: int = 0


class _Run:
    """One run of `publish`, from the account to the last line."""

    def __init__(self, app: App, output: Output, to: str | None) -> None:
        from bridge.app import utcnow

        self.app = app
        self.output = output
        self.now = utcnow
        self.account: Account = app.account(to)
        self.queue = app.ledger.queue

    def work(self, sources: Sequence[str], *, yes: bool, expect: str | None) -> int:
        from bridge import __version__

        read = self._read(sources)
        publisher = self._meet()
        wish = self.app.wish(self.account.mirror, publisher.limits())
        if expect is not None or not yes:
            self._agree(read, wish, yes=yes, expect=expect)
        run = self.app.ledger.runs.start("publish", version=__version__, config_digest=None, now=self.now())
        outcome = "failed"
        try:
            planned = [self._plan(source, wish, run) for source in read]
            delivered, code = self._deliver(publisher)
            outcome = delivered.stopped or "done"
        finally:
            self.app.ledger.runs.finish(run, now=self.now(), outcome=outcome)
        return self._end(run, planned, delivered, code)

    def _read(self, named: Sequence[str]) -> list[str]:
        """The sources this run is about: those named, else those imported, else those of the mirror."""
        if named:
            return [read_sources(self.app, self.app.ledger, self.output, named).account]
        known = [row.account for row in self.app.ledger.posts.sources()]
        mirror = self.app.settings.mirrors.get(self.account.mirror or "")
        if not known and mirror:
            return [read_sources(self.app, self.app.ledger, self.output, mirror.sources).account]
        if not known:
            raise ConfigError(
                "Nothing is imported yet.", hint="Name the archive: `passerelle publish ARCHIVE`."
            )
        return known

    def _meet(self) -> MastodonPublisher:
        """The server and the account as they are today."""
        limits = self.app.detect(self.account.credential)
        publisher = self.app.publisher(self.account, limits)
        identity = publisher.identity()
        self.queue.open_destination(self.account.id, now=self.now(), remote_account_id=identity.id)
        self.queue.save_limits(self.account.id, limits)
        problem = None
        if identity.suspended:
            problem = f"{self.account.id} is suspended by its server."
        elif identity.moved_to:
            problem = f"{self.account.id} has moved to {identity.moved_to} and cannot post."
        self.queue.pause(self.account.id, problem)
        if problem:
            raise Unauthorized(problem, hint="Log in to an account that can.")
        return publisher

    def _agree(self, sources: list[str], wish: Wish, *, yes: bool, expect: str | None) -> None:
        """Looks at the whole plan before anything is written; asks, or compares it with the previewed one."""
        from bridge.engine.propose import propose
        from bridge.engine.tally import Tally

        tally = Tally()
        for source in sources:
            for proposed in propose(self.app.ledger, source, wish, destination=self.account.id):
                tally.add(proposed)
        if expect is not None and tally.digest != expect:
            raise PlanStale(
                f"The plan is {tally.digest}, not the previewed {expect}: posts, settings or the server changed.",
                hint="Preview again.",
            )
        if not yes and tally.statuses and not self.output.confirm(self._question(tally, wish)):
            raise ConfigError("Nothing was published.", hint="Preview again, or narrow the selection.")

    def _question(self, tally: Tally, wish: Wish) -> str:
        from bridge.config.values import pace
        from bridge.pacing import Budget

        mirror = self.account.mirror
        row = self.queue.destination(self.account.id)
        wanted = pace(self.app.loaded.pace(mirror), self.app.loaded.render(mirror))
        budget = Budget.from_dict(row.budget if row else None, wish.limits.windows, wanted)
        schedule = tally.schedule(self.now(), budget, wish.limits)
        return (
            f"Publish {number(tally.statuses)} statuses ({wish.options.visibility.value}) as {self.account.id},"
            f" done by {local(schedule.finish)} ({span(schedule.seconds)})?"
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

        self.queue.apply(
            actions_of(counted()), destination=self.account.id, source=source, now=self.now(), run=run
        )
        planned = _Planned(skipped=sum(tally.skipped.values()), held=tally.held)
        self.queue.save_proposed(self.account.id, source, f"{named} {planned.skipped} {planned.held}")
        return planned

    def _deliver(self, publisher: MastodonPublisher) -> tuple[Delivered, int]:
        from bridge.engine.clock import SystemClock
        from bridge.engine.deliver import pump
        from bridge.engine.files import ArchiveFiles
        from bridge.engine.terms import Ports
        from bridge.ledger.owner import this_process
        from bridge.publications import State

        left = self.queue.counts(self.account.id)[State.APPROVED]
        with stopping(self.output) as stop, watching(self.output, left=left, finish=self._finish) as watcher:
            ports = Ports(
                ledger=self.app.ledger,
                publisher=publisher,
                media=ArchiveFiles(),
                clock=SystemClock(),
                owner=this_process(),
                chance=random.random,
                watcher=watcher,
                stop=stop,
            )
            delivered = pump(ports, self._terms())
        return delivered, stop.exit_code

    def _terms(self) -> Any:
        from bridge.config.values import pace
        from bridge.engine.terms import Terms

        asked, mirror = self.app.settings.publish, self.account.mirror
        return Terms(
            pace=pace(self.app.loaded.pace(mirror), self.app.loaded.render(mirror)),
            grace=asked.grace,
            timeout=asked.timeout,
            lease=max(600.0, 4.0 * asked.timeout),
            patience=asked.patience,
        )

    def _finish(self) -> datetime | None:
        from bridge.cli.status import eta

        return eta(self.app.ledger, self.account.id, self.now())

    def _end(self, run: int, planned: list[_Planned], delivered: Delivered, stopped_code: int) -> int:
        if delivered.stopped == "auth":
            self.queue.pause(self.account.id, delivered.problem)
            raise Unauthorized(
                delivered.problem or f"{self.account.id} is not accepted any more.",
                hint=f"Run `passerelle login {self.account.credential.server}`; what is left is in the ledger.",
            )
        if delivered.stopped == "temporary":
            raise NetworkError(
                delivered.problem or "The server cannot be reached.",
                hint=f"{number(delivered.remaining)} statuses are left; run the same command later.",
            )
        document = self._document(run, planned, delivered)
        if delivered.stopped == "signal":
            self._hint(delivered)
            if self.output.json:
                return self.output.fail(Interrupted(stopped_code))
            return stopped_code
        self.output.data(document)
        self._show(document, delivered)
        if delivered.stopped in ("max_posts", "max_duration"):
            return 8
        held = sum(each.held for each in planned)
        return 3 if document["failed"] or document["unknown"] or held else 0

    def _document(self, run: int, planned: list[_Planned], delivered: Delivered) -> dict[str, Any]:
        from bridge.publications import State

        counts = self.queue.counts(self.account.id)
        return {
            "run": str(run),
            "published": delivered.published,
            "already": counts[State.PUBLISHED] - delivered.published,
            "skipped": sum(each.skipped for each in planned),
            "failed": counts[State.FAILED],
            "unknown": delivered.unknown,
            "remaining": delivered.remaining,
            "next_attempt": delivered.next_attempt,
            "seconds": round(delivered.seconds, 1),
            "account": self.account.id,
            "held": sum(each.held for each in planned),
        }

    def _show(self, document: dict[str, Any], delivered: Delivered) -> None:
        show, said = self.output.show, self.output.say
        if not document["published"] and not document["remaining"]:
            show(f"Nothing to do: {number(document['already'])} statuses are on {self.account.id} already.")
        else:
            show(
                f"Published {number(document['published'])} statuses on {self.account.id}"
                f" in {span(delivered.seconds)}; {number(document['remaining'])} are left."
            )
        if document["failed"]:
            said(f"{number(document['failed'])} failed: see `passerelle log`, then `retry` or `skip`.")
        if document["unknown"]:
            said(f"{number(document['unknown'])} got no answer; the next run looks for them first.")
        if delivered.stopped in ("max_posts", "max_duration"):
            said("Stopped at the limit that was set; run the same command to go on.")

    def _hint(self, delivered: Delivered) -> None:
        self.output.remark(
            f"Stopped: {number(delivered.published)} published, {number(delivered.remaining)} left, all of it saved."
            " Run the same command to go on."
        )


class Interrupted(BridgeError):
    """Asked to stop, and did so in good order."""

    code = "INTERRUPTED"

    def __init__(self, exit_code: int) -> None:
        super().__init__(
            "Interrupted; everything done so far is saved.", hint="Run the same command to go on."
        )
        self.exit_code = exit_code  # type: ignore[misc]  # of the signal, not of the class
