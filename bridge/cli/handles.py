"""`handles scan` and `handles import`: who of the people in posts is where in the fediverse."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.options import command
from bridge.cli.output import Output
from bridge.cli.progress import live
from bridge.cli.tables import safe
from bridge.errors import ConfigError, counted

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.engine.finding import Candidate
    from bridge.engine.handles import Asked
    from bridge.posts import Post

HELP = "People: who is where in the fediverse. Only what a server confirms goes into handles.csv."

_SHOWN = 10


def declare(app: typer.Typer) -> None:
    command(app)(scan)
    command(app, "import")(import_)


def scan(
    output: Output,
    exports: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="EXPORT",
            help="Exports of other tools (JSON, JSON lines) that hold people's bios.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Look for addresses of the fediverse in imported posts and in the bios of exports; ask their servers."""
    from bridge.app import open_app
    from bridge.engine.finding import in_posts

    with open_app(output.home, output.config) as app:
        posts = list(_posts(app))
        if not posts and not exports:
            raise ConfigError(
                "Nothing is imported yet.", hint="`passerelle import ARCHIVE`, or name an export."
            )
        _work(app, output, chain(in_posts(posts), _bios(exports or ())), posts)


def import_(
    output: Output,
    file: Annotated[Path, typer.Argument(help="The list of a finder: CSV with both names of each person.")],
) -> None:
    """Take in the list of a finder such as Fedifinder; ask each server whether it has such an account."""
    from bridge.app import open_app

    with open_app(output.home, output.config) as app:
        _work(app, output, _listed(file), list(_posts(app)))


def _posts(app: App) -> Iterator[Post]:
    """Those that name anybody."""
    for row in app.ledger.posts.sources() if app.has_ledger else ():
        yield from (post for post in app.ledger.posts.iterate(row.account) if "@" in post.text)


def _bios(exports: Iterable[Path]) -> Iterator[Candidate]:
    from bridge.engine.finding import in_bios
    from bridge.sources.exports.records import files_of, records

    for path in exports:
        for file in files_of(path):
            for record in records(file):
                yield from in_bios(record.entry, "bio")


def _listed(path: Path) -> Iterator[Candidate]:
    from bridge.engine.finding import in_list

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            for row in reader:
                found = in_list({k: v for k, v in row.items() if isinstance(k, str)}, f"list {path.name}")
                if found is None:
                    raise ConfigError(
                        f"{path} does not say who these people are on Twitter.",
                        hint="Take the finder's list that has a column `username`, not the one for Mastodon.",
                    )
                yield from found
    except (UnicodeDecodeError, csv.Error):
        raise ConfigError(f"{path} is not CSV in UTF-8.", hint="Save it as CSV in UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error


def _work(app: App, output: Output, found: Iterable[Candidate], posts: list[Post]) -> None:
    from bridge.config.handles import keys_of
    from bridge.engine.finding import numbers_in
    from bridge.engine.handles import Answer, unique

    path = app.handles_file()
    known = keys_of(path)
    candidates = unique(found, numbers_in(posts))
    fresh = [c for c in candidates if not {c.twitter_id, f"@{c.twitter.lower()}"} & known]
    asked = _asked(output, fresh)
    added = _kept(app, path, asked)
    tally = Counter(each.answer for each in asked)
    output.data(
        {
            "file": str(path), "candidates": len(candidates), "known": len(candidates) - len(fresh),
            "added": added, **{answer.value: tally[answer] for answer in Answer},
            "handles": [_said(each) for each in asked],
        }
    )  # fmt: skip
    _show(output, asked, added, path)


def _asked(output: Output, candidates: list[Candidate]) -> list[Asked]:
    import time

    from bridge.config.proxies import proxy_for
    from bridge.engine.handles import confirm
    from bridge.media.fetch import Caps, Fetcher

    caps = Caps(seconds=20.0, size=500_000, attempts=1)
    with Fetcher(caps=caps, proxy_for=proxy_for) as fetcher, live(output) as show:
        return confirm(
            candidates,
            fetcher.get,
            sleep=time.sleep,
            show=lambda n: show(f"asked for {counted(n, 'person', 'people')}"),
        )


def _kept(app: App, path: Path, asked: Iterable[Asked]) -> int:
    from bridge.app import utcnow
    from bridge.config.handles import Person, add_handles

    today = f"{utcnow():%Y-%m-%d}"
    people = [
        Person(
            fediverse=f"@{each.candidate.fediverse}",
            twitter=each.candidate.twitter,
            twitter_id=each.candidate.twitter_id,
            source=each.candidate.source,
            confirmed=today,
        )
        for each in asked
        if each.answer == "confirmed"
    ]
    if people:
        app.home.create()
    return add_handles(path, people) if people else 0


def _said(each: Asked) -> dict[str, str | None]:
    person = each.candidate
    return {
        "twitter_id": person.twitter_id or None, "twitter": person.twitter,
        "fediverse": f"@{person.fediverse}", "source": person.source, "state": each.answer,
    }  # fmt: skip


def _show(output: Output, asked: list[Asked], added: int, path: Path) -> None:
    output.show(f"{counted(added, 'person', 'people')} found and written into {path}.")
    open_ones = [each for each in asked if each.answer in ("unanswered", "ambiguous")]
    for each in open_ones[:_SHOWN]:
        why = "no answer" if each.answer == "unanswered" else "several addresses: choose one by hand"
        output.say(f"  @{safe(each.candidate.twitter)} → @{safe(each.candidate.fediverse)}: {why}")
    refused = sum(each.answer == "refused" for each in asked)
    if refused:
        output.say(f"Left out: {counted(refused, 'address', 'addresses')} that no server knows.")
    if added:
        output.say("`passerelle preview --changed` shows what would read otherwise now.")
