"""Long tweets: `note-tweet.js` has their text, and no word about which tweet it belongs to.

A note's id is minted 13-41 ms before its tweet's, so the tweet is the owner's smallest id above it; the
text, compared with what the tweet shows of it, confirms. Texts wait in a spool, so that only three numbers
a note are kept in memory.
"""

from __future__ import annotations

import re
import tempfile
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import IO

import msgspec
from msgspec.structs import replace

from bridge.posts import Kind, Post, Span, SpanKind
from bridge.sources.twitter_archive import text as texts
from bridge.sources.twitter_archive.origin import RANK_NOTE
from bridge.sources.twitter_archive.posting import opener
from bridge.sources.twitter_archive.text import Mark, disjoint, loose_marks, plain
from bridge.sources.twitter_archive.wire import Note, NoteCore

MAX_GAP_MS = 5_000
_SPOOL = 4 << 20
_NO_TWEET = (1 << 64) - 1
_SHORT = re.compile(r"https?://t\.co/\w+")
_FRAGMENT = re.compile(r"\s*(?:https?:?\S*)?\Z")
_HALF = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"\s+")


class Notes:
    """Fill with `add`; after `ready`, show every tweet id to `see_all`; then ask `core_for`."""

    def __init__(self) -> None:
        self._spool: IO[bytes] | None = None
        self._rows: list[tuple[int, int, int]] = []
        self._ids, self._starts, self._ends = array("Q"), array("Q"), array("Q")
        self._tweets = array("Q")
        self.joined = 0
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(NoteCore).decode

    def add(self, note: Note) -> bool:
        if note.core is None or not note.core.text or not _is_number(note.note_tweet_id):
            return False
        if self._spool is None:
            self._spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115  closed by `close`
        start = self._spool.tell()
        self._spool.write(self._packed(note.core))
        self._rows.append((int(note.note_tweet_id or 0) & _NO_TWEET, start, self._spool.tell()))
        return True

    def _packed(self, core: NoteCore) -> bytes:
        try:
            return self._encode(core)
        except UnicodeEncodeError:  # half characters: a stand-in keeps the text, its offsets count the same
            return self._encode(NoteCore(text=_HALF.sub("\x00", core.text or "")))

    def ready(self) -> None:
        self._rows.sort()
        for number, start, end in self._rows:
            self._ids.append(number)
            self._starts.append(start)
            self._ends.append(end)
        self._tweets = array("Q", [_NO_TWEET]) * len(self._ids)
        self._rows = []

    def __len__(self) -> int:
        return len(self._ids)

    def see(self, tweet: int) -> None:
        """Keeps for the nearest note below it the smallest tweet id; `settle` hands it on."""
        at = bisect_left(self._ids, tweet) - 1
        if at >= 0 and self._tweets[at] > tweet:
            self._tweets[at] = tweet

    def settle(self) -> None:
        """When every tweet was seen: the smallest id above a note may lie above its neighbours too."""
        least = _NO_TWEET
        for at in range(len(self._tweets) - 1, -1, -1):
            least = min(least, self._tweets[at])
            self._tweets[at] = least

    def see_all(self, tweets: Iterable[int]) -> None:
        for tweet in tweets:
            self.see(tweet)
        self.settle()

    def core_for(self, tweet: int) -> NoteCore | None:
        """The note whose tweet this is, by the ids alone."""
        at = bisect_right(self._tweets, tweet) - 1
        if self._spool is None or at < 0 or self._tweets[at] != tweet:
            return None
        if (tweet >> 22) - (self._ids[at] >> 22) > MAX_GAP_MS:
            return None
        self._spool.seek(self._starts[at])
        return self._decode(self._spool.read(self._ends[at] - self._starts[at]))

    def close(self) -> None:
        if self._spool is not None:
            self._spool.close()


def _is_number(text: str | None) -> bool:
    return bool(text) and text is not None and text.isascii() and text.isdigit() and len(text) <= 20


def with_note(post: Post, core: NoteCore) -> Post | None:
    """The post with the note's text for its own: leading mentions and a trailing quote link stay. None if
    the two do not begin alike."""
    raw = core.text or ""
    marks = _marks(raw, core)
    text, spans = texts.settle(raw, disjoint(marks + loose_marks(raw, marks)), plain)
    leads = (lead for lead in _leads(post) if _alike(post.text[lead:], text))
    lead = next(leads, None)
    if post.kind is Kind.RETWEET or lead is None:
        return None
    head = tuple(span for span in post.spans if span.end <= lead)
    whole = post.text[:lead] + text
    moved = (*head, *(_moved(span, lead) for span in spans))
    tail = _tail(post)
    if tail and not any(span.post_id == tail.post_id for span in spans):
        start = len(whole) + 1
        whole = f"{whole} {post.text[tail.start : tail.end]}"
        moved = (*moved, replace(tail, start=start, end=len(whole)))
    stamps = tuple(replace(each, rank=RANK_NOTE) for each in post.provenance)
    return replace(post, text=whole, spans=moved, note=True, truncated=False, provenance=stamps)


def _marks(raw: str, core: NoteCore) -> list[Mark]:
    """Note indices count code points, as those of tweets do; style tags (UTF-16) are not carried."""
    found = [
        Mark(url.from_index, url.to_index, SpanKind.LINK, plain(url.expanded_url or url.short_url or ""))
        for url in core.urls
        if raw[max(0, url.from_index) : max(0, url.to_index)].lower().startswith("http")
    ]
    found += [
        Mark(each.from_index, each.to_index, SpanKind.MENTION, each.screen_name or "")
        for each in core.mentions
        if _is(raw, each.from_index, each.to_index, "@", each.screen_name)
    ]
    for tags, sign, kind in (
        (core.hashtags, "#", SpanKind.HASHTAG),
        (core.cashtags, "$", SpanKind.CASHTAG),
    ):
        found += [
            Mark(tag.from_index, tag.to_index, kind, tag.text or "")
            for tag in tags
            if _is(raw, tag.from_index, tag.to_index, sign, tag.text)
        ]
    return [mark for mark in found if mark.end <= len(raw)]


def _is(raw: str, start: int, end: int, sign: str, said: str | None) -> bool:
    return start >= 0 and bool(said) and raw[start:end].casefold() == f"{sign}{said}".casefold()


def _moved(span: Span, by: int) -> Span:
    return replace(span, start=span.start + by, end=span.end + by)


def _leads(post: Post) -> list[int]:
    """Where the note may begin in the tweet: behind the mentions that an answer opens with, most first.

    A note has none of those that the site put there, but all that its author typed.
    """
    ends = [0]
    if opener(post.text) is not None:
        for span in post.spans:
            if span.kind is not SpanKind.MENTION or post.text[ends[-1] : span.start].strip():
                break
            ends.append(span.end)
    return [end + len(post.text[end:]) - len(post.text[end:].lstrip()) for end in reversed(ends)]


def _tail(post: Post) -> Span | None:
    if post.quote is None:
        return None
    return next((span for span in reversed(post.spans) if span.post_id == post.quote.id), None)


def _alike(shown: str, whole: str) -> bool:
    """Whether the note begins as the tweet does, but for its short links, its end and its white space."""
    body = _SPACE.sub(" ", _SHORT.sub("\x01", shown)).strip(" \x01")
    body = _FRAGMENT.sub("", body.removesuffix("…").rstrip())
    full = _SPACE.sub(" ", _SHORT.sub("\x01", whole)).strip()
    return full.startswith(body.strip(" \x01"))
