"""`undo`: delete from the account what we published there, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.log import Posts, find_post
from bridge.cli.meeting import clock_of, meet
from bridge.cli.options import Filter, Stops, To, Yes, command, layer
from bridge.cli.output import Output, Usage, need_option
from bridge.cli.tables import number, safe, span, statuses
from bridge.cli.undo_plan import Plan
from bridge.cli.working import Shown, Work
from bridge.errors import ConfigError

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.engine.choice import Choice
    from bridge.engine.undo import Undone

_MANY = 100  # statuses; for more than these, a yes is too quickly said


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """What is chosen besides the posts and the selection."""

    run: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="What one `publish` sent: its --json calls it `run`."),
    ] = None
    everything: Annotated[
        bool, typer.Option("--all", help="Everything that was published there from here.")
    ] = False
    adopted: Annotated[
        bool, typer.Option("--adopted", help="Also what another tool published, and was only taken over.")
    ] = False


def declare(app: typer.Typer) -> None:
    command(app)(undo)


def undo(
    output: Output,
    *,
    which: Which,
    selection: Filter,
    stops: Stops,
    posts: Posts = None,
    to: To = None,
    named: Annotated[
        str | None,
        typer.Option(
            "--account", metavar="@USER@SERVER", help=f"Confirms that more than {_MANY} are to be deleted."
        ),
    ] = None,
    yes: Yes = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Show what would be deleted, and when; ask no server.")
    ] = False,
) -> int:
    """Delete from the account what was published there from here; Ctrl-C is safe, run it again to go on."""
    from bridge.app import open_app

    _check(which, posts, narrowed=layer(selection)["select"])
    if not (dry_run or yes or output.interactive):
        need_option("Shall these statuses be deleted?", "--yes")
    with open_app(output.home, output.config, layer(selection, stops)) as app:
        if not app.has_ledger:
            raise ConfigError("Nothing was published from here yet.", hint="Is this the right --home?")
        choice = _choice(app, which, posts, narrowed=bool(layer(selection)["select"]))
        if dry_run:
            return _show_only(app, output, to, choice)
        return _Undo(app, output, to).work(choice, yes=yes, named=named)


def _check(which: Which, posts: list[str] | None, *, narrowed: dict[str, Any]) -> None:
    chosen = bool(posts or which.run or narrowed)
    if not chosen and not which.everything:
        raise Usage(
            "Which statuses are to be deleted?",
            hint="Name posts, or pass --run RUN, a selection such as --id, --since or --until, or --all.",
        )
    if chosen and which.everything:
        raise Usage("--all is everything.", hint="Leave it out, or leave out what narrows it.")


def _choice(app: App, which: Which, posts: list[str] | None, *, narrowed: bool) -> Choice:
    from bridge.engine.choice import Choice

    return Choice(
        posts=frozenset(find_post(app, post) for post in posts) if posts else None,
        run=_run_number(app, which.run) if which.run is not None else None,
        rules=app.asked() if narrowed else None,
        adopted=which.adopted,
    )


def _run_number(app: App, run: str) -> int:
    found = app.ledger.runs.get(int(run)) if run.isascii() and run.isdigit() and len(run) < 19 else None
    if found is None:
        raise Usage(f"There was no run {run}.", hint="`publish --json` tells its number as `run`.")
    return found.id


def _show_only(app: App, output: Output, to: str | None, choice: Choice) -> int:
    """By what the ledger knows of the server: nobody is asked."""
    from bridge.engine.choice import choose
    from bridge.statuses import Limits

    account = app.resolve(to)
    row = app.ledger.queue.destination(account) if account else None
    if account is None or row is None:
        raise ConfigError("Nothing was published there from here yet.", hint="See `passerelle status`.")
    chosen = choose(app.ledger, account, choice)
    shown = Plan(app=app, output=output, account=account, limits=row.limits or Limits(), chosen=chosen)
    output.data(shown.document(clock_of(output).now()))
    output.show(*shown.lines(clock_of(output).now()))
    shown.warn()
    return 0


class _Undo(Work):
    """One run of `undo`, from the account to the last line."""

    def work(self, choice: Choice, *, yes: bool, named: str | None) -> int:
        from bridge.engine.choice import choose
        from bridge.engine.undo import undo as delete

        publisher = meet(self.app, self.account, self.clock)
        chosen = choose(self.app.ledger, self.account.id, choice)
        plan = Plan(
            app=self.app,
            output=self.output,
            account=self.account.id,
            limits=publisher.limits(),
            chosen=chosen,
            silent=publisher.quota is None,
        )
        self._agree(plan, yes=yes, named=named)
        shown = Shown(doing="deleted", left=len(chosen.rows), finish=self._finish(plan))
        run, done, code = self.carried_out(
            "undo", publisher, shown, lambda given, agreed, hold: delete(given, agreed, chosen.rows, hold)
        )
        return self._end(run, done, code)

    def _agree(self, plan: Plan, *, yes: bool, named: str | None) -> None:
        """Shows what is to go; asks once, and for the account's name where much is."""
        count = len(plan.chosen.rows)
        for line in plan.lines(self.now()) if count else ():
            self.output.say(line)
        plan.warn()
        if count > _MANY and named is None:
            named = self.output.ask(
                f"To delete {statuses(count)}, type the name of the account, {self.account.id}",
                option=f"--account {self.account.id} as well",
            )
        elif count and named is None and not yes and not self.output.confirm(f"Delete {statuses(count)}?"):
            raise ConfigError("Nothing was deleted.", hint="Narrow the selection, or look with --dry-run.")
        if named is not None and named.removeprefix("@") != self.account.id.removeprefix("@"):
            raise ConfigError(
                f"Nothing was deleted: {safe(named) or 'no name'} is not {self.account.id}.",
                hint=f"Type {self.account.id}, or pass --account {self.account.id}.",
            )

    def _finish(self, plan: Plan) -> Callable[[int], datetime | None]:
        def finish(done: int) -> datetime | None:
            left = len(plan.chosen.rows) - done
            return plan.schedule(left, self.now()).finish if left > 0 else None

        return finish

    def _count(self, state: str) -> int:
        from bridge.publications import State

        return self.queue.counts(self.account.id)[State(state)]

    def _end(self, run: int, done: Undone, stopped_code: int) -> int:
        left = f"{statuses(done.remaining, 'is', 'are')} left"
        self.check(done, again="undo again", left=left)
        if done.stopped == "signal":
            told = f"{number(done.withdrawn)} deleted, {number(done.remaining)} left"
            remark = f"Stopped: {told}; all of it is saved. Run the same command to go on."
            return self.stopped_by_signal(stopped_code, remark)
        self.output.data(self._document(run, done))
        self._show(done)
        if done.stopped in ("max_posts", "max_duration"):
            return 8
        return 3 if done.kept else 0

    def _document(self, run: int, done: Undone) -> dict[str, Any]:
        return {
            "run": str(run),
            "withdrawn": done.withdrawn,
            "gone": done.gone,
            "failed": len(done.kept),
            "remaining": done.remaining,
            "next_attempt": done.next_attempt,
            "seconds": round(done.seconds, 1),
            "account": self.account.id,
            "failures": [
                {
                    "id": kept.row.post_id,
                    "part": kept.row.draft.part,
                    "remote_id": kept.row.remote_id,
                    "remote_url": kept.row.remote_url,
                    "reason": kept.reason,
                }
                for kept in done.kept
            ],
        }

    def _show(self, done: Undone) -> None:
        show, said = self.output.show, self.output.say
        if not (done.withdrawn or done.gone or done.kept or done.remaining):
            show(f"Nothing to do: nothing of that is on {self.account.id}.")
            return
        show(
            f"Deleted {statuses(done.withdrawn)} from {self.account.id} in {span(done.seconds)};"
            f" {number(done.remaining)} left."
        )
        if done.gone:
            said(f"Deleted there before: {statuses(done.gone)}.")
        if done.kept:
            said(f"{statuses(len(done.kept))} could not be deleted: see `passerelle log POST`.")
        if done.stopped in ("max_posts", "max_duration"):
            said("Stopped at the limit that was set; run the same command to go on.")
        if done.withdrawn or done.gone:
            said("What was deleted stays away, unless `passerelle retry POST` puts it back in line.")
        if waiting := self._count("approved"):
            said(f"{statuses(waiting, 'waits', 'wait')} for `passerelle publish` still.")
