from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec
import pytest

from bridge.errors import ConfigError, NetworkError
from bridge.media.fetch import Fetcher, Reply
from bridge.publishers.profiles import PROFILES, version_of
from bridge.publishers.servers import Detected, base_url_of, detect, profile
from bridge.sandbox.server import Sandbox
from bridge.statuses import Body, Counting, Idempotency, Limits

BASE = "https://a.example"


@dataclass(frozen=True)
class Site:
    """A fetcher that knows these pages: a path of BASE, or a whole URL, and what is there."""

    pages: Mapping[str, object]

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Reply:
        found = self.pages.get(url, self.pages.get(url.removeprefix(BASE)))
        if isinstance(found, str) and found.startswith("https://"):  # a redirect
            return self.get(found)
        if isinstance(found, Exception):
            raise found
        status = 404 if found is None else 200
        body = found.encode() if isinstance(found, str) else msgspec.json.encode(found)
        return Reply(status=status, url=url, headers={}, body=b"<html>" if found is None else body)

    def post(self, url: str, *, form: Mapping[str, str] | None = None) -> Reply:
        raise AssertionError("nothing is posted")


def site(
    software: str | None, version: str, instance: Mapping[str, object], path: str = "/api/v1/instance"
) -> Site:
    pages: dict[str, object] = {path: instance}
    if software is not None:
        pages["/.well-known/nodeinfo"] = {
            "links": [
                {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": f"{BASE}/nodeinfo/2.0"}
            ]
        }
        pages["/nodeinfo/2.0"] = {"version": "2.0", "software": {"name": software, "version": version}}
    return Site(pages)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("mastodon.social", "https://mastodon.social"),
        (" https://Mastodon.Social/home ", "https://mastodon.social"),
        ("@me@a.example", BASE),
        ("me@a.example", BASE),
        ("http://127.0.0.1:3000/", "http://127.0.0.1:3000"),
        ("127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("localhost", "http://localhost"),
        ("https://[::1]:8080/x", "https://[::1]:8080"),
        ("https://user:secret@a.example", BASE),
    ],
)
def test_a_server_is_named_in_many_ways(text: str, url: str) -> None:
    assert base_url_of(text) == url


@pytest.mark.parametrize(
    "text", ["", "https://", "ftp://a.example", "https://[x", "a b.example", "https://a:x"]
)
def test_what_names_no_server_is_said(text: str) -> None:
    with pytest.raises(ConfigError, match="is no server"):
        base_url_of(text)


VERSIONS = [
    ("4.5.0", Idempotency.REPLAYS),
    ("4.5.15", Idempotency.REPLAYS),
    ("4.6.0-beta.1", Idempotency.BREAKS),
    ("4.6.0", Idempotency.BREAKS),
    ("4.6.7", Idempotency.BREAKS),
    ("4.6.5+glitch", Idempotency.BREAKS),
    ("4.6.8", Idempotency.REPLAYS),
    ("4.7.0-alpha.2", Idempotency.BREAKS),
    ("4.7.1", Idempotency.BREAKS),
    ("4.7.2", Idempotency.REPLAYS),
]


@pytest.mark.parametrize(("version", "idempotency"), VERSIONS)
def test_mastodon_broke_and_mended_its_keys(version: str, idempotency: Idempotency) -> None:
    """mastodon/mastodon#40399, mended by #40439."""
    assert profile("mastodon", version).idempotency is idempotency


def test_a_past_date_goes_only_where_it_is_known_to_backdate() -> None:
    known = {name for name in PROFILES if profile(name, "99.0.0").backdates}
    assert known == {"gotosocial", "snac"}
    assert not profile("gotosocial", "0.17.4").backdates
    assert profile("gotosocial", "0.18.0+git-abc").backdates
    assert not profile("gotosocial", "").backdates
    assert not profile("snac", "2.60").backdates
    assert not profile("something", "99", {"backdates": True}).backdates


def test_an_unknown_server_gets_the_most_careful_limits() -> None:
    limits = profile("brandnew", "1.0")
    assert limits == Limits(software="brandnew", version="1.0")


def test_the_instance_corrects_what_is_known() -> None:
    limits = profile(
        "mastodon",
        "4.4.1",
        {
            "title": "A place",
            "api_versions": {"mastodon": 7},
            "configuration": {
                "statuses": {
                    "max_characters": 1000,
                    "max_media_attachments": 8,
                    "characters_reserved_per_url": 30,
                },
                "media_attachments": {
                    "description_limit": 9000,
                    "image_size_limit": 10_000_000,
                    "video_size_limit": 50_000_000,
                    "image_matrix_limit": 1000,
                    "video_matrix_limit": 2000,
                    "video_frame_rate_limit": 60,
                    "supported_mime_types": ["image/png", None],
                },
                "polls": {"max_options": 6},
            },
        },
    )
    assert (limits.title, limits.quotes, limits.max_characters, limits.max_media) == (
        "A place",
        True,
        1000,
        8,
    )
    assert (limits.url_length, limits.description_length, limits.max_polls_options) == (30, 9000, 6)
    assert (limits.image_bytes, limits.video_bytes, limits.image_pixels) == (9_999_999, 49_999_999, 1000)
    assert limits.mime_types == ("image/png",)
    assert (limits.video_pixels, limits.video_rate, limits.video_frames) == (2000, 60, 36_000)


@pytest.mark.parametrize("rubbish", [None, [], "x", -1, 0, True, {"a": 1}, 1.5, "12x"])
def test_rubbish_corrects_nothing(rubbish: object) -> None:
    document = {
        "configuration": {
            "statuses": {"max_characters": rubbish, "max_media_attachments": rubbish},
            "media_attachments": {"description_limit": rubbish, "supported_mime_types": rubbish},
            "polls": rubbish,
        },
        "api_versions": rubbish,
        "title": rubbish if not isinstance(rubbish, str | bool | int) else None,
    }
    assert profile("mastodon", "4.5.0", document) == profile("mastodon", "4.5.0")
    assert profile("mastodon", "4.5.0", rubbish) == profile("mastodon", "4.5.0")


@pytest.mark.parametrize("software", ["gotosocial", "takahe", "hollo", "snac", "akkoma"])
def test_the_announced_length_of_links_is_believed_of_mastodon_only(software: str) -> None:
    document = {"configuration": {"statuses": {"characters_reserved_per_url": 25, "max_characters": 5000}}}
    limits = profile(software, "99.0", document)
    assert limits.counting is not Counting.MASTODON
    assert limits.url_length == Limits().url_length


def test_old_instance_documents_of_pleroma_are_read() -> None:
    document = {
        "max_toot_chars": 7000,
        "upload_limit": 5_000_000,
        "description_limit": 99,
        "poll_limits": {"max_options": 9},
    }
    limits = profile("akkoma", "3.16.0", document)
    assert (limits.max_characters, limits.image_bytes, limits.video_bytes) == (7000, 5_000_000, 5_000_000)
    assert (limits.description_length, limits.max_polls_options) == (99, 9)


def test_takahe_takes_no_films_whatever_it_announces() -> None:
    document = {
        "configuration": {
            "media_attachments": {"video_size_limit": 10, "supported_mime_types": ["video/mp4"]}
        }
    }
    limits = profile("takahe", "0.11.0", document)
    assert limits.video_bytes == 0
    assert "video/mp4" not in limits.mime_types


def test_special_manners() -> None:
    assert profile("hollo", "0.10.0").body is Body.JSON
    assert profile("mastodon", "4.5.0+glitch").software == "glitch-soc"
    assert (
        profile("mastodon", "4.5.0", {"api_versions": {"mastodon": 7, "glitch": 1}}).content_type
        == "text/plain"
    )
    assert profile("mastodon", "4.5.0").content_type is None
    assert profile("gotosocial", "0.20.0").content_type == "text/plain"
    assert not profile("takahe", "0.11").shows_private
    assert not profile("snac", "2.96").keeps_alive
    assert profile("pixelfed", "0.12").needs_media


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("4.6.5", (4, 6, 5)),
        ("0.20.0+git-57cb4fe", (0, 20, 0)),
        ("takahe/0.11", (0, 11, 0)),
        ("2.94", (2, 94, 0)),
        ("x", (0, 0, 0)),
    ],
)
def test_versions_are_read(text: str, version: tuple[int, int, int]) -> None:
    assert version_of(text) == version


# --- detection

SAID = [
    ("4.2.1 (compatible; Iceshrimp.NET/2025.1)", "iceshrimp.net", "2025.1"),
    ("3.0.0 (compatible; Sharkey 2024.9.1)", "sharkey", "2024.9.1"),
    ("3.5.3 (compatible; Pixelfed 0.12.6)", "pixelfed", "0.12.6"),
    ("2.7.2 (compatible; Akkoma 3.16.0-0-g071bb07a)", "akkoma", "3.16.0-0-g071bb07a"),
    ("4.0.0 (not true; really snac/2.94)", "snac", "2.94"),
    ("takahe/0.11.0", "takahe", "0.11.0"),
    ("4.0.0", "unknown", "4.0.0"),
]


@pytest.mark.parametrize(("said", "software", "version"), SAID)
def test_without_node_info_the_version_tells(said: str, software: str, version: str) -> None:
    found = detect(BASE, site(None, "", {"version": said, "uri": "a.example"}))
    assert (found.limits.software, found.limits.version) == (software, version)


def test_mastodon_without_node_info_is_known_by_its_api_versions() -> None:
    instance = {"version": "4.5.1", "domain": "a.example", "api_versions": {"mastodon": 7}}
    assert detect(BASE, site(None, "", instance, "/api/v2/instance")).limits.software == "mastodon"


def test_an_unknown_server_is_said_aloud() -> None:
    found = detect(BASE, site("brandnew", "1", {"version": "1"}))
    assert [warn.code for warn in found.notices] == ["SERVER_UNKNOWN"]
    assert found.limits.max_characters == 500


def test_a_moved_server_is_followed_once_and_said() -> None:
    pages = {
        "/.well-known/nodeinfo": "https://social.a.example/.well-known/nodeinfo",
        "https://social.a.example/.well-known/nodeinfo": {"links": [{"href": "https://social.a.example/n"}]},
        "https://social.a.example/n": {"software": {"name": "gotosocial", "version": "0.20.0"}},
        "https://social.a.example/api/v2/instance": {
            "version": "0.20.0",
            "account_domain": "a.example",
            "domain": "a.example",
        },
    }
    found = detect("a.example", Site(pages))
    assert (found.base_url, found.domain) == ("https://social.a.example", "a.example")
    assert [warn.code for warn in found.notices] == ["SERVER_ELSEWHERE"]


def test_a_silent_instance_has_the_usual_limits() -> None:
    pages = dict(site("mastodon", "4.5.0", {}).pages)
    found = detect(BASE, Site(pages))
    assert found.limits.software == "mastodon"
    assert [warn.code for warn in found.notices] == ["SERVER_SILENT"]


@pytest.mark.parametrize("software", ["lemmy", "misskey"])
def test_other_software_of_the_fediverse_has_its_sentence(software: str) -> None:
    with pytest.raises(ConfigError, match=f"a.example runs {software}, which has no Mastodon API"):
        detect(BASE, site(software, "1", {}, "/nowhere"))


@pytest.mark.parametrize(
    "pages",
    [{}, {"/api/v1/instance": "<html>"}, {"/api/v1/instance": []}, {"/.well-known/nodeinfo": {"links": 3}}],
)
def test_a_web_site_is_no_server(pages: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="has no Mastodon API"):
        detect(BASE, Site(pages))


def test_a_dead_server_is_a_matter_of_the_network() -> None:
    with pytest.raises(NetworkError):
        detect(BASE, Site({"/.well-known/nodeinfo": NetworkError("no")}))


def test_house_rules_come_along() -> None:
    instance = {"version": "4.5.0", "domain": "a.example", "rules": [{"id": "1", "text": "Be kind."}]}
    assert detect(BASE, site("mastodon", "4.5.0", instance, "/api/v2/instance")).rules == ("Be kind.",)
    pages = dict(site("mastodon", "4.5.0", {"version": "4.5.0"}).pages) | {
        "/api/v1/instance/rules": [{"text": "Be short."}]
    }
    assert detect(BASE, Site(pages)).rules == ("Be short.",)


EXPECTED = {
    "mastodon": ("mastodon", 500, Idempotency.REPLAYS, False),
    "glitch": ("glitch-soc", 500, Idempotency.REPLAYS, False),
    "gotosocial": ("gotosocial", 5000, Idempotency.IGNORED, True),
    "akkoma": ("akkoma", 5000, Idempotency.BURNS, False),
    "pixelfed": ("pixelfed", 500, Idempotency.BURNS, False),
    "sharkey": ("sharkey", 3000, Idempotency.IGNORED, False),
    "iceshrimp": ("iceshrimp.net", 8192, Idempotency.BURNS, False),
    "takahe": ("takahe", 500, Idempotency.IGNORED, False),
    "hollo": ("hollo", 10_000, Idempotency.REPLAYS, False),
    "snac": ("snac", 100_000, Idempotency.IGNORED, True),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_practice_server_is_recognised(name: str) -> None:
    with Sandbox(profile=name) as sandbox, Fetcher(allow_hosts=["127.0.0.1"]) as fetcher:
        found: Detected = detect(sandbox.base_url, fetcher)
    limits = found.limits
    assert (limits.software, limits.max_characters, limits.idempotency, limits.backdates) == EXPECTED[name]
    assert found.base_url == sandbox.base_url
    assert found.domain == urlsplit(sandbox.base_url).netloc
    assert found.notices == ()
