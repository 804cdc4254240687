"""`alt`: descriptions of pictures, for people who do not see them."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from bridge.cli.options import Selection, To, Yes, command, layer
from bridge.cli.output import Output, Usage
from bridge.cli.preview import one_source, private_file, wished
from bridge.cli.progress import live
from bridge.cli.tables import number, safe
from bridge.errors import ConfigError, MediaError, SourceError, counted

if TYPE_CHECKING:
    from bridge.app import App
    from bridge.engine.describe import Matched, Medium
    from bridge.ledger import Ledger
    from bridge.ledger.rows import Description
    from bridge.media.drafting import Drafter
    from bridge.preview.contact import Frame

HELP = "Descriptions of pictures: list what lacks one, take them in, let a program draft them."

_COLUMNS = (
    "tweet_id", "media_index", "media_key", "type", "date", "text", "link", "file", "url", "alt_text",
    "draft",
)  # fmt: skip
_SHOWN = 5


def declare(app: typer.Typer) -> None:
    command(app, "export")(export)
    command(app, "import")(import_)
    command(app)(draft)
    command(app)(approve)


def export(
    output: Output,
    *,
    selection: Selection,
    missing: Annotated[
        bool, typer.Option("--missing", help="Only pictures that nobody has described yet.")
    ] = False,
    csv_file: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="The worklist for a spreadsheet.", show_default=False),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A contact sheet to look at and write into.", show_default=False),
    ] = None,
    to: To = None,
) -> None:
    """Write a worklist of the pictures that are carried, as CSV and as a page with the pictures on it."""
    from bridge.app import open_app
    from bridge.engine.describe import worklist
    from bridge.preview.contact import write_sheet

    if csv_file is None and html is None:
        raise Usage("Where should the worklist go?", hint="Pass --csv FILE, --html FILE, or both.")
    with open_app(output.home, output.config, layer(selection)) as app:
        ledger, source = _imported(app)
        account, wish = wished(app, output, to)
        media = list(worklist(ledger, source, wish, destination=account, missing=missing))
        if csv_file is not None:
            with private_file(csv_file, newline="", encoding="utf-8-sig") as stream:
                _write_csv(stream, media)
        if html is not None:
            limit = wish.limits.description_length
            with private_file(html) as page, live(output) as show:
                write_sheet(page, _frames(media, show), owner=_owner(ledger, source), limit=limit)
    files = [str(path) for path in (csv_file, html) if path is not None]
    undescribed = sum(not each.media.alt for each in media)
    output.data({"media": len(media), "undescribed": undescribed, "files": files})
    listed = f"{counted(len(media), 'medium', 'media')}, {number(undescribed)} without a description"
    output.show(f"{listed}: {', '.join(files)}")
    if undescribed:
        output.say("Take the descriptions in with `passerelle alt import FILE`.")


def import_(
    output: Output,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="The worklist (CSV), or JSON of archive.alt-text.org, twitter-web-exporter, gallery-dl (also"
            " a folder), X API v2 or twarc.",
        ),
    ],
) -> None:
    """Take descriptions in; they win over what the archive says, and survive every later import."""
    from bridge.app import open_app, utcnow
    from bridge.engine.describe import match
    from bridge.sources.alt_texts import read_alt_texts

    if not file.exists():
        raise ConfigError(f"There is no file or folder {file}.", hint="Check its path.")
    found = read_alt_texts(file)
    with open_app(output.home, output.config) as app:
        ledger, _ = _imported(app)
        matched = match(ledger, found)
        saved = ledger.descriptions.save(matched.descriptions, now=utcnow())
    _tell(output, matched)
    output.data({
        "format": found.format,
        "new": saved.new,
        "changed": saved.changed,
        "unchanged": saved.unchanged,
        "empty": found.empty,
        "unknown_posts": len(matched.strangers),
        "unknown_media": len(matched.astray),
    })  # fmt: skip
    taken = f"{number(saved.new)} new, {number(saved.changed)} changed, {number(saved.unchanged)} unchanged"
    output.show(f"{taken}.")


def draft(
    output: Output,
    *,
    selection: Selection,
    to: To = None,
) -> int:
    """Let the program of `alt.command` draft what nobody has described; nothing of it is published unseen."""
    from bridge.app import open_app, utcnow
    from bridge.engine.describe import drafts, worklist
    from bridge.media.drafting import Drafter

    with open_app(output.home, output.config, layer(selection)) as app:
        if app.settings.alt.command is None:
            raise ConfigError(
                "No program is named that could draft descriptions.",
                hint='Set command = "PROGRAM" under [alt] in config.toml.',
            )
        drafter = Drafter(app.settings.alt.command)
        ledger, source = _imported(app)
        account, wish = wished(app, output, to)
        media = worklist(ledger, source, wish, destination=account, missing=True)
        wanted = [each for each in media if each.draft is None]
        written = failed = 0
        with live(output) as show:
            for medium, said in drafts(wanted, lambda each: _drafted(drafter, each)):
                if isinstance(said, MediaError):
                    failed += 1
                    output.warn("DRAFT_FAILED", f"Post {medium.post.id}: {safe(said.message)}")
                else:
                    ledger.descriptions.save([_description(medium, said)], now=utcnow())
                    written += 1
                    show(f"drafting descriptions: {written} of {len(wanted)}")
    _say_drafted(output, written, failed, left=len(wanted) - written - failed)
    return 3 if failed else 0


def _drafted(drafter: Drafter, medium: Medium) -> str:
    from bridge.engine.originals import original
    from bridge.media.files import describe

    media = medium.media
    try:
        facts = describe(media.file or "", lambda: original(media))
        return drafter.write(facts.name, lambda: original(media), _facts(medium))
    except SourceError as error:
        raise MediaError(error.message) from error


def _facts(medium: Medium) -> dict[str, str]:
    return {
        "PASSERELLE_POST_ID": medium.post.id,
        "PASSERELLE_POST_TEXT": medium.post.text.replace("\0", ""),
        "PASSERELLE_POST_LANGUAGE": medium.post.language or "",
    }


def _description(medium: Medium, text: str) -> Description:
    from bridge.ledger.rows import Description

    return Description(
        source=medium.post.source,
        post_id=medium.post.id,
        position=medium.position,
        text=text,
        origin="command",
        approved=False,
    )


def _say_drafted(output: Output, written: int, failed: int, *, left: int) -> None:
    output.data({"drafted": written, "failed": failed, "left": left})
    output.show(f"{number(written)} drafted, {number(failed)} failed, {number(left)} left.")
    if written:
        output.say(
            "A person decides: `passerelle alt export --missing` shows the drafts, `passerelle alt approve`"
            " takes them as they are."
        )


def approve(
    output: Output,
    posts: Annotated[
        list[str] | None, typer.Argument(metavar="POST", help="Posts whose drafts are good.")
    ] = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Every draft there is.")] = False,
    yes: Yes = False,
) -> None:
    """Make descriptions of drafts, after having read them."""
    from bridge.app import open_app, utcnow

    if bool(posts) == all_:
        raise Usage("Which drafts are good?", hint="Name their posts, or pass --all.")
    with open_app(output.home, output.config) as app:
        ledger, source = _imported(app)
        waiting = ledger.descriptions.drafts(source)
        ids = None if all_ else [_known(ledger, post) for post in posts or ()]
        chosen = [each for each in waiting if ids is None or each.post_id in ids]
        if chosen and not yes:
            for each in chosen[:_SHOWN]:
                output.say(f"{each.post_id}, medium {each.position + 1}: {safe(each.text)}")
            if not output.confirm(f"Approve {counted(len(chosen), 'draft')} as shown?"):
                raise ConfigError("Nothing was approved.", hint="Write better ones into the worklist.")
        count = ledger.descriptions.approve(source, ids, now=utcnow()) if chosen else 0
    output.data({"approved": count, "drafts": len(waiting) - count})
    output.show(f"{counted(count, 'draft')} approved, {number(len(waiting) - count)} left.")


def _known(ledger: Ledger, post: str) -> str:
    found = ledger.posts.find(post)
    if found is None:
        raise ConfigError(f"No post {post} has been imported.", hint="`passerelle alt export` lists them.")
    return found[1]


def _imported(app: App) -> tuple[Ledger, str]:
    if not app.has_ledger:
        raise ConfigError("Nothing is imported yet.", hint="`passerelle import ARCHIVE` comes first.")
    return app.ledger, one_source(app.ledger, [row.account for row in app.ledger.posts.sources()])


def _owner(ledger: Ledger, source: str) -> str | None:
    row = next((each for each in ledger.posts.sources() if each.account == source), None)
    return row.owner.handle if row and row.owner else None


def _write_csv(stream: TextIO, media: Iterable[Medium]) -> None:
    from bridge.engine.describe import readable

    rows = csv.writer(stream)
    rows.writerow(_COLUMNS)
    for each in media:
        post, medium = each.post, each.media
        link = post.url or f"https://twitter.com/i/status/{post.id}"
        rows.writerow(
            [post.id, each.position + 1, medium.id or "", medium.type.value, f"{post.created_at:%Y-%m-%d}",
             inert(readable(post)), link, _base(medium.file), medium.url or "", inert(medium.alt or ""),
             inert(each.draft or "")]
        )  # fmt: skip


def inert(text: str) -> str:
    """A spreadsheet would take some beginnings for a formula; `alt import` takes the mark off again."""
    return re.sub(r"^(?=[=+\-@\t])", "'", text)


def _frames(media: Iterable[Medium], show: Callable[[str], None]) -> Iterator[Frame]:
    from bridge.engine.describe import readable
    from bridge.engine.originals import original
    from bridge.media.thumbnails import thumbnail
    from bridge.preview.contact import Frame

    for at, each in enumerate(media, 1):
        show(f"drawing the contact sheet: {counted(at, 'picture')}")
        post = each.post
        try:
            picture = thumbnail(partial(original, each.media))
        except (SourceError, MediaError, ConfigError):
            picture = None
        yield Frame(
            post_id=post.id,
            index=each.position + 1,
            date=f"{post.created_at:%Y-%m-%d}",
            text=readable(post),
            language=post.language,
            url=post.url,
            file=_base(each.media.file),
            kind=each.media.type.value,
            picture=picture,
            alt=each.media.alt or "",
            draft=each.draft or "",
        )


def _base(member: str | None) -> str:
    return (member or "").rpartition("/")[2]


def _tell(output: Output, matched: Matched) -> None:
    for code, lost, why in (
        ("POST_UNKNOWN", matched.strangers, "no post of that number has been imported"),
        ("MEDIUM_UNKNOWN", matched.astray, "the post has no such picture"),
    ):
        if lost:
            named = ", ".join(f"{safe(each.place)} ({safe(each.post_id)})" for each in lost[:_SHOWN])
            more = f" and {number(len(lost) - _SHOWN)} more" if len(lost) > _SHOWN else ""
            output.warn(code, f"Left out, since {why}: {named}{more}.")
