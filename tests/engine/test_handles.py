"""People: found where they tell their address themselves, and believed only when their server confirms it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bridge.engine.finding import Candidate, addresses, in_bios, in_list, in_posts, numbers_in
from bridge.engine.handles import Answer, confirm, unique
from bridge.errors import NetworkError
from bridge.media.fetch import NoAddressError
from bridge.posts import Author, Post, Span, SpanKind
from tests.ledger.builders import post

# --- finding


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("now @Jane@Example.social!", ["jane@example.social"]),
        ("write jane.d@sub.example.social, or not", ["jane.d@sub.example.social"]),
        ("https://example.social/@jane/109", ["jane@example.social"]),
        ("www.example.social/web/@jane or https://example.social/users/bob", [
            "jane@example.social", "bob@example.social"]),
        ("＠jane＠example.social", ["jane@example.social"]),
        ("(@a@b.example) @a@b.example", ["a@b.example"]),
        ("me@gmail.com https://youtube.com/@jane https://x.com/@jane medium.com/@jane", []),
        ("@jane @bob a@b x@1.2.3.4 @@ @jane@ http://example.social/jane", []),
    ],
)  # fmt: skip
def test_addresses_as_people_write_them(text: str, found: list[str]) -> None:
    assert addresses(text) == found


def saying(text: str, **names: str) -> Post:
    """Mentions of those names, with their numbers."""
    spans = tuple(
        Span(start=text.index(f"@{name}"), end=text.index(f"@{name}") + len(name) + 1, kind=SpanKind.MENTION,
             target=name, user_id=number)
        for name, number in names.items()
    )  # fmt: skip
    return post("7", text, spans=spans, author=Author(id="1", handle="Museum"))


def test_a_post_counts_where_name_and_address_are_alike() -> None:
    found = list(in_posts([saying("@Jane is jane@example.social, @bob is not", Jane="12", bob="13")]))
    assert found == [
        Candidate(fediverse="jane@example.social", twitter="Jane", twitter_id="12", source="post 7")
    ]
    [own] = in_posts([saying("We are @museum@example.social")])
    assert (own.twitter, own.twitter_id) == ("Museum", "1")
    assert list(in_posts([saying("Thanks @bob, read alice@example.social", bob="13")])) == []
    # Twitter saw a namesake of its own in the address
    assert list(in_posts([saying("Ask @jane@example.social", jane="99")])) == []


V1 = {"user": {"id_str": "12", "screen_name": "jane", "description": "on @jane@example.social", "url": None}}
V2 = {
    "includes": {
        "users": [
            {"id": "12", "username": "jane", "name": "Jane", "description": "t.co/x", "entities": {
                "url": {"urls": [{"url": "https://t.co/x", "expanded_url": "https://example.social/@jane"}]}}}
        ]
    }
}  # fmt: skip
GRAPHQL = {"rest_id": "12", "legacy": {"screen_name": "jane", "description": "jane@example.social"}}


@pytest.mark.parametrize("entry", [V1, V2, GRAPHQL, [V1]])
def test_bios_of_every_export(entry: Any) -> None:
    assert list(in_bios(entry, "bio")) == [
        Candidate(fediverse="jane@example.social", twitter="jane", twitter_id="12", source="bio")
    ]


@pytest.mark.parametrize(
    ("row", "number"),
    [
        ({"username": "jane", "handles": "[{\"handle\":\"@jane@example.social\"}]", "id": "12"}, "12"),
        ({"Twitter Handle": "@jane", "Mastodon": "https://example.social/@jane", "id": "row 1"}, ""),
        ({"screen_name": "jane", "description": "I am jane@example.social"}, ""),
    ],
)  # fmt: skip
def test_lists_of_finders(row: dict[str, str], number: str) -> None:
    assert list(in_list(row, "list") or ()) == [
        Candidate(fediverse="jane@example.social", twitter="jane", twitter_id=number, source="list")
    ]


def test_a_list_without_the_names_on_twitter_says_nothing() -> None:
    assert in_list({"Account address": "jane@example.social", "Show boosts": "true"}, "list") is None
    assert list(in_list({"username": "not a name", "x": "a@b.example"}, "list") or ()) == []


def test_people_are_known_by_number_where_a_name_has_one_owner() -> None:
    posts = [saying("@jane @bob", jane="12", bob="13"), saying("@bob", bob="14")]
    assert numbers_in(posts) == {"jane": "12"}
    twice = [
        Candidate(fediverse="jane@example.social", twitter=name, source="x") for name in ("Jane", "jane")
    ]
    [one] = unique(twice, numbers_in(posts))
    assert one.twitter_id == "12"


# --- confirming


@dataclass(frozen=True)
class Said:
    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)


def known_as(subject: str, kind: str = "application/activity+json") -> Said:
    links = [{"rel": "self", "type": kind, "href": "https://example.social/users/jane"}]
    return Said(body=json.dumps({"subject": subject, "links": links}).encode())


class Servers:
    """Answers for addresses; whoever is not there is not known."""

    def __init__(self, **answers: Said | NetworkError) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, url: str, *, headers: Mapping[str, str]) -> Said:
        parts = urlsplit(url)
        resource = parse_qs(parts.query)["resource"][0]
        assert parts.path == "/.well-known/webfinger"
        assert resource.rpartition("@")[2] == parts.netloc
        self.asked.append(resource)
        found = self.answers.get(
            resource.removeprefix("acct:").replace("@", "_").replace(".", "_"), Said(404)
        )
        if isinstance(found, NetworkError):
            raise found
        return found


def candidate(address: str = "jane@a.example", name: str = "jane") -> Candidate:
    return Candidate(fediverse=address, twitter=name, source="bio")


def confirmed(servers: Servers, *candidates: Candidate) -> list[tuple[Answer, str]]:
    found = confirm(candidates or (candidate(),), servers, sleep=lambda _: None)
    return [(each.answer, each.candidate.fediverse) for each in found]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (known_as("acct:jane@a.example"), Answer.CONFIRMED),
        (known_as("acct:Jane@A.example"), Answer.CONFIRMED),
        (known_as("acct:jane@a.example", "text/html"), Answer.REFUSED),
        (Said(404), Answer.REFUSED),
        (Said(body=b"<html>"), Answer.REFUSED),
        (Said(body=b'{"links": [1], "subject": 2}'), Answer.REFUSED),
        (Said(500), Answer.UNANSWERED),
        (Said(429), Answer.UNANSWERED),
        (NetworkError("slow"), Answer.UNANSWERED),
        (NoAddressError("nobody"), Answer.REFUSED),
    ],
)
def test_only_what_the_server_confirms_is_believed(said: Said | NetworkError, answer: Answer) -> None:
    assert confirmed(Servers(jane_a_example=said)) == [(answer, "jane@a.example")]


def test_a_server_speaks_for_itself_only() -> None:
    elsewhere = known_as("acct:jane@b.example")
    proper = known_as("acct:jane@b.example")
    assert confirmed(Servers(jane_a_example=elsewhere, jane_b_example=proper)) == [
        (Answer.CONFIRMED, "jane@b.example")
    ]
    assert confirmed(Servers(jane_a_example=elsewhere)) == [(Answer.REFUSED, "jane@a.example")]
    other = known_as("acct:victim@b.example")
    assert confirmed(Servers(jane_a_example=elsewhere, jane_b_example=other)) == [
        (Answer.REFUSED, "jane@a.example")
    ]


def test_two_addresses_of_one_person_are_for_somebody_to_choose() -> None:
    servers = Servers(
        jane_a_example=known_as("acct:jane@a.example"), jane_b_example=known_as("acct:jane@b.example")
    )
    both = [candidate(), candidate("jane@b.example"), candidate(name="bob")]
    assert [answer for answer, _ in confirmed(servers, *both)] == ["ambiguous", "ambiguous", "confirmed"]
    assert len(servers.asked) == 2
