"""Asks the server of every candidate whether it has such an account (WebFinger, RFC 7033)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import msgspec

from bridge.engine.finding import Candidate
from bridge.engine.manners import WORKERS, Manners
from bridge.errors import NetworkError
from bridge.media.fetch import NoAddressError
from bridge.sources.web import Reply

_SPEAKS = ("application/activity+json", "application/ld+json")

Ask = Callable[..., Reply]


class Answer(StrEnum):
    CONFIRMED = "confirmed"
    REFUSED = "refused"  # there is no such account, or it is none of the fediverse
    UNANSWERED = "unanswered"  # another time, perhaps
    AMBIGUOUS = "ambiguous"  # several addresses are confirmed for one person: somebody must choose


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    candidate: Candidate  #: when confirmed, under the address that its server prefers
    answer: Answer


def unique(candidates: Iterable[Candidate], numbers: dict[str, str]) -> list[Candidate]:
    """Each person and address once, with the person's number where anything tells it."""
    found: dict[tuple[str, str], Candidate] = {}
    for each in candidates:
        known = found.setdefault((each.twitter.lower(), each.fediverse), each)
        number = known.twitter_id or each.twitter_id or numbers.get(each.twitter.lower(), "")
        found[each.twitter.lower(), each.fediverse] = replace(known, twitter_id=number)
    return list(found.values())


def confirm(
    candidates: Iterable[Candidate],
    get: Ask,
    *,
    sleep: Callable[[float], None],
    show: Callable[[int], None] = lambda _: None,
) -> list[Asked]:
    """In their order; several servers at a time, each address once."""
    wanted, ask = list(candidates), Manners(get, sleep)
    addresses = list(dict.fromkeys(each.fediverse for each in wanted))
    answers: dict[str, tuple[Answer, str]] = {}
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="handles") as pool:
        for address, answer in zip(
            addresses, pool.map(lambda each: _asked(each, ask), addresses), strict=True
        ):
            answers[address] = answer
            show(len(answers))
    return _judged(wanted, answers)


def _judged(wanted: list[Candidate], answers: dict[str, tuple[Answer, str]]) -> list[Asked]:
    """Two confirmed addresses of one person are none: people move, and nobody can tell which is the last."""
    asked = []
    homes: dict[str, set[str]] = {}
    for each in wanted:
        answer, address = answers[each.fediverse]
        if answer is Answer.CONFIRMED:
            each = replace(each, fediverse=address)  # noqa: PLW2901  # under its proper name from here on
            homes.setdefault(each.twitter.lower(), set()).add(address)
        asked.append(Asked(candidate=each, answer=answer))
    several = {name for name, found in homes.items() if len(found) > 1}
    return [
        replace(each, answer=Answer.AMBIGUOUS)
        if each.answer is Answer.CONFIRMED and each.candidate.twitter.lower() in several
        else each
        for each in asked
    ]


def _asked(address: str, ask: Ask) -> tuple[Answer, str]:
    """A server may prefer another address for the account, as where a domain only names people; what it says
    of another host's accounts counts only if that host says the same."""
    answer, proper = _told(address, ask)
    if answer is not Answer.CONFIRMED or _host(proper) == _host(address):
        return answer, proper
    again, its_own = _told(proper, ask)
    return (again, proper) if its_own == proper else (Answer.REFUSED, address)


def _told(address: str, ask: Ask) -> tuple[Answer, str]:
    query = urlencode({"resource": f"acct:{address}"})
    url = f"https://{_host(address)}/.well-known/webfinger?{query}"
    try:
        reply = ask(url, headers={"Accept": "application/jrd+json, application/json"})
    except NoAddressError:
        return Answer.REFUSED, address
    except NetworkError:
        return Answer.UNANSWERED, address
    if reply.status in (400, 401, 403, 404, 410, 422):
        return Answer.REFUSED, address
    if reply.status != 200:
        return Answer.UNANSWERED, address
    return _read(reply.body, address)


def _host(address: str) -> str:
    return address.rpartition("@")[2]


def _read(body: bytes, address: str) -> tuple[Answer, str]:
    """Whether the account is one of the fediverse, and the address that its server prefers."""
    try:
        found = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Answer.REFUSED, address
    links = found.get("links")
    speaks = any(
        isinstance(link, dict) and link.get("rel") == "self" and str(link.get("type")).startswith(_SPEAKS)
        for link in (links if isinstance(links, list) else ())
    )
    if not speaks:
        return Answer.REFUSED, address
    user, at, host = str(found.get("subject")).removeprefix("acct:").partition("@")
    proper = f"{user}@{host}".lower()
    return Answer.CONFIRMED, proper if at and user and "." in host and "/" not in proper else address
