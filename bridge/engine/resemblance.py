"""Which post of the archive a status of the account says, when another tool has written it. Pure.

Tools differ in what they do to a text: links are expanded or not, mentions get a domain or a backslash,
retweets a mark, a date or a link to the post is added, long texts are cut. All of that is taken away on both
sides, and what is left has to be equal. A link to the post itself is as good as its text; the date decides
between equals, then the links.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile

from bridge.posts import Post, SpanKind, ids_of
from bridge.publishers.base import Receipt
from bridge.publishers.match import normal

_LIVE = timedelta(minutes=10)  # a crossposter that runs beside the network is not later than that
_BEFORE = timedelta(hours=1)  # tools that carry in both directions; clocks differ
_SHORT = 15  # characters that many posts may say, and their author elsewhere, too
_HEAD = 20  # characters that a cut text has to have in common with the whole one
_PART = 40  # the same, where nothing says that it was cut
_STAMP = 60  # characters of a date and what goes with it

_LINK = re.compile(r"https?://\S+")
_MARKDOWN = re.compile(r"\[([^\]\n]{1,200})\]\(https?://[^)\s]*\)")
_POST_LINK = re.compile(r"(?:twitter|x)\.com/(?:#!/)?(?:i/web|\w+)/status(?:es)?/(\d+)", re.IGNORECASE)
_UNSEEN = re.compile("[\u200b-\u200d\u2060\ufeff\ufe0f]")
_HIDDEN_MENTION = re.compile(r"@[\\/]+(?=\w)")
_PASSED_ON = re.compile(r"^\W*(?:RT|♻|🔁|🔄)\W*@[\w.@-]+\W*")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_ISO = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?\s*(?:Z|UTC|GMT|[+-]\d\d:?\d\d)?)?"
_AHEAD = re.compile(rf"^\s*(?:[(\[][^)\]\n]{{4,{_STAMP}}}[)\]]|{_ISO})\s*[:–—-]?\s*")
_BEHIND = re.compile(rf"\s*[–—-]?\s*(?:[(\[][^)\]\n]{{4,{_STAMP}}}[)\]]|{_ISO})\s*$")
_CUT = re.compile(r"\s*(?:…|\.\.\.)\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is compared of a post. `refers`: ids of other posts that it links to; `links`: all other links."""

    source: str
    post_id: str
    created_at: datetime
    core: str
    ids: tuple[str, ...]
    refers: frozenset[str]
    links: frozenset[str]
    media: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """`by`: link, text and date, text, or date."""

    receipt: Receipt
    candidate: Candidate
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A status that may be several posts, or one that it does not say for certain."""

    receipt: Receipt
    candidates: tuple[Candidate, ...]


def candidate(post: Post) -> Candidate:
    linked = (span.post_id for span in post.spans if span.post_id)
    quoted = (post.quote.id,) if post.quote and post.quote.id else ()
    return Candidate(
        source=post.source,
        post_id=post.id,
        created_at=post.created_at,
        core=core(post.text),
        ids=tuple(ids_of(post)),
        refers=frozenset((*linked, *quoted)),
        links=_links(span.target for span in post.spans if span.kind is SpanKind.LINK),
        media=len(post.media),
    )


def core(text: str) -> str:
    """What is left of a text when all is taken away that tools do differently."""
    plain = _UNSEEN.sub("", html.unescape(text))
    plain = _HIDDEN_MENTION.sub("@", _MARKDOWN.sub(r"\1", plain))
    plain = _PASSED_ON.sub("", _LINK.sub(" ", plain).strip())
    return normal(plain).strip(" :|–—-·•")


class Index:
    """The posts that are not published yet, to be asked for the one that a status says."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._exact: dict[str, list[Candidate]] = {}
        self._by_id: dict[str, Candidate] = {}
        self._referring: dict[str, list[Candidate]] = {}
        self._taken: set[int] = set()  # by identity: they are asked for by the million
        for each in candidates:
            self._exact.setdefault(each.core, []).append(each)
            self._by_id.update(dict.fromkeys(each.ids, each))
            for other in each.refers:
                self._referring.setdefault(other, []).append(each)
        self._cores = sorted(self._exact)
        self._wordless = sorted(self._exact.get("", ()), key=lambda each: each.created_at)
        self._read: dict[str, list[str]] = {}

    def saying(self, text: str) -> list[Candidate]:
        """Those that say exactly this, as other tools would put it."""
        return self._free(self._exact.get(core(text), ())) if core(text) else []

    def matches(self, receipts: Sequence[Receipt]) -> tuple[list[Match], list[Doubt]]:
        """The certain ones first, so that they are out of the way of the others; then oldest first."""
        found: list[Match] = []
        doubts: list[Doubt] = []
        oldest = sorted(receipts, key=lambda each: each.created_at)
        left = [each for each in oldest if not self._took(self._by_link(each), found)]
        left = [each for each in left if not self._took(self._by_date(each), found)]
        for receipt in left:
            answer = self._by_text(receipt)
            if isinstance(answer, Doubt):
                doubts.append(answer)
            else:
                self._took(answer, found)
        return found, doubts

    def _took(self, match: Match | None, found: list[Match]) -> bool:
        if match is None:
            return False
        self._taken.add(id(match.candidate))
        found.append(match)
        return True

    def _free(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        return [each for each in candidates if id(each) not in self._taken]

    def _by_link(self, receipt: Receipt) -> Match | None:
        """A link to a post is its own, unless the status says another post, which quotes that one."""
        linked = {each.post_id: each for each in self._linked(receipt)}
        if len(linked) != 1:
            return None
        [only] = linked.values()
        said = self._said(receipt)
        if only not in said and (said or any(self._referring.get(each) for each in only.ids)):
            return None
        return Match(receipt=receipt, candidate=only, by="link")

    def _linked(self, receipt: Receipt) -> list[Candidate]:
        ids = _POST_LINK.findall(receipt.text or "")
        return self._free(self._by_id[each] for each in ids if each in self._by_id)

    def _by_date(self, receipt: Receipt) -> Match | None:
        """Of those that say the same, the one that was written within minutes of it."""
        near = self._near(receipt, self._said(receipt) or self._without_words(receipt))
        if not near or (len(near) > 1 and _apart(receipt, near[0]) == _apart(receipt, near[1])):
            return None
        by = "text and date" if near[0].core else "date"
        return Match(receipt=receipt, candidate=near[0], by=by)

    def _near(self, receipt: Receipt, candidates: Iterable[Candidate]) -> list[Candidate]:
        near = [each for each in candidates if _apart(receipt, each) <= _LIVE]
        return sorted(near, key=lambda each: _apart(receipt, each))

    def _without_words(self, receipt: Receipt) -> list[Candidate]:
        """Posts of media or of a link alone: the date and the number of media tell them apart."""
        if self._cores_of(receipt)[0]:
            return []
        first = bisect_left(self._wordless, receipt.created_at - _LIVE, key=lambda each: each.created_at)
        near = takewhile(
            lambda each: each.created_at <= receipt.created_at + _LIVE, islice(self._wordless, first, None)
        )
        return self._free(each for each in near if each.media == len(receipt.media_ids))

    def _by_text(self, receipt: Receipt) -> Match | Doubt | None:
        said = [each for each in self._said(receipt) if each.created_at <= receipt.created_at + _BEFORE]
        links = _links(_LINK.findall(receipt.text or ""))
        alike = [each for each in said if each.links & links] or said
        if len(alike) == 1 and len(alike[0].core) >= _SHORT and not _contradict(alike[0].links, links):
            return Match(receipt=receipt, candidate=alike[0], by="text")
        doubtful = alike or self._linked(receipt)
        return Doubt(receipt=receipt, candidates=tuple(doubtful)) if doubtful else None

    def _said(self, receipt: Receipt) -> list[Candidate]:
        cores = self._cores_of(receipt)
        for wanted in filter(None, cores):
            if found := self._free(self._exact.get(wanted, ())):
                return found
        return self._begun(cores[0])

    def _begun(self, plain: str) -> list[Candidate]:
        """Posts that begin with these words: the status was cut, or is the first of several."""
        stem = _CUT.sub("", plain)
        if len(stem) < (_HEAD if stem != plain else _PART):
            return []
        first = bisect_left(self._cores, stem)
        longer = takewhile(lambda each: each.startswith(stem), islice(self._cores, first, None))
        return self._free(each for whole in longer for each in self._exact[whole])

    def _cores_of(self, receipt: Receipt) -> list[str]:
        """Of the whole text first; worked out once, for it is asked for again and again."""
        if receipt.remote_id not in self._read:
            self._read[receipt.remote_id] = [core(text) for text in _variants(_whole(receipt))]
        return self._read[receipt.remote_id]


def _whole(receipt: Receipt) -> str:
    """A warning in front may be of the tool's own making."""
    return (receipt.text or receipt.spoiler_text).strip()


def _variants(text: str) -> Iterator[str]:
    """The text, and the text without what looks like a date in front of it or below it."""
    yield text
    lines = text.splitlines()
    if len(lines) > 1 and _is_stamp(lines[-1]):
        yield "\n".join(lines[:-1])
    if len(lines) > 1 and _is_stamp(lines[0]):
        yield "\n".join(lines[1:])
    for pattern in (_AHEAD, _BEHIND):
        found = pattern.search(text)
        if found is not None and _YEAR.search(found[0]):
            yield pattern.sub("", text, count=1)


def _is_stamp(line: str) -> bool:
    return len(_LINK.sub("", line)) <= _STAMP and bool(_YEAR.search(_LINK.sub("", line)))


def _links(addresses: Iterable[str]) -> frozenset[str]:
    """Where they lead, without what tools write differently; short ones and those to posts say nothing."""
    plain = (address.partition("://")[2].rstrip(".,;:!?)…/").lower() for address in addresses)
    return frozenset(
        each for each in plain if each and not each.startswith("t.co/") and not _POST_LINK.search(each)
    )


def _contradict(some: frozenset[str], others: frozenset[str]) -> bool:
    return bool(some) and bool(others) and not some & others


def _apart(receipt: Receipt, each: Candidate) -> timedelta:
    return abs(receipt.created_at - each.created_at)
