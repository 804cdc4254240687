"""What a map says, and how its entries are gathered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bridge.errors import counted

#: The place of a post that is not in the fediverse at all.
BLUESKY = "Bluesky"

_POST_ID = re.compile(r"[0-9]{1,20}")
_POST_URL = re.compile(r"/status(?:es)?/([0-9]{1,20})(?:[/?#]|$)")
_STATUS_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NONE = frozenset({"", "0", "null", "none", "nan", "\\n"})  # `\N` is PostgreSQL's


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One status that another tool has made."""

    remote_id: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One post and the statuses that it became, in order. `place`: host of their server, where it is told."""

    post_id: str
    statuses: tuple[Standing, ...]
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`texts`: of posts of which nothing else is known. `notes`: sentences for a person."""

    tool: str
    carried: tuple[Carried, ...] = ()
    texts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Gathering:
    """Takes what a map says entry by entry: ids as text or number, addresses, nothing at all."""

    found: dict[tuple[str, str | None], list[Standing]] = field(default_factory=dict)
    without: int = 0  #: entries that name a post and no status
    unreadable: list[str] = field(default_factory=list)

    def add(self, post: object, status: object, *, place: str | None = None, url: object = None) -> None:
        post_id = post_id_of(post)
        if post_id is None:
            self.unreadable.append(_shown(post))
            return
        if _is_none(status) and _is_none(url):
            self.without += 1
            return
        standing, host = _standing(status, url)
        if standing is None:
            self.unreadable.append(_shown(status))
            return
        known = self.found.setdefault((post_id, host or place), [])
        if all(each.remote_id != standing.remote_id for each in known):
            known.append(standing)

    def add_all(self, post: object, statuses: object, *, place: str | None = None) -> None:
        """One status, or a list of those that continue one another."""
        several = statuses if isinstance(statuses, list) and statuses else [statuses or None]
        for status in several:
            told = status if isinstance(status, dict) else {"id": status}
            self.add(post, told.get("id") or told.get("uri"), url=told.get("url"), place=place)

    def told(self, tool: str, *, notes: Iterable[str] = ()) -> Told:
        said = list(notes)
        if self.without:
            said.append(
                f"{counted(self.without, 'post of it has', 'posts of it have')} no status: not carried."
            )
        if self.unreadable:
            count, first = len(self.unreadable), self.unreadable[0]
            said.append(
                f"{counted(count, 'entry is no id', 'entries are no ids')} and left out, the first: {first}."
            )
        carried = tuple(
            Carried(post_id=post_id, statuses=tuple(statuses), place=place)
            for (post_id, place), statuses in self.found.items()
        )
        return Told(tool=tool, carried=carried, notes=tuple(said))


def post_id_of(value: object) -> str | None:
    """From a number, its digits, or the address of the post."""
    text = _text(value)
    if _POST_ID.fullmatch(text):
        return text
    found = _POST_URL.search(text)
    return found[1] if found else None


def host_of(address: str) -> str | None:
    """In lower case; None for what is no web address."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    return parts.hostname if parts.scheme in {"http", "https"} else None


def _standing(status: object, url: object) -> tuple[Standing | None, str | None]:
    """The status, and its place where its address tells. An address ends with the id."""
    text, address = _text(status), _text(url)
    if text.startswith("at://"):
        return Standing(remote_id=text.rpartition("/")[2] or text, url=text), BLUESKY
    if host_of(text) is not None:
        text, address = "", text
    host = host_of(address)
    remote_id = text or urlsplit(address).path.rstrip("/").rpartition("/")[2]
    if not _STATUS_ID.fullmatch(remote_id):
        return None, None
    return Standing(remote_id=remote_id, url=address if host else None), host


def _is_none(value: object) -> bool:
    return value is None or _text(value).lower() in _NONE


def _text(value: object) -> str:
    """A number that is no whole one has lost its last digits already, in a spreadsheet or in JavaScript."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()


def _shown(value: object) -> str:
    return repr(value)[:60]
