"""One account is one source, by whatever it was known first."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.engine.collect import collect
from bridge.engine.identity import known_as
from bridge.errors import SourceError
from bridge.ledger import Ledger
from bridge.ledger.rows import SourceRow
from bridge.posts import Author
from bridge.sources.files import open_files
from tests.engine.stage import NOW
from tests.sources import archives as made
from tests.sources import exported as saved
from tests.sources.archives import HANDLE, OWNER_ID, day


def row(account: str, id_: str, handle: str | None) -> SourceRow:
    return SourceRow(
        account=account, owner=Author(id=id_, handle=handle), name="", era="", parts=1, notices=(),
        imported_at=None, posts=0, first=None, last=None,
    )  # fmt: skip


def test_a_name_joins_the_number_that_goes_with_it_and_the_other_way_round() -> None:
    number, name = Author(id="12", handle="Museum"), Author(id="@museum", handle="museum")
    assert known_as(name, []) == ("twitter:@museum", name)
    assert known_as(number, []) == ("twitter:12", number)
    assert known_as(name, [row("twitter:12", "12", "MUSEUM")]) == (
        "twitter:12",
        Author(id="12", handle="museum"),
    )
    assert known_as(number, [row("twitter:@museum", "@museum", "museum")]) == ("twitter:@museum", number)


def test_a_number_is_surer_than_a_name() -> None:
    renamed, taken = Author(id="12", handle="new_name"), Author(id="13", handle="museum")
    known = [row("twitter:12", "12", "museum")]
    assert known_as(renamed, known)[0] == "twitter:12"
    assert known_as(taken, known)[0] == "twitter:13"


def test_a_name_that_several_had_is_not_guessed() -> None:
    known = [row("twitter:12", "12", "museum"), row("twitter:13", "13", "museum")]
    with pytest.raises(SourceError, match="may be any of twitter:12, twitter:13"):
        known_as(Author(id="@museum", handle="museum"), known)


def bring(ledger: Ledger, *paths: Path) -> str:
    source = open_files(paths)
    try:
        source = source.under(*known_as(source.owner, ledger.posts.sources()))
        collect(ledger, source, now=NOW)
        return source.account
    finally:
        source.close()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    tweets = [made.y_tweet(day(n), f"post {n} &amp; more") for n in (1, 2)]
    return made.write_zip(tmp_path / "archive.zip", made.y2(tweets, made="2015-02-05T10:00:00.000Z"))


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Of a tool that only knows the name; one post is newer than the archive."""
    media = [{"type": "photo", "original": "https://pbs.twimg.com/media/F.jpg", "ext_alt_text": "Hall"}]
    return saved.write_list(
        tmp_path / "saved.json",
        [saved.exporter(day(2), "post 2 &amp; more", media=media), saved.exporter(day(40), "post 40")],
    )


@pytest.mark.parametrize("order", ["archive first", "export first", "together"])
def test_archive_and_export_are_one_source_with_each_post_once(
    ledger: Ledger, archive: Path, export: Path, order: str
) -> None:
    if order == "together":
        accounts = {bring(ledger, export, archive)}
    else:
        paths = [archive, export] if order == "archive first" else [export, archive]
        accounts = {bring(ledger, path) for path in paths}
    [account] = accounts
    [source] = ledger.posts.sources()
    assert (source.account, source.posts) == (account, 3)
    assert source.owner == Author(id=OWNER_ID, handle=HANDLE, name=made.NAME)
    posts = ledger.posts.load(account, [day(1), day(2), day(40)])
    assert [posts[day(n)].text for n in (1, 2, 40)] == ["post 1 & more", "post 2 & more", "post 40"]
    assert posts[day(2)].media[0].alt == "Hall"
    assert {header.gone for header in ledger.posts.headers(account)} == {False}


def test_an_export_between_two_archives_does_not_hide_what_was_deleted(
    ledger: Ledger, tmp_path: Path, archive: Path, export: Path
) -> None:
    newer = made.y2([made.y_tweet(day(2), "post 2 &amp; more")], made="2016-01-05T10:00:00.000Z")
    bring(ledger, archive)
    bring(ledger, export)
    account = bring(ledger, made.write_zip(tmp_path / "newer.zip", newer))
    assert {h.id for h in ledger.posts.headers(account) if h.gone} == {day(1)}


def test_files_of_different_owners_are_not_mixed(tmp_path: Path, archive: Path) -> None:
    other = saved.write_lines(tmp_path / "ann.jsonl", [saved.v1(day(9), "x", user=saved.ANN)])
    with pytest.raises(SourceError, match=f"different owners: @{HANDLE} .*@ann"):
        open_files([archive, other])
