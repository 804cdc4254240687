"""What a page of X's API costs: from the bytes of its answer to the plan in the ledger."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from benchmarks.measure import Failed
from benchmarks.steps import Figure
from bridge.engine.beginning import Beginning, begin
from bridge.engine.live import Mirror, plan_live
from bridge.engine.propose import Wish
from bridge.engine.purse import MonthlyPurse
from bridge.engine.tend import read
from bridge.engine.turn import LedgerTurn
from bridge.ledger import Ledger, open_ledger
from bridge.ledger.owner import this_process
from bridge.posts import Author
from bridge.sources.twitter_api.asking import Api
from bridge.sources.twitter_api.money import Prices
from bridge.sources.twitter_api.timeline import Timeline

_PAGE, _PAGES = 100, 8
_OWNER = Author(id="12", handle="museum", name="A museum")
_ACCOUNT, _DESTINATION = "twitter:12", "@museum@nowhere.example"
_FIRST = 2_028_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class _Reply:
    body: bytes
    status: int = 200
    url: str = "https://api.x.com/2/users/12/tweets"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Answers:
    """An API that answers at once, each time with the page that follows."""

    pages: list[bytes]

    def get(self, _url: str, **_: object) -> _Reply:
        return _Reply(self.pages.pop(0))


class _Key:
    def token(self) -> str:
        return "token"

    def renew(self) -> bool:
        return False


def x_page() -> Figure:
    """The median of pages of a hundred posts, into a ledger on disk."""
    now = datetime.now(UTC)
    began = Beginning(since=now - timedelta(days=10_000), at=now)
    mirror = Mirror(source=_ACCOUNT, destination=_DESTINATION, begun=began, fresh=timedelta(days=1))
    took, worked = [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        open_ledger(f"sqlite:///{folder}/ledger.db") as ledger,
    ):
        ledger.queue.open_destination(_DESTINATION, now=now)
        begin(ledger, _ACCOUNT, _DESTINATION, began)
        timeline = _timeline(ledger, now)
        for _ in range(_PAGES):
            start, cpu = time.perf_counter(), time.process_time()
            news = read(ledger, timeline, now=now)
            added = plan_live(ledger, mirror, Wish(), news.ids, now=now).added
            took.append(time.perf_counter() - start)
            worked.append(time.process_time() - cpu)
            if added != _PAGE:
                raise Failed(f"{added} of {_PAGE} posts were planned")
    seconds = statistics.median(took[1:])  # the first compiles what the others use
    return Figure(
        what=f"a page of {_PAGE} posts of X's API, from its bytes to the plan in the ledger",
        measured=f"{seconds * 1000:.0f} ms",
        against=f"{statistics.median(worked[1:]) * 1000:.0f} ms of CPU; the first {took[0] * 1000:.0f} ms",
        goal="at most 50 ms",
        met=seconds <= 0.05,
    )


def _timeline(ledger: Ledger, now: datetime) -> Timeline:
    def clock() -> datetime:
        return now

    web = _Answers([page for number in range(_PAGES) for page in _pages(number)])
    purse = MonthlyPurse(ledger.spending, limit=10**12, payer=_ACCOUNT, now=clock)
    prices = Prices(own_post=1000, post=5000, user=10_000)
    api = Api("https://api.x.com", web, key=_Key(), purse=purse, prices=prices, now=clock)
    turn = LedgerTurn(ledger, _ACCOUNT, Timeline.stream, owner=this_process(), now=clock)
    return Timeline(_OWNER, api, now=clock, turn=turn)


def _pages(number: int) -> list[bytes]:
    """The first question is one for a few posts, by which the dialect is told."""
    tweets = [_tweet(number * _PAGE + n) for n in reversed(range(_PAGE))]
    if number:
        return [_document(tweets, more=False)]
    return [_document(tweets[:5], more=True), _document(tweets[5:], more=False)]


def _document(tweets: list[dict[str, Any]], *, more: bool) -> bytes:
    media = [
        {"media_key": f"3_{each['id']}", "type": "photo", "width": 1200, "height": 800,
         "url": f"https://pbs.twimg.com/media/{each['id']}.jpg", "alt_text": "A hall with a long table"}
        for each in tweets
        if "attachments" in each
    ]  # fmt: skip
    meta = {"result_count": len(tweets), "newest_id": tweets[0]["id"], "oldest_id": tweets[-1]["id"]}
    if more:
        meta["next_token"] = "7140dibdnow9c7btw482nsfd"
    return msgspec.json.encode({"data": tweets, "includes": {"media": media}, "meta": meta})


def _tweet(number: int) -> dict[str, Any]:
    """A third answer the one before; half have a link, a tag and a mention, a third a picture."""
    own = _FIRST + number
    text = f"What the museum has to say today, for the {number}th time, in a sentence of the usual length"
    tweet: dict[str, Any] = {
        "id": str(own), "author_id": _OWNER.id, "lang": "en", "created_at": "2026-03-01T09:00:00.000Z",
        "edit_history_tweet_ids": [str(own)], "possibly_sensitive": False,
        "public_metrics": {"like_count": 3, "retweet_count": 1, "reply_count": 0, "quote_count": 0},
    }  # fmt: skip
    entities: dict[str, Any] = {}
    if number % 2:
        text += " &amp; more: https://t.co/abcdefghij #museum by @ferry_club"
        entities = {
            "urls": [_marked(text, "https://t.co/abcdefghij", expanded_url="https://museum.example/today")],
            "hashtags": [_marked(text, "#museum", tag="museum")],
            "mentions": [_marked(text, "@ferry_club", username="ferry_club", id="77")],
        }
    if not number % 3:
        tweet["attachments"] = {"media_keys": [f"3_{own}"]}
        text += " https://t.co/klmnopqrst"
        link = f"https://x.com/museum/status/{own}/photo/1"
        shown = _marked(text, "https://t.co/klmnopqrst", expanded_url=link, media_key=f"3_{own}")
        entities["urls"] = [*entities.get("urls", ()), shown]
    if number % 3 == 1 and number:
        tweet["in_reply_to_user_id"] = _OWNER.id
        tweet["referenced_tweets"] = [{"type": "replied_to", "id": str(own - 1)}]
    return {**tweet, "text": text, "entities": entities}


def _marked(text: str, part: str, **more: str) -> dict[str, Any]:
    start = text.index(part)
    named = {"url": part} if part.startswith("http") else {}
    return {"start": start, "end": start + len(part), **named, **more}
