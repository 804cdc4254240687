"""Where links lead: short ones to the first address that is none, dead ones only when it is sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bridge.engine.leading import Led, is_short, lead
from bridge.engine.links import ARCHIVE, Checking, links_of
from bridge.engine.manners import RestingError
from bridge.errors import NetworkError
from bridge.ledger import Ledger
from bridge.ledger.links import LinkState
from bridge.media.fetch import Fetcher, NoAddressError, PassingError
from bridge.posts import Audience, Kind, Post, Span, SpanKind
from tests.changes import replace
from tests.conftest import Clock
from tests.ledger.builders import post
from tests.publishers.wires import answer, wire

SHORT, SITE = "https://t.co/abc", "http://museum.example/hall"
THEN = datetime(2015, 1, 7, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Said:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def to(target: str, status: int = 301) -> Said:
    return Said(status=status, headers={"location": target})


class Net:
    """Implements `Hop`. What is an exception is raised; `(HEAD, GET)` where they are answered otherwise."""

    def __init__(self, pages: Mapping[str, Said | NetworkError | tuple[Said, Said]]) -> None:
        self.pages = dict(pages)
        self.asked: list[tuple[str, str]] = []

    def __call__(self, url: str, *, method: str = "HEAD") -> Said:
        self.asked.append((method, url))
        found = self.pages[url]
        if isinstance(found, NetworkError):
            raise found
        return found[method == "GET"] if isinstance(found, tuple) else found


# --- one link

LEADS = [
    pytest.param({SHORT: to(SITE), SITE: Said()}, LinkState.FOUND, SITE, id="short"),
    pytest.param(
        {SHORT: to("https://bit.ly/x"), "https://bit.ly/x": to(SITE, 302), SITE: Said()},
        LinkState.FOUND, SITE, id="short of a short",
    ),
    pytest.param(
        {SHORT: to(SITE), SITE: to("https://www.museum.example/login"),
         "https://www.museum.example/login": Said(403)},
        LinkState.FOUND, SITE, id="the site's own redirect is its business",
    ),
    pytest.param(
        {SHORT: Said(body=b'<noscript><META http-equiv="refresh" content="0;URL=http://museum.example/hall">'),
         SITE: Said()},
        LinkState.FOUND, SITE, id="a page for browsers",
    ),
    pytest.param({SHORT: to(SITE), SITE: Said(404)}, LinkState.GONE, SITE, id="leads to what is gone"),
    pytest.param({SHORT: Said(404)}, LinkState.GONE, None, id="the short link itself is gone"),
    pytest.param({SITE: (Said(404), Said(200))}, LinkState.FOUND, None, id="only the question was refused"),
    pytest.param({SITE: Said(401)}, LinkState.FOUND, None, id="only for some"),
    pytest.param({SITE: Said(500)}, LinkState.FOUND, None, id="broken today"),
    pytest.param({SITE: PassingError("slow")}, LinkState.FAILED, None, id="no answer"),
    pytest.param({SITE: NetworkError("10.0.0.1, which is no public address")}, LinkState.FAILED, None,
                 id="leads inside"),
    pytest.param({SHORT: to(SHORT)}, LinkState.FAILED, None, id="in circles"),
    pytest.param({SHORT: to("javascript:alert(1)")}, LinkState.FAILED, None, id="to no web address"),
]  # fmt: skip


@pytest.mark.parametrize(("pages", "state", "final"), LEADS)
def test_where_a_link_leads(pages: dict[str, Said], state: LinkState, final: str | None) -> None:
    assert lead(next(iter(pages)), Net(pages)) == Led(state=state, final=final)


def test_a_name_that_nobody_knows_is_told_apart_and_a_tired_server_tells_nothing() -> None:
    assert lead(SITE, Net({SITE: NoAddressError("no")})) == Led(state=LinkState.GONE, unnamed=True)
    with pytest.raises(RestingError):
        lead(SITE, Net({SITE: Said(503)}))


def test_which_hosts_are_short() -> None:
    assert [is_short(u) for u in ("http://T.CO/a", "https://www.bit.ly/a", "https://t.co.example/", "x")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_over_sockets_only_public_addresses_are_asked() -> None:
    with wire(answer(b"x" * 1_000_000)) as site, wire(answer(b"", status=301)) as short:
        short.script = answer(b"", status=301, headers={"Location": site.url + "/hall"})
        host = short.url.replace("127.0.0.1", "localhost")
        with Fetcher(allow_hosts=["127.0.0.1", "localhost"]) as fetcher:
            found = lead(host + "/abc", fetcher.hop, short=lambda url: "localhost" in url)
            assert found == Led(state=LinkState.FOUND, final=site.url + "/hall")
            whole = fetcher.hop(site.url + "/hall", method="GET", enough=1000)
            assert 1000 <= len(whole.body) < 1_000_000
        asked = len(site.requests)
        with Fetcher(allow_hosts=["localhost"]) as fetcher:
            found = lead(host + "/abc", fetcher.hop, short=lambda url: "localhost" in url)
            assert found == Led(state=LinkState.FAILED, final=site.url + "/hall")
        assert len(site.requests) == asked


# --- those of all posts


def linking(*urls: str, **changes: object) -> Post:
    text = " ".join(urls)
    spans, at = [], 0
    for url in urls:
        spans.append(Span(start=at, end=at + len(url), kind=SpanKind.LINK, target=url))
        at += len(url) + 1
    return replace(post("1", text, spans=tuple(spans), created_at=THEN), **changes)


def test_which_links_are_asked_for() -> None:
    kinds = {Kind.ORIGINAL}
    later = linking(SHORT, created_at=THEN + timedelta(days=1))
    assert links_of([later, linking(SHORT, SITE)], kinds, every=False) == {SHORT: THEN}
    assert links_of([linking(SHORT, SITE)], kinds, every=True) == {SHORT: THEN, SITE: THEN}
    for other in (linking(SHORT, kind=Kind.REPLY), linking(SHORT, audience=Audience.CIRCLE)):
        assert links_of([other], kinds, every=True) == {}


class Check:
    """A run of `links check` after the other, with a net and a clock."""

    def __init__(self, ledger: Ledger, clock: Clock, net: Net, copies: Net | None = None) -> None:
        self.ledger, self.clock, self.net, self.copies = ledger, clock, net, copies

    def __call__(self, *urls: str, stop: bool = False) -> tuple[int, int, int, int, int]:
        self.net.asked.clear()
        checking = Checking(
            hop=self.net, now=self.clock.now, sleep=lambda _: None, get=self.copies, stop=lambda: stop
        )
        found = checking.run(self.ledger, dict.fromkeys(urls, THEN))
        return found.checked, found.resolved, found.dead, found.waiting, found.failed


def test_what_a_short_link_says_is_asked_once(ledger: Ledger, clock: Clock) -> None:
    check = Check(ledger, clock, Net({SHORT: to(SITE), SITE: Said()}))
    assert check(SHORT) == (1, 1, 0, 0, 0)
    clock.advance(days=400)
    assert check(SHORT) == (0, 1, 0, 0, 0)
    assert check.net.asked == []
    assert ledger.links.map().final == {SHORT: SITE}


def test_a_link_is_dead_when_it_is_gone_for_a_day(ledger: Ledger, clock: Clock) -> None:
    check = Check(ledger, clock, Net({SITE: Said(404)}))
    assert check(SITE) == (1, 0, 0, 1, 0)
    clock.advance(hours=23)
    assert check(SITE) == (0, 0, 0, 1, 0)
    clock.advance(hours=2)
    assert check(SITE) == (1, 0, 1, 0, 0)
    assert ledger.links.map().dead == {SITE}
    check.net.pages[SITE] = Said()
    clock.advance(days=8)
    assert check(SITE) == (1, 0, 0, 0, 0)
    assert ledger.links.map().dead == set()
    check.net.pages[SITE] = PassingError("slow")
    clock.advance(days=31)
    assert check(SITE) == (1, 0, 0, 0, 1)


def test_a_machine_that_is_not_online_calls_nothing_gone(ledger: Ledger, clock: Clock) -> None:
    other = "http://other.example/"
    check = Check(ledger, clock, Net({SITE: NoAddressError("no"), other: NoAddressError("no")}))
    check(SITE, other)
    assert ledger.links.known([SITE, other]) == {}
    check.net.pages[other] = Said()
    check(SITE, other)
    assert {row.state for row in ledger.links.known([SITE, other]).values()} == {"found", "gone"}


def test_a_server_that_wants_rest_gets_it(ledger: Ledger, clock: Clock) -> None:
    urls = [f"https://t.co/{n}" for n in range(40)]
    check = Check(ledger, clock, Net(dict.fromkeys(urls, Said(429))))
    assert check(*urls)[0] == 0
    assert len(check.net.asked) <= 8
    assert ledger.links.known(urls) == {}


def test_a_stop_keeps_what_is_known(ledger: Ledger, clock: Clock) -> None:
    check = Check(ledger, clock, Net({SHORT: to(SITE), SITE: Said()}))
    assert check(SHORT, stop=True)[0] == 0
    assert check(SHORT)[0] == 1


COPY = (
    b'{"url": "x", "archived_snapshots": {"closest": {"status": "200", "available": true,'
    b' "url": "http://web.archive.org/web/20150108000000/http://museum.example/hall", "timestamp": "1"}}}'
)
ASKED = f"{ARCHIVE}?url=http%3A%2F%2Fmuseum.example%2Fhall&timestamp=20150107100000"


@pytest.mark.parametrize(
    ("said", "copy"),
    [
        (Said(body=COPY), "https://web.archive.org/web/20150108000000/http://museum.example/hall"),
        (Said(body=b'{"archived_snapshots": {}}'), None),
        (Said(body=COPY.replace(b"web.archive.org", b"evil.example")), None),
        (Said(503), None),
        (Said(body=b"<html>"), None),
    ],
)
def test_a_copy_of_what_is_dead_is_the_closest_to_the_post(
    ledger: Ledger, clock: Clock, said: Said, copy: str | None
) -> None:
    archive = Net({ASKED: said})
    check = Check(ledger, clock, Net({SHORT: to(SITE), SITE: Said(410)}), archive)
    check(SHORT)
    assert archive.asked == []  # not dead yet
    clock.advance(days=1)
    check(SHORT)
    assert ledger.links.map().copies == ({SHORT: copy} if copy else {})
