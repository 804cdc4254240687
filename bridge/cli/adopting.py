"""Taking over from another tool: by its map (`import --adopt`) or by the account (`verify --adopt`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bridge.cli.meeting import clock_of, meet, ports, terms
from bridge.cli.output import Output
from bridge.cli.stopping import stopping
from bridge.cli.tables import number, safe, statuses
from bridge.cli.watching import watching
from bridge.errors import ConfigError, SourceError, counted

if TYPE_CHECKING:
    from bridge.adoption import Told
    from bridge.app import App
    from bridge.engine.adopt import Found, Recognised, Sifted
    from bridge.engine.propose import Wish
    from bridge.ledger.adoptions import Adopted

_SHOWN = 5
_NAMED = 20


def adopt_map(
    app: App, output: Output, file: Path, *, to: str | None, sources: Sequence[str], check: bool
) -> tuple[dict[str, Any], int]:
    """Marks as published what the map of another tool names; gives the document of it, and the exit code."""
    from bridge.adoption import read_map
    from bridge.engine.adopt import Target, sift

    account = _account(app, to)
    told = read_map(file.expanduser())
    for note in told.notes:
        output.warn("MAP", f"{file}: {safe(note)}")
    sifted = sift(app.ledger, told, Target(account=account, hosts=_hosts(app, account)), sources)
    if not sifted.found:
        raise _nothing(file, account, told, sifted)
    if check:
        sifted = _checked(app, output, to, sifted)
    done = _enter(app, output, account, sifted.found)
    data = {"account": account, "tool": told.tool, **_document(sifted, done)}
    _show(output, account, data)
    return data, 3 if data["taken"] or data["under_way"] or data["missing"] else 0


def adopt_account(app: App, output: Output, *, to: str | None, yes: bool) -> int:
    """Marks as published what is found on the account, once a person has seen it."""
    account, seen = _recognised(app, output, to)
    from bridge.engine.adopt import found_of

    data = _seen(account, seen)
    _show_seen(output, account, seen)
    if seen.matches:
        question = (
            f"Mark {counted(len(seen.matches), 'post')} as published on {account},"
            " so that nothing of that is sent from here?"
        )
        if not yes and not output.confirm(question):
            raise ConfigError("Nothing was adopted.", hint="`import --adopt` takes a list of your own.")
        done = _enter(app, output, account, [found_of(match) for match in seen.matches])
        data["adopted"] = sum(each.statuses for each in done)
        output.show(f"{counted(data['adopted'], 'post is', 'posts are')} marked as published.")
    output.data(data)
    return 3 if seen.doubts else 0


def _account(app: App, to: str | None) -> str:
    account = app.resolve(to)
    if account is None:
        raise ConfigError(
            "Which account were the posts carried to?", hint="Pass --to @user@server, or log in first."
        )
    return account


def _hosts(app: App, account: str) -> frozenset[str]:
    """A server may have its accounts under another name than its pages."""
    named = [account.rpartition("@")[2].partition(":")[0].lower()]
    credential = app.credentials.get(account)
    if credential is not None and (host := urlsplit(credential.server).hostname):
        named.append(host)
    return frozenset(named)


def _nothing(file: Path, account: str, told: Told, sifted: Sifted) -> SourceError:
    if sifted.elsewhere:
        places = ", ".join(f"{number(count)} on {safe(place)}" for place, count in sifted.elsewhere.items())
        return SourceError(
            f"{file} ({told.tool}) names posts that were carried elsewhere ({places}), and none on {account}:"
            " nothing was adopted.",
            hint="Is it the right --to?",
        )
    count = len(sifted.unknown) or sifted.unmatched
    return SourceError(
        f"{file} ({told.tool}) names {counted(count, 'post')}, none of it imported: nothing was adopted.",
        hint="Import the right archive as well: `passerelle import ARCHIVE --adopt FILE`.",
    )


def _checked(app: App, output: Output, to: str | None, sifted: Sifted) -> Sifted:
    from bridge.engine.adopt import check

    account = app.account(to)
    clock = clock_of(output)
    publisher = meet(app, account, clock)
    with stopping(output) as stop, watching(output, doing="reading the account") as watcher:
        return check(ports(app, publisher, clock, watcher=watcher, stop=stop), terms(app, account), sifted)


def _recognised(app: App, output: Output, to: str | None) -> tuple[str, Recognised]:
    from bridge.engine.adopt import recognise

    account = app.account(to)
    sources = [row.account for row in app.ledger.posts.sources()] if app.has_ledger else []
    if not sources:
        raise ConfigError(
            "Nothing is imported yet, so that nothing can be recognised.",
            hint="Run `passerelle import ARCHIVE` first.",
        )
    clock = clock_of(output)
    publisher = meet(app, account, clock)
    with stopping(output) as stop, watching(output, doing="reading the account") as watcher:
        given = ports(app, publisher, clock, watcher=watcher, stop=stop)
        return account.id, recognise(given, terms(app, account), sources)


def _enter(app: App, output: Output, account: str, found: Iterable[Found]) -> list[Adopted]:
    from bridge import __version__
    from bridge.engine.adopt import enter
    from bridge.ledger.owner import this_process

    queue, now = app.ledger.queue, clock_of(output).now
    queue.open_destination(account, now=now())
    run = app.ledger.runs.start("adopt", version=__version__, config_digest=None, now=now())
    outcome = "failed"
    try:
        done = enter(
            app.ledger, _wish(app, account), found, account=account, owner=this_process(), now=now(), run=run
        )
        outcome = "done"
    finally:
        app.ledger.runs.finish(run, now=now(), outcome=outcome)
    return done


def _wish(app: App, account: str) -> Wish:
    from bridge.statuses import Limits

    row = app.ledger.queue.destination(account)
    name = next((n for n, d in app.settings.destinations.items() if d.account == account), None)
    return app.wish(app.mirror(name), row.limits if row and row.limits else Limits())


def _document(sifted: Sifted, done: Sequence[Adopted]) -> dict[str, Any]:
    from bridge.ledger.adoptions import Fate

    def of(fate: Fate) -> list[Adopted]:
        return [each for each in done if each.fate is fate]

    return {
        "posts": len(of(Fate.ADOPTED)),
        "statuses": sum(each.statuses for each in done),
        "put_aside": len(of(Fate.PUT_ASIDE)),
        "already": len(of(Fate.ALREADY)),
        "under_way": [each.post_id for each in of(Fate.UNDER_WAY)],
        "taken": [
            {"id": each.post_id, "remote_id": each.remote_id, "owner": each.owner} for each in of(Fate.TAKEN)
        ],
        "missing": [{"id": each.post_id, "remote_id": each.statuses[0].remote_id} for each in sifted.missing],
        "unknown": len(sifted.unknown),
        "unknown_ids": list(sifted.unknown[:_NAMED]),
        "unmatched": sifted.unmatched,
        "elsewhere": dict(sifted.elsewhere),
    }


def _show(output: Output, account: str, data: dict[str, Any]) -> None:
    output.show(
        f"Adopted on {account}: {counted(data['posts'], 'post')} carried by {data['tool']},"
        f" as {statuses(data['statuses'])}. Nothing of that is sent from here."
    )
    for key, words in (
        ("already", "published or adopted before: left as it was"),
        ("put_aside", "put aside: carried, but without a known status of its own"),
        ("unknown", "not imported here: passed over"),
        ("unmatched", "with a text of no imported post, or of several: passed over"),
    ):
        if data[key]:
            some = f", such as {', '.join(data['unknown_ids'][:_SHOWN])}" if key == "unknown" else ""
            output.show(f"{counted(data[key], 'post')} {words}{some}.")
    for place, count in data["elsewhere"].items():
        output.show(
            f"{counted(count, 'post was', 'posts were')} carried to {safe(place)}, which is not {account}."
        )
    for each in data["taken"][:_SHOWN]:
        output.warn(
            "STATUS_TAKEN",
            f"Post {each['id']} is not adopted: its status {each['remote_id']} is that of {each['owner']}.",
            hint=f"See `passerelle log {each['owner']}`; `passerelle skip {each['id']}` gives the post up.",
        )
    for post_id in data["under_way"]:
        output.warn(
            "UNDER_WAY", f"Post {post_id} is being sent.", hint="Run `passerelle verify --repair` first."
        )
    if data["missing"]:
        output.warn(
            "STATUS_MISSING",
            f"{counted(len(data['missing']), 'post is', 'posts are')} not adopted, missing on {account}:"
            f" the first is {data['missing'][0]['id']}.",
            hint="`passerelle publish` will send what was not adopted.",
        )


def _seen(account: str, seen: Recognised) -> dict[str, Any]:
    return {
        "account": account,
        "adopted": 0,
        "matched": [
            {
                "id": each.candidate.post_id,
                "remote_id": each.receipt.remote_id,
                "remote_url": each.receipt.url,
                "by": each.by,
            }
            for each in seen.matches
        ],
        "ambiguous": [
            {
                "remote_id": each.receipt.remote_id,
                "remote_url": each.receipt.url,
                "ids": [one.post_id for one in each.candidates[:_NAMED]],
            }
            for each in seen.doubts
        ],
        "foreign": seen.foreign,
    }


def _show_seen(output: Output, account: str, seen: Recognised) -> None:
    count = len(seen.matches)
    output.show(
        f"On {account} already, and not published from here: {counted(count, 'post')} of the archive."
    )
    for each in seen.matches[:_SHOWN]:
        where = each.receipt.url or each.receipt.remote_id
        output.show(f"  {each.candidate.post_id}  {where}  by its {each.by}: {_begin(each.receipt.text)}")
    if count > _SHOWN:
        output.show(f"  and {number(count - _SHOWN)} more; --json lists them all")
    if seen.doubts:
        output.show(f"Left alone, since they may be one of several posts: {statuses(len(seen.doubts))}.")
    for doubt in seen.doubts[:_SHOWN]:
        ids = ", ".join(one.post_id for one in doubt.candidates[:_SHOWN])
        output.show(f"  {doubt.receipt.url or doubt.receipt.remote_id}  {ids}: {_begin(doubt.receipt.text)}")
    if seen.doubts:
        output.say("`passerelle import --adopt FILE.csv` takes what you know: lines of tweet_id,status_id.")
    if seen.foreign:
        output.say(f"Also on the account, and no posts of the archive: {statuses(seen.foreign)}.")


def _begin(text: str | None) -> str:
    words = " ".join((text or "").split())
    return safe(words[:60] + "…" if len(words) > 60 else words)
