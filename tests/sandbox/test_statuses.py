"""Making, reading, changing and deleting statuses (fediverse-rules §3, §8)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.sandbox.clock import ManualClock

from .conftest import Client, Open, film, picture

PAST = "2014-05-17T09:12:33.456Z"
REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"status": ""}, 422, "Validation failed: Text can't be blank"),
    ({"status": "x" * 501}, 422, "Validation failed: Text character limit of 500 exceeded"),
    (
        {"spoiler_text": "w" * 400, "status": "x" * 101},
        422,
        "Validation failed: Text character limit of 500 exceeded",
    ),
    ({"visibility": "secret"}, 422, "Validation failed: Visibility is not included in the list"),
    ({"in_reply_to_id": "1"}, 404, "The post you are trying to reply to does not appear to exist."),
    ({"quoted_status_id": "1"}, 404, "The post you are trying to quote does not appear to exist."),
    ({"media_ids[]": ["7", "8"]}, 422, "Media 7, 8 not found or already attached to another post"),
    ({"media_ids[]": list("12345")}, 422, "Cannot attach more than 4 files"),
    ({"scheduled_at": "soon"}, 422, "Record invalid"),
    (
        {"scheduled_at": "2026-11-22T12:04:00Z"},
        422,
        "Validation failed: Scheduled at date must be in the future",
    ),
    ({"poll[options][]": ["one"]}, 422, "Validation failed: Options must be more than one"),
    ({"poll[options][]": ["a", "a"]}, 422, "Validation failed: Options contain duplicates"),
]


@pytest.mark.parametrize(("fields", "status", "words"), REFUSED)
def test_refusals_have_mastodons_status_and_words(
    client: Client, fields: dict[str, Any], status: int, words: str
) -> None:
    got = client.form("POST", "/api/v1/statuses", {"status": "text"} | fields)
    assert (got.status, got.error) == (status, words)
    assert client.sandbox.state.statuses == ()


def test_the_parent_is_looked_at_before_the_key_and_the_media_before_the_text(client: Client) -> None:
    client.post("one", key="k")
    assert client.post("x", key="k", in_reply_to_id="1").status == 404
    assert "Media 1" in client.post("", media_ids=["1"]).error


@pytest.mark.parametrize("body", ["form", "json"])
def test_form_and_json_say_the_same(client: Client, body: str) -> None:
    said = {
        "status": "Bonjour",
        "visibility": "unlisted",
        "language": "fr",
        "spoiler_text": "W",
        "sensitive": "false",
    }
    if body == "form":
        got = client.form("POST", "/api/v1/statuses", said)
    else:
        raw = json.dumps(said | {"sensitive": False, "media_ids": [], "poll": None}).encode()
        got = client.ask("POST", "/api/v1/statuses", raw, Content_Type="application/json")
    row = got.json
    assert (row["visibility"], row["language"], row["spoiler_text"]) == ("unlisted", "fr", "W")
    assert row["sensitive"] is True  # a warning implies it
    assert row["application"] == {"name": "Practice", "website": None}


def test_text_is_stripped_and_a_lonely_warning_is_the_text(client: Client) -> None:
    assert client.post("  a \n").json["content"] == "<p>a</p>"
    row = client.post("", spoiler_text="only a warning").json
    assert (row["content"], row["spoiler_text"], row["sensitive"]) == ("<p>only a warning</p>", "", True)


def test_nobody_is_disturbed_but_by_a_name_of_this_server(client: Client) -> None:
    client.post("@nobody and visitor@example.org and https://example.org/@visitor")
    assert client.sandbox.state.notices == ()
    client.post("hello @Visitor")
    client.post(f"hello @visitor@{client.sandbox.base_url.removeprefix('http://')}")
    visitor = client.sandbox.accounts[1]
    assert [notice.whom for notice in client.sandbox.state.notices] == [visitor.id, visitor.id]
    assert client.sandbox.state.texts[2] == "hello @visitor"
    seen = Client(client.sandbox, visitor.access_token).get("/api/v1/notifications").json
    assert len(seen) == 2


def test_a_remote_handle_is_looked_up_and_counts_by_its_local_part(client: Client) -> None:
    assert client.post("x" * 490 + " @name@twitter.com").status == 200
    assert client.sandbox.state.lookups == ("name@twitter.com",)
    assert client.sandbox.state.notices == ()


def test_allowed_mentions_keep_a_status_from_strangers(client: Client) -> None:
    got = client.form("POST", "/api/v1/statuses", {"status": "@visitor", "allowed_mentions[]": "0"})
    assert (got.status, got.error) == (422, "Post would be sent to unexpected accounts")
    assert [one["username"] for one in got.json["unexpected_accounts"]] == ["visitor"]


def test_a_thread_reads_from_both_ends(client: Client) -> None:
    ids = [client.post("0").json["id"]]
    for number in range(1, 5):
        ids.append(client.post(str(number), in_reply_to_id=ids[-1]).json["id"])
    around = client.get(f"/api/v1/statuses/{ids[2]}/context").json
    assert [row["id"] for row in around["ancestors"]] == ids[:2]
    assert [row["id"] for row in around["descendants"]] == ids[3:]


def test_a_past_scheduled_at_is_posted_now_without_a_word(client: Client) -> None:
    assert client.post("old", scheduled_at=PAST).json["created_at"] == "2026-11-22T12:00:00.000Z"


def test_a_scheduled_status_appears_when_its_time_comes(client: Client, clock: ManualClock) -> None:
    media = client.upload(picture()).json["id"]
    row = client.post("later", scheduled_at="2026-11-22T13:00:00Z", media_ids=[media]).json
    assert (row["scheduled_at"], row["params"]["text"]) == ("2026-11-22T13:00:00.000Z", "later")
    assert len(client.get("/api/v1/scheduled_statuses").json) == 1
    assert client.post("now", media_ids=[media]).status == 422
    clock.advance(3600)
    assert client.get("/api/v1/scheduled_statuses").json == []
    assert [(s.text, len(s.media_ids)) for s in client.sandbox.state.statuses] == [("later", 1)]


def test_twenty_five_may_be_scheduled_for_a_day(client: Client) -> None:
    for _ in range(25):
        assert client.post("later", scheduled_at="2026-11-23T12:00:00Z").status == 200
    assert "limit of 25" in client.post("later", scheduled_at="2026-11-23T13:00:00Z").error
    first = client.get("/api/v1/scheduled_statuses").json[0]["id"]
    assert client.ask("DELETE", f"/api/v1/scheduled_statuses/{first}").status == 200
    assert client.post("later", scheduled_at="2026-11-23T13:00:00Z").status == 200


def test_gotosocial_backdates_id_and_all(opened: Open) -> None:
    client = opened("gotosocial")
    now, old = client.post("now").json, client.post("old", scheduled_at=PAST).json
    assert old["created_at"] == PAST
    assert old["id"] < now["id"]
    assert len(old["id"]) == 26
    me = client.sandbox.accounts[0].id
    assert [row["text"] for row in client.get(f"/api/v1/accounts/{me}/statuses").json] == ["now", "old"]


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"status": "@visitor"}, 403, "Forbidden: statuses mentioning others can't be backfilled"),
        ({"poll[options][]": ["a", "b"]}, 403, "Forbidden: statuses with polls can't be backfilled"),
        ({"scheduled_at": "1969-12-31T23:00:00Z"}, 406, "Not Acceptable: statuses can't be backdated"),
        ({"scheduled_at": "2014-01-01"}, 400, "Bad Request: could not parse scheduled_at value 2014-01-01"),
        ({"status": "x" * 5001}, 400, "Bad Request: text with spoiler exceed max chars (5000)"),
        ({"language": "??"}, 400, "Bad Request: invalid language tag"),
    ],
)
def test_gotosocial_refuses_in_its_own_words(
    opened: Open, fields: dict[str, Any], status: int, words: str
) -> None:
    got = opened("gotosocial").form(
        "POST", "/api/v1/statuses", {"status": "x", "scheduled_at": PAST} | fields
    )
    assert (got.status, got.error[: len(words)]) == (status, words)


def test_gotosocial_is_a_teapot_to_clients_without_a_name(opened: Open) -> None:
    got = opened("gotosocial").ask("GET", "/api/v1/instance", User_Agent="")
    assert (got.status, got.error) == (418, "I'm a teapot: no user-agent sent with request")


def test_akkoma_drops_what_it_does_not_know(opened: Open) -> None:
    row = opened("akkoma").post("reply", in_reply_to_id="nope", media_ids=["nope"]).json
    assert (row["in_reply_to_id"], row["media_attachments"]) == (None, [])


def test_sharkey_says_401_for_everything(opened: Open) -> None:
    client = opened("sharkey")
    got = client.post("x" * 3001)
    assert (got.status, got.error["code"]) == (401, "TOO_LONG")
    for _ in range(300):
        client.post()
    got = client.post()
    assert (got.status, got.error["code"]) == (401, "RATE_LIMIT_EXCEEDED")


def test_hollo_makes_an_empty_public_status_of_a_form(opened: Open) -> None:
    client = opened("hollo")
    assert client.post("lost", visibility="private").json["content"] == ""
    raw = json.dumps({"status": "kept", "visibility": "private"}).encode()
    client.ask("POST", "/api/v1/statuses", raw, Content_Type="application/json")
    assert [(s.text, s.visibility) for s in client.sandbox.state.statuses] == [
        ("", "public"),
        ("kept", "private"),
    ]


def test_takahe_hides_private_statuses_from_their_author(opened: Open) -> None:
    client = opened("takahe")
    client.post("seen", visibility="unlisted")
    client.post("unseen", visibility="private")
    me = client.sandbox.accounts[0].id
    assert [row["text"] for row in client.get(f"/api/v1/accounts/{me}/statuses").json] == ["seen"]


def test_snac_hangs_up_after_each_answer_and_takes_anything(opened: Open) -> None:
    client = opened("snac")
    assert client.post("").status == 200
    assert client.post("x", in_reply_to_id="nope", media_ids=["nope"]).json["in_reply_to_id"] is None
    assert client.get("/api/v2/instance").status == 404


def test_own_statuses_page_in_every_direction(client: Client) -> None:
    ids = [
        client.post(str(number), visibility="direct" if number % 2 else "private").json["id"]
        for number in range(45)
    ]
    ids.reverse()
    base = f"/api/v1/accounts/{client.sandbox.accounts[0].id}/statuses"

    def page(query: str) -> list[str]:
        return [row["id"] for row in client.get(f"{base}?{query}").json]

    assert page("") == ids[:20]
    assert page("limit=80") == ids[:40]
    assert page(f"limit=5&max_id={ids[9]}") == ids[10:15]
    assert page(f"limit=5&since_id={ids[9]}") == ids[:5]
    assert page(f"limit=5&min_id={ids[9]}") == ids[4:9]
    assert 'rel="next"' in client.get(f"{base}?limit=5").headers["Link"]
    assert client.get(f"{base}?limit=5&max_id={ids[43]}").headers["Link"] is None
    anonymous = Client(client.sandbox, "")
    assert anonymous.get(base).json == []


def test_filters_of_the_own_list(client: Client) -> None:
    media = client.upload(picture()).json["id"]
    first = client.post("picture", media_ids=[media]).json["id"]
    client.form("POST", f"/api/v1/statuses/{first}/reblog", {})
    client.form("POST", f"/api/v1/statuses/{first}/pin", {})
    base = f"/api/v1/accounts/{client.sandbox.accounts[0].id}/statuses"
    assert len(client.get(base).json) == 2
    assert len(client.get(f"{base}?exclude_reblogs=true").json) == 1
    assert [row["id"] for row in client.get(f"{base}?only_media=1").json] == [first]
    assert [row["pinned"] for row in client.get(f"{base}?pinned=true").json] == [True]
    client.form("POST", f"/api/v1/statuses/{first}/unreblog", {})
    assert len(client.get(base).json) == 1


def test_boosts_are_counted_once_and_as_wide_as_asked(client: Client) -> None:
    first = client.post("first").json["id"]
    path = f"/api/v1/statuses/{first}"
    made = client.form("POST", f"{path}/reblog", {"visibility": "unlisted"}).json
    assert (made["visibility"], made["reblog"]["id"]) == ("unlisted", first)
    assert client.form("POST", f"{path}/reblog", {}).json["id"] == made["id"]
    shown = client.get(path).json
    assert (shown["reblogs_count"], shown["reblogged"]) == (1, True)
    assert client.form("POST", f"/api/v1/statuses/{made['id']}/reblog", {}).json["id"] == made["id"]
    client.form("POST", f"{path}/unreblog", {})
    shown = client.get(path).json
    assert (shown["reblogs_count"], shown["reblogged"]) == (0, False)
    heard = client.sandbox.hear_of("https://other.example/@a/1", "elsewhere", by="a@other.example")
    found = client.get("/api/v2/search?q=https://other.example/@a/1&resolve=true").json["statuses"]
    assert [(one["id"], one["url"]) for one in found] == [(heard, "https://other.example/@a/1")]


def test_source_several_search(client: Client) -> None:
    row = client.post("a & b").json
    assert client.get(f"/api/v1/statuses/{row['id']}/source").json["text"] == "a & b"
    assert [one["id"] for one in client.get(f"/api/v1/statuses?id[]={row['id']}&id[]=1").json] == [row["id"]]
    assert client.get("/api/v1/statuses?" + "id[]=1&" * 21).status == 422
    assert client.get(f"/api/v2/search?q={row['url']}").json["statuses"][0]["id"] == row["id"]


def test_an_edit_replaces_everything_and_takes_from_the_window(client: Client) -> None:
    media = client.upload(picture(), description="before").json["id"]
    row = client.post("one", media_ids=[media], language="fr").json
    path = f"/api/v1/statuses/{row['id']}"
    same = client.form("PUT", path, {"status": "one", "media_ids[]": media})
    assert same.json["edited_at"] is None
    described = {
        "status": "one",
        "media_ids[]": media,
        "media_attributes[][id]": media,
        "media_attributes[][description]": "after",
    }
    assert client.form("PUT", path, described).json["media_attachments"][0]["description"] == "after"
    bare = client.form("PUT", path, {"status": "two"}).json
    assert (bare["media_attachments"], bare["language"]) == ([], "fr")
    assert client.sandbox.application.world.counters[f"statuses:{client.sandbox.accounts[0].id}"].count == 3


def test_deleting_gives_the_source_back_and_orphans_the_replies(client: Client) -> None:
    media = client.upload(picture()).json["id"]
    parent = client.post("a & b", media_ids=[media]).json["id"]
    child = client.post("child", in_reply_to_id=parent).json["id"]
    gone = client.ask("DELETE", f"/api/v1/statuses/{parent}").json
    assert (gone["text"], "content" in gone) == ("a & b", False)
    assert client.get(f"/api/v1/statuses/{parent}").status == 404
    assert client.get(f"/api/v1/statuses/{child}").json["in_reply_to_id"] is None
    assert client.post("again", media_ids=[media]).status == 200


def test_others_may_not_touch_it(client: Client) -> None:
    row = client.post("mine", visibility="private").json["id"]
    other = Client(client.sandbox, client.sandbox.accounts[1].access_token)
    assert other.get(f"/api/v1/statuses/{row}").status == 404
    assert other.ask("DELETE", f"/api/v1/statuses/{row}").status == 404
    assert other.form("PUT", f"/api/v1/statuses/{row}", {"status": "theirs"}).status == 404


def test_a_quote_of_oneself_is_accepted_at_once_from_4_5_on(opened: Open) -> None:
    client = opened()
    first = client.post("first").json
    row = client.post("second", quoted_status_id=first["id"]).json
    assert row["quote"]["state"] == "accepted"
    assert row["quote"]["quoted_status"]["id"] == first["id"]
    assert row["content"].startswith('<p class="quote-inline">RE: ')
    assert "quote" not in opened(version="4.4.0").post("x").json


def test_a_film_beside_a_picture_is_refused(client: Client) -> None:
    still = client.upload(picture()).json["id"]
    moving = client.upload(film(), "video/mp4", path="/api/v1/media").json["id"]
    assert "Cannot attach a video" in client.post("both", media_ids=[still, moving]).error
    silent = client.upload(film(sound=False), "video/mp4", path="/api/v1/media").json
    assert silent["type"] == "gifv"
    assert client.post("both", media_ids=[still, silent["id"]]).status == 200


def test_tokens_and_scopes_decide(client: Client) -> None:
    assert Client(client.sandbox, "wrong").post().error == "The access token is invalid"
    reader = Client(client.sandbox, client.sandbox.new_token("read"))
    assert (reader.post().status, reader.post().error) == (
        403,
        "This action is outside the authorized scopes",
    )
    account = client.sandbox.accounts[0]
    client.form(
        "POST", "/_practice/account", {"username": account.username, "moved_to": "me@elsewhere.example"}
    )
    assert (client.post().status, client.post().error) == (403, "Your login is currently disabled")


def test_a_silenced_account_is_less_public_than_it_asked(client: Client) -> None:
    client.ask(
        "POST",
        "/_practice/account",
        b'{"username": "practice", "silenced": true}',
        Content_Type="application/json",
    )
    assert client.post("x", visibility="public").json["visibility"] == "unlisted"


def test_ids_grow_even_when_the_clock_stands_still(client: Client, clock: ManualClock) -> None:
    ids = [int(client.post().json["id"]) for _ in range(5)]
    clock.advance(-60)
    ids.append(int(client.post().json["id"]))
    assert ids == sorted(set(ids))
    assert ids[0] >> 16 == int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp() * 1000)
