"""Uploads (fediverse-rules §4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.sandbox.clock import ManualClock
from bridge.sandbox.rules import softwares
from bridge.sandbox.rules.media import swept_at
from bridge.sandbox.server import Fault, FaultKind

from .conftest import Client, Open, film, picture


def test_a_picture_is_ready_at_once_and_keeps_its_size_and_words(client: Client) -> None:
    got = client.upload(picture(60, 40), description="Une écluse", focus="0.5,-0.25")
    assert got.status == 200
    assert got.json["meta"]["original"] == {"width": 60, "height": 40, "size": "60x40", "aspect": 1.5}
    assert got.json["meta"]["focus"] == {"x": 0.5, "y": -0.25}
    assert got.json["description"] == "Une écluse"
    served = client.get(got.json["url"].removeprefix(client.sandbox.base_url))
    assert (served.body, served.headers["X-Content-Type-Options"]) == (picture(60, 40), "nosniff")


def test_a_film_takes_its_time(client: Client) -> None:
    got = client.upload(film(), "video/mp4")
    assert (got.status, got.json["url"], got.json["type"]) == (202, None, "video")
    path = f"/api/v1/media/{got.json['id']}"
    assert "not finished processing" in client.post("early", media_ids=[got.json["id"]]).error
    assert [client.get(path).status for _ in range(4)] == [206, 206, 200, 200]
    assert client.get(path).json["meta"]["original"]["duration"] == 2.5
    assert client.post("now", media_ids=[got.json["id"]]).status == 200


def test_v1_waits_for_the_film(client: Client) -> None:
    assert client.upload(film(), "video/mp4", path="/api/v1/media").json["url"]


def test_a_medium_is_attached_once(client: Client) -> None:
    media = client.upload(picture()).json["id"]
    assert client.post("one", media_ids=[media]).status == 200
    refused = client.post("two", media_ids=[media])
    assert refused.error == f"Media {media} not found or already attached to another post"
    assert client.get(f"/api/v1/media/{media}").status == 404
    assert client.form("PUT", f"/api/v1/media/{media}", {"description": "late"}).status == 404
    assert (
        client.ask("DELETE", f"/api/v1/media/{media}").error
        == "Media attachment is currently used by a status"
    )


def test_others_media_are_not_ours(client: Client) -> None:
    media = Client(client.sandbox, client.sandbox.accounts[1].access_token).upload(picture()).json["id"]
    assert client.post("theirs", media_ids=[media]).status == 422
    assert client.get(f"/api/v1/media/{media}").status == 404


@pytest.mark.parametrize(
    ("content", "mime", "words"),
    [
        (b"", "image/png", "Validation failed: File can't be blank"),
        (b"rubbish", "image/png", "Validation failed: File content type is invalid, File is invalid"),
        (picture(), "video/mp4",
         "Validation failed: File has contents that are not what they are reported to be"),
        (picture(1281, 721, "GIF"), "image/gif", "1281x721 GIF files are not supported"),
        (picture() + bytes(16 << 20), "image/png", "Validation failed: File must be less than 16 MB, "
         "File file size must be less than 16 MB"),
    ],
)  # fmt: skip
def test_refusals_of_files(client: Client, content: bytes, mime: str, words: str) -> None:
    got = client.upload(content, mime)
    assert (got.status, got.error) == (422, words)


@pytest.mark.parametrize(("version", "limit"), [("4.5.0", 1500), ("4.6.8", 10_000)])
def test_descriptions_have_a_length(opened: Open, version: str, limit: int) -> None:
    client = opened(version=version)
    assert client.upload(picture(), description="é" * limit).status == 200
    assert f"maximum is {limit} characters" in client.upload(picture(), description="é" * (limit + 1)).error


def test_an_upload_may_be_described_and_deleted(client: Client) -> None:
    media = client.upload(picture()).json["id"]
    path = f"/api/v1/media/{media}"
    assert client.form("PUT", path, {"description": "lock"}).json["description"] == "lock"
    assert client.ask("DELETE", path).status == 200
    assert client.get(path).status == 404


def test_what_is_never_attached_is_swept_away(client: Client, clock: ManualClock) -> None:
    kept, lost = client.upload(picture()).json["id"], client.upload(picture()).json["id"]
    client.post("keeps it", media_ids=[kept])
    clock.advance(24 * 3600)
    assert client.get(f"/api/v1/media/{lost}").status == 200
    clock.advance(24 * 3600)
    assert client.get(f"/api/v1/media/{lost}").status == 404
    assert client.post("late", media_ids=[lost]).status == 422
    assert client.get(f"/api/v1/statuses/{client.sandbox.state.statuses[0].id}").json["media_attachments"]


@pytest.mark.parametrize(
    ("profile", "uploaded", "least", "most"),
    [
        ("mastodon", (12, 0), 24, 48),
        ("mastodon", (4, 30), 22.5 + 24 - 24, 48),
        ("gotosocial", (23, 59), 0.01, 0.02),
        ("pixelfed", (12, 0), 2, 3),
    ],
)
def test_when_it_is_swept(profile: str, uploaded: tuple[int, int], least: float, most: float) -> None:
    at = datetime(2026, 11, 22, *uploaded, tzinfo=UTC)
    swept = swept_at(softwares.find(profile), at)
    assert swept is not None
    assert timedelta(hours=least) <= swept - at <= timedelta(hours=most)


def test_akkoma_says_accepted_though_the_file_is_ready(opened: Open) -> None:
    got = opened("akkoma").upload(picture())
    assert (got.status, bool(got.json["url"])) == (202, True)


def test_pixelfed_wants_a_picture(opened: Open) -> None:
    assert opened("pixelfed").post("words only").status == 400


def test_a_failed_film_says_so(client: Client) -> None:
    client.sandbox.faults.add(Fault(kind=FaultKind.MEDIA_FAILED, on="POST /api/v2/media"))
    media = client.upload(film(), "video/mp4").json["id"]
    answers = [client.get(f"/api/v1/media/{media}") for _ in range(3)]
    assert [got.status for got in answers] == [206, 206, 422]
    assert answers[-1].error == "Error processing thumbnail for uploaded media"


def test_films_are_served_in_ranges(client: Client) -> None:
    media = client.upload(film(), "video/mp4").json["id"]
    part = client.get(f"/media/{media}", Range="bytes=4-7")
    assert (part.status, part.body) == (206, b"ftyp")
    assert client.get(f"/media/{media}", Range="bytes=99999-").status == 416
    assert client.get("/media/../../etc/passwd").status == 404
