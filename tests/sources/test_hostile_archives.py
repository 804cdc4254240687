"""Bad input ends in one sentence, or costs no more than the record that is bad."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from bridge.errors import SourceError
from bridge.sources.twitter_archive import container, open_archives, open_member
from tests.sources import archives as made
from tests.sources.archives import day
from tests.sources.reading import read, read_files

GOOD = made.y2([made.y_tweet(day(1), "fine")])


def refusal(*paths: Path) -> str:
    with pytest.raises(SourceError) as caught:
        read(*paths)
    message = str(caught.value)
    assert "\n" not in message
    assert caught.value.exit_code == 1
    return message


@pytest.mark.parametrize("name", ["../evil.js", "/etc/passwd", "C:\\evil.js", "data/../../evil.js", "..\\x"])
def test_names_that_lead_out(tmp_path: Path, name: str) -> None:
    assert "outside" in refusal(made.write_zip(tmp_path / "a.zip", {**GOOD, name: "x"}))


def test_symlink_in_a_zip(tmp_path: Path) -> None:
    path = made.write_zip(tmp_path / "a.zip", GOOD)
    link = zipfile.ZipInfo("data/tweets_media/1-a.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "symlink" in refusal(path)


def test_symlink_out_of_a_folder(tmp_path: Path) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_text("secret")
    folder = made.write_folder(tmp_path / "archive", GOOD)
    (folder / "data/tweets_media").mkdir()
    (folder / f"data/tweets_media/{day(1)}-a.jpg").symlink_to(secret)
    assert "symlink" in refusal(folder)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_name_that_occurs_twice(tmp_path: Path) -> None:
    path = made.write_zip(tmp_path / "a.zip", GOOD)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("data/tweets.js", "window.YTD.tweets.part0 = []")
    assert "twice" in refusal(path)


def test_bomb_by_actual_bytes(tmp_path: Path) -> None:
    files = {**GOOD, "data/tweets.js": b"window.YTD.tweets.part0 = [" + b" " * (60 << 20) + b"]"}
    path = made.write_zip(tmp_path / "a.zip", files)
    raw = path.read_bytes()
    size = struct.pack("<L", 60 << 20)
    assert "zip bomb" in refusal(path)
    lying = raw.replace(size, struct.pack("<L", 5000))
    (tmp_path / "b.zip").write_bytes(lying)
    refusal(tmp_path / "b.zip")


def test_a_million_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made.write_zip(tmp_path / "a.zip", {**GOOD, **{f"assets/{n}": "" for n in range(40)}})
    monkeypatch.setattr(container, "MAX_MEMBERS", 20)
    assert "files, more than any Twitter archive" in refusal(path)


def test_password(tmp_path: Path) -> None:
    path = made.write_zip(tmp_path / "a.zip", GOOD)
    raw = bytearray(path.read_bytes())
    at = raw.find(b"PK\1\2")
    while at >= 0:
        raw[at + 8] |= 1
        at = raw.find(b"PK\1\2", at + 4)
    path.write_bytes(raw)
    assert "password" in refusal(path)


def test_truncated_zip_and_no_zip(tmp_path: Path) -> None:
    path = made.write_zip(tmp_path / "a.zip", GOOD)
    path.write_bytes(path.read_bytes()[:-300])
    assert "cut short" in refusal(path)
    other = tmp_path / "letter.pdf"
    other.write_bytes(b"%PDF-1.4 something else")
    assert "is not a zip file" in refusal(other)
    assert "does not exist" in refusal(tmp_path / "nowhere.zip")
    (tmp_path / "empty.zip").write_bytes(b"")
    assert "is not a zip file" in refusal(tmp_path / "empty.zip")


def test_damaged_member(tmp_path: Path) -> None:
    tweets = [made.y_tweet(day(n), os.urandom(40).hex()) for n in range(40)]
    path = made.write_zip(tmp_path / "a.zip", made.y2(tweets))
    raw = bytearray(path.read_bytes())
    middle = raw.find(b"data/tweets.js") + 400
    raw[middle : middle + 64] = bytes(64)
    path.write_bytes(raw)
    assert "damaged" in refusal(path)


@pytest.mark.parametrize(
    ("member", "named"),
    [
        ("outbox.json", "a Mastodon archive"),
        ("your_instagram_activity/content/posts_1.html", "an Instagram archive"),
        ("your_facebook_activity/posts/x.json", "a Facebook archive"),
        ("Takeout/archive_browser.html", "a Google Takeout archive"),
    ],
)
def test_archives_of_other_networks_are_named(tmp_path: Path, member: str, named: str) -> None:
    assert named in refusal(made.write_zip(tmp_path / "a.zip", {member: "{}"}))
    assert named in refusal(made.write_folder(tmp_path / "folder", {member: "{}"}))


def test_bluesky_repository(tmp_path: Path) -> None:
    (tmp_path / "repo.car").write_bytes(b"\x3a\xa2")
    assert "a Bluesky repository" in refusal(tmp_path / "repo.car")


def test_nothing_in_it(tmp_path: Path) -> None:
    assert "is empty" in refusal(made.write_zip(tmp_path / "a.zip", made.y2([])))
    assert "holds no tweets" in refusal(made.write_zip(tmp_path / "b.zip", {"readme.txt": "x"}))
    (tmp_path / "folder").mkdir()
    assert "holds no tweets" in refusal(tmp_path / "folder")
    with pytest.raises(SourceError):
        open_archives([])


def test_two_owners(tmp_path: Path) -> None:
    one = made.write_zip(tmp_path / "a.zip", made.y2([made.y_tweet(day(1), "a")]))
    two = made.write_zip(tmp_path / "b.zip", made.y2([made.y_tweet(day(2), "b")], owner="99"))
    assert "different owners" in refusal(one, two)


def test_bad_records_cost_only_themselves(tmp_path: Path) -> None:
    without_id = made.y_tweet(day(1), "no id")
    del without_id["id"], without_id["id_str"]
    wrong = made.y_tweet(day(2), "x")
    wrong["full_text"] = {"a": 1}
    textless = made.y_tweet(day(3), "x")
    del textless["full_text"]
    timeless = made.y_tweet(day(4), "x", created_at="yesterday") | {"id": "12", "id_str": "12"}
    good = made.y_tweet(day(5), "good")
    files = made.y2([without_id, wrong, textless, timeless, good])
    outcome = read_files(tmp_path, files)
    assert [post.text for post in outcome.posts] == ["good"]
    places = [reject.place for reject in outcome.rejects]
    assert places == [f"archive.zip: data/tweets.js, item {n}" for n in (1, 2, 3, 4)]
    assert "no id" in outcome.rejects[0].reason
    assert "full_text" in outcome.rejects[1].reason
    assert outcome.rejects[2].record == day(3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"favorite_count": "1.2K", "possibly_sensitive": "yes"},
        {"geo": "x", "place": "Paris", "edit_info": []},
        {"entities": {"urls": None, "hashtags": [{"text": 5, "indices": "x"}]}, "extended_entities": []},
        {"in_reply_to_status_id_str": "abc"},
    ],
)
def test_a_field_of_a_wrong_type_costs_itself_only(tmp_path: Path, wrong: dict[str, object]) -> None:
    outcome = read_files(tmp_path, made.y2([made.y_tweet(day(1), "kept") | wrong]))
    assert [post.text for post in outcome.posts] == ["kept"]
    assert outcome.rejects == []


def test_items_that_are_no_objects(tmp_path: Path) -> None:
    good = made.y_tweet(day(5), "good")
    files = made.y2([])
    files["data/tweets.js"] = made.ytd("tweets", [7, "x, ]", None, [1, [2]], *made.wrapped([good]), True])
    outcome = read_files(tmp_path, files)
    assert [post.text for post in outcome.posts] == ["good"]
    assert len(outcome.rejects) == 5


def test_cut_javascript_keeps_what_is_whole(tmp_path: Path) -> None:
    files = made.y2([made.y_tweet(day(n), f"post {n}") for n in range(9)])
    text = files["data/tweets.js"]
    files["data/tweets.js"] = text[: text.index("post 7")]
    outcome = read_files(tmp_path, files)
    assert len(outcome.posts) == 7
    assert {"FILE_CUT", "ARCHIVE_SHORTFALL"} <= outcome.codes
    assert "cut off" in outcome.rejects[0].reason


def test_invalid_utf8_is_replaced_and_said(tmp_path: Path) -> None:
    files = made.y2([made.y_tweet(day(1), "caf\u00e9"), made.y_tweet(day(2), "b")])
    files["data/tweets.js"] = files["data/tweets.js"].encode().replace("é".encode(), b"\xe9")
    outcome = read_files(tmp_path, files)
    assert outcome.by_id(day(1)).text == "caf\ufffd"
    assert "TEXT_REPAIRED" in outcome.codes


def test_half_characters_and_control_characters_are_dropped(tmp_path: Path) -> None:
    files = made.y2([made.y_tweet(day(1), "a\x1db@c #d", entities=made.entities("a\x1db@c #d", tags=["d"]))])
    files["data/tweets.js"] = files["data/tweets.js"].replace("\\u001d", "\\ud800")
    [post] = read_files(tmp_path, files).posts
    assert post.text == "ab@c #d"
    assert [post.text[span.start : span.end] for span in post.spans] == ["#d"]


@pytest.mark.parametrize("bomb", ["[" * 200_000, '{"a":' * 200_000, "[" * 5000 + "]" * 5000])
def test_nested_depth(tmp_path: Path, bomb: str) -> None:
    files = made.y2([made.y_tweet(day(1), "fine")])
    whole = bomb.endswith("]")
    tail = ", " + files["data/tweets.js"].split("= [")[1] if whole else ""
    files["data/tweets.js"] = (
        'window.YTD.tweets.part0 = [{"tweet":{"entities":' + bomb + ("}}" if whole else "") + tail
    )
    outcome = read_files(tmp_path, files)
    assert len(outcome.posts) == whole
    assert len(outcome.rejects) == 1


def test_no_account_no_manifest_no_media(tmp_path: Path) -> None:
    files = made.y2(
        [
            made.y_tweet(day(1), "a"),
            made.y_tweet(day(2), "b", **made.answering(day(1))),
            made.y_tweet(
                day(3),
                "c https://t.co/mmmmmmmmmm",
                media=[made.photo(day(3), "c https://t.co/mmmmmmmmmm", "https://t.co/mmmmmmmmmm")],
            ),
        ]
    )
    del files["data/manifest.js"], files["data/account.js"]
    outcome = read_files(tmp_path, files)
    assert outcome.archive.account == "twitter:4242"
    assert outcome.archive.summary().owner.handle == "museum_demo"
    assert {"MANIFEST_MISSING", "ACCOUNT_MISSING", "ARCHIVE_MEDIA_MISSING"} <= outcome.codes
    assert outcome.by_id(day(3)).media[0].file is None


def test_nobody_says_whose_it_is(tmp_path: Path) -> None:
    outcome = read_files(
        tmp_path, {"tweets.js": made.ytd("tweets", made.wrapped([made.y_tweet(day(1), "a")]))}
    )
    assert outcome.archive.account == "twitter:unknown"
    assert "OWNER_UNKNOWN" in outcome.codes
    full = made.write_zip(tmp_path / "full.zip", GOOD)
    assert read(tmp_path / "archive.zip", full).archive.account == "twitter:4242"


def test_manifest_counts_are_checked(tmp_path: Path) -> None:
    files = made.y2([made.y_tweet(day(1), "a")])
    counts = {"tweets": ("data/tweets.js", 9), "communityTweet": ("data/community-tweet.js", 4)}
    files["data/manifest.js"] = made.manifest(counts, made="2023-01-01T00:00:00.000Z")
    outcome = read_files(tmp_path, files)
    said = [notice.message for notice in outcome.notices if notice.code == "ARCHIVE_SHORTFALL"]
    assert len(said) == 2
    assert "9 entries; found: 1." in said[0]
    assert "community-tweet.js is missing" in said[1]


def test_private_members_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = (
        "direct-messages", "direct-messages-group", "ad-impressions", "device-token", "contact", "ip-audit",
        "phone-number", "personalization", "like", "follower", "email-address-change", "grok-chat-item",
    )  # fmt: skip
    files = made.y2([made.y_tweet(day(1), "a")])
    files |= {f"data/{name}.js": "private" for name in private}
    files |= {"data/direct_messages_media/1-a.jpg": "private", "data/grok_chat_media/a.jpg": "private"}
    path = made.write_zip(tmp_path / "a.zip", files)
    folder = made.write_folder(tmp_path / "folder", files)

    opened: list[str] = []
    real = zipfile.ZipFile.open

    def recording(self, name, *args, **more):
        opened.append(getattr(name, "filename", name))
        return real(self, name, *args, **more)

    plain = Path.open

    def recording_file(self, *args, **more):
        opened.append(self.relative_to(tmp_path).as_posix())
        return plain(self, *args, **more)

    monkeypatch.setattr(zipfile.ZipFile, "open", recording)
    monkeypatch.setattr(Path, "open", recording_file)
    assert read(path).posts
    assert read(folder).posts
    wanted = {"data/manifest.js", "data/account.js", "data/tweets.js"}
    assert set(opened) == wanted | {f"folder/{name}" for name in wanted} | {"a.zip"}
    with pytest.raises(SourceError):
        open_member(str(path), "data/direct-messages.js")
    with pytest.raises(SourceError):
        open_member(str(folder), "data/direct-messages.js")
