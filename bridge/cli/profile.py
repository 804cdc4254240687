"""`profile apply`: name, biography, pictures and pinned post, from the archive to the account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bridge.cli.log import find_post
from bridge.cli.meeting import clock_of, meet
from bridge.cli.options import To, Yes, command
from bridge.cli.output import Output, need_option
from bridge.cli.tables import columns, safe
from bridge.errors import (
    BridgeError,
    ConfigError,
    MediaError,
    NetworkError,
    SourceError,
    Unauthorized,
    counted,
)
from bridge.profile import Change, Part, Picture, Profile, Shown, changes, without_room

if TYPE_CHECKING:
    from bridge.app import Account, App
    from bridge.publishers.mastodon import MastodonPublisher
    from bridge.publishers.presence import PictureFile

HELP = "How the account shows itself: name, biography, links, pictures, pinned post."
_WIDEST = 60


def declare(app: typer.Typer) -> None:
    command(app)(apply)


def apply(
    output: Output,
    *,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE",
            help="Archives of the account, or a source named in the settings.",
            show_default=False,
        ),
    ] = None,
    to: To = None,
    only: Annotated[
        list[Part] | None,
        typer.Option("--only", help="Nothing but this; may be repeated.", show_default=False),
    ] = None,
    website: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Instead of the one in the archive, often a short link.", show_default=False
        ),
    ] = None,
    locale: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="For the words Website and Location.", show_default=False),
    ] = None,
    pin: Annotated[
        str | None,
        typer.Option(
            metavar="POST", help="Also pin the status of this post, if it is published.", show_default=False
        ),
    ] = None,
    fetch: Annotated[
        bool, typer.Option("--fetch-missing", help="Ask the old network for pictures that the archive lacks.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also replace what the account shows already.")
    ] = False,
    yes: Yes = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Show what would change; change nothing.")
    ] = False,
) -> None:
    """Carry name, biography, links and pictures over; shown first, and nothing replaced without a yes."""
    from bridge.app import open_app

    if not (yes or dry_run or output.interactive):
        need_option("Shall this be shown on the account?", "--yes")
    with open_app(output.home, output.config) as app:
        account = app.account(to)
        profile = read_profile(app, sources or ())
        publisher = meet(app, account, clock_of(output))
        if website is not None:
            profile = replace(profile, website=website)
        shown = publisher.shown()
        found = changes(profile, shown, locale=locale or app.loaded.render(account.mirror).locale)
        wanted = _Wanted(app, output, account, publisher, shown)
        wanted.work(
            [change for change in found if not only or change.part in only],
            pin=pin,
            fetch=fetch,
            choose=None if dry_run else _chooser(output, overwrite=overwrite, yes=yes),
        )


def read_profile(app: App, named: Sequence[str]) -> Profile:
    if not named:
        raise ConfigError(
            "Whose profile is meant?", hint="Name the archive: `passerelle profile apply ARCHIVE`."
        )
    return profile_in(app.paths(named))


def profile_in(paths: Sequence[Path]) -> Profile:
    """Of archives."""
    from bridge.sources.twitter_archive import open_archives

    archive = open_archives(paths)
    try:
        return archive.profile()
    finally:
        archive.close()


def load_picture(app: App, picture: Picture) -> bytes:
    """Of the archive, or else of the old network. Raises MediaError, NetworkError, SourceError."""
    from bridge.engine.presence import remote_address
    from bridge.sources.twitter_archive import open_member

    if picture.file and picture.container:
        with open_member(picture.container, picture.file) as stream:
            return stream.read()
    url, fetcher = remote_address(picture), app.fetcher()
    try:
        reply = fetcher.get(url) if url else None
    finally:
        app.give_back(fetcher)
    if reply is None or reply.status != 200:
        raise MediaError(
            f"The old network does not have {picture.url} any more.",
            hint="Upload one in the settings of the account.",
        )
    return reply.body


_Choose = Callable[[Sequence[Change]], list[Change]]


def _chooser(output: Output, *, overwrite: bool, yes: bool) -> _Choose:
    """A yes fills what is empty. What would be lost is asked for one by one, or needs `--overwrite`."""

    def choose(found: Sequence[Change]) -> list[Change]:
        fills = [change for change in found if not change.overwrites]
        chosen = fills if fills and (yes or output.confirm("Shall what is empty be filled?")) else []
        for change in found:
            if change.overwrites and (overwrite or _asked(output, change, yes=yes)):
                chosen.append(change)
        return chosen

    return choose


def _asked(output: Output, change: Change, *, yes: bool) -> bool:
    if yes or not output.interactive:
        output.say(f"Kept: {change.part} ({_short(change.before)}); --overwrite replaces it.")
        return False
    return output.confirm(f"Replace {change.part} ({_short(change.before)})?", option="--overwrite")


class _Wanted:
    """What is to be shown at an account."""

    def __init__(
        self, app: App, output: Output, account: Account, publisher: MastodonPublisher, shown: Shown
    ) -> None:
        self._app, self._output, self._account = app, output, account
        self._publisher, self._shown = publisher, shown

    def work(self, found: Sequence[Change], *, pin: str | None, fetch: bool, choose: _Choose | None) -> None:
        remote = self._status(pin) if pin else None
        usable = self._usable(found, fetch=fetch, ahead=choose is None)
        self._show(found)
        done = self._dress(choose(usable)) if choose else []
        pinned = bool(remote and choose and self._pin(remote))
        self._output.data({
            "account": self._account.id,
            "changes": [_document(change, applied=change in done) for change in found],
            "pinned": remote if pinned else None,
        })  # fmt: skip
        if choose:
            said = f"{counted(len(done), 'change')} made at {self._account.id}"
            self._output.show(said + (f", {remote} pinned." if pinned else "."))

    def _status(self, post: str) -> str:
        source, post_id = find_post(self._app, post)
        known = self._app.ledger.queue.remote(self._account.id, source, post_id)
        if known is None:
            raise BridgeError(
                f"{post_id} is not published at {self._account.id}.", hint="Publish it first, then pin it."
            )
        return known[0]

    def _pin(self, remote_id: str) -> bool:
        from bridge.engine.presence import pin

        with _asking_for_the_right():
            return pin(self._publisher, remote_id)

    def _usable(self, found: Sequence[Change], *, fetch: bool, ahead: bool) -> list[Change]:
        """Without pictures that nobody has, and rows for which there is no room."""
        full = list(without_room(self._shown, found))
        for change in full:
            self._output.warn(
                "PROFILE_FULL", f"The table of {self._account.id} has no room for {change.part}."
            )
        lacking = [change for change in found if change.picture and not change.picture.file and not fetch]
        if lacking and not ahead:
            parts = " and ".join(change.part for change in lacking)
            self._output.warn(
                "MEDIA_MISSING", f"Not in the archive: {parts}.", hint="--fetch-missing asks the old network."
            )
        return [change for change in found if change not in full and change not in lacking]

    def _dress(self, chosen: Sequence[Change]) -> list[Change]:
        """What was done of it: a picture that cannot be had is left as it is."""
        from bridge.engine.presence import picture_file, show

        pictures: dict[Part, PictureFile] = {}
        done = list(chosen)
        for change in chosen:
            try:
                if change.picture is not None:
                    pictures[change.part] = picture_file(change, partial(load_picture, self._app))
            except (MediaError, NetworkError, SourceError) as problem:
                done.remove(change)
                self._output.warn("MEDIA_UNUSABLE", f"{change.part}: {problem.message}", hint=problem.hint)
        if done:
            with _asking_for_the_right():
                show(self._publisher, self._shown, done, pictures)
        return done

    def _show(self, found: Sequence[Change]) -> None:
        if not found:
            self._output.show(f"Nothing to change: {self._account.id} shows what the archive says.")
            return
        rows = [
            (
                change.label or change.part,
                _short(change.before) if change.before else "-",
                _short(change.after),
            )
            for change in found
        ]
        self._output.show(columns(("", "there now", "from the archive"), rows))
        for change in found:
            if change.note:
                self._output.say(f"{change.part}: {change.note}.")


@contextmanager
def _asking_for_the_right() -> Iterator[None]:
    """An ordinary login may post, and nothing else."""
    try:
        yield
    except Unauthorized as error:
        raise Unauthorized(error.message, hint="Log in with `passerelle login SERVER --profile`.") from error


def _short(text: str | None) -> str:
    line = safe(" ".join((text or "").split()))
    return line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"


def _document(change: Change, *, applied: bool) -> dict[str, Any]:
    return {
        "field": change.part, "label": change.label, "before": change.before, "after": change.after,
        "overwrites": change.overwrites, "note": change.note, "applied": applied,
    }  # fmt: skip
