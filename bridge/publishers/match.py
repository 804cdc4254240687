"""Which status on the account is the one that was sent: pure comparison, by the recipe of the rules §8."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from enum import IntEnum
from html.parser import HTMLParser

from bridge.publishers.base import Addressed, Receipt
from bridge.statuses import Limits, StatusDraft

#: A medium belongs to one status there, so that its id is proof; elsewhere it may be used again (§2).
ATTACHES_ONCE = frozenset({"mastodon", "glitch-soc", "hometown", "gotosocial", "pixelfed"})

_REMOTE_MENTION = re.compile(r"(?<![\w@/=])@([\w.+-]*\w)@\w[\w.:-]*", re.ASCII)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PARAGRAPHS = frozenset({"p", "div", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4"})
_NEAR = timedelta(seconds=1)  # snac keeps whole seconds
_URL = re.compile(r"\w+://\S+")
_WORD = re.compile(r"\w+")
_FEW = 4  # words that are too few to compare by


class Likeness(IntEnum):
    NO = 0
    PLAUSIBLE = 1  # everything but the text, which the server may have rewritten: ask for its source
    DAMAGED = 2  # the text, but something that was asked for is missing
    SAME = 3
    CERTAIN = 4  # it carries media that no other status can carry


class _TextReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._skipped: str | None = None  # Mastodon puts `RE: link` in front of a quote, in its own paragraph

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "quote-inline" in (dict(attrs).get("class") or "").split():
            self._skipped = tag
        elif tag == "br":
            self.pieces.append("\n")
        elif tag in _PARAGRAPHS and self.pieces:
            self.pieces.append("\n\n")
        elif tag == "li":
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._skipped:
            self._skipped = None

    def handle_data(self, data: str) -> None:
        if self._skipped is None:
            self.pieces.append(data)


def html_to_text(content: str) -> str:
    """`<br>` is a line end, a paragraph an empty line, a link all of its text, hidden parts included."""
    reader = _TextReader()
    reader.feed(content)
    reader.close()
    return "".join(reader.pieces).strip()


def normal(text: str) -> str:
    """What survives every server: no domains of mentions, no line structure, one kind of space."""
    named = _REMOTE_MENTION.sub(r"@\1", unicodedata.normalize("NFC", text))
    return " ".join(named.split())


def same_text(one: str, other: str) -> bool:
    return normal(one) == normal(other)


def likeness(draft: StatusDraft, addressed: Addressed, receipt: Receipt, *, limits: Limits) -> Likeness:
    """How surely `receipt` is what sending `draft` has made."""
    if receipt.reblog or not _timely(draft, receipt, limits):
        return Likeness.NO
    once = limits.software in ATTACHES_ONCE
    if once and addressed.media and set(addressed.media) & set(receipt.media_ids):
        return Likeness.CERTAIN
    whole = _answers(addressed, receipt, limits)
    if whole is None:
        return Likeness.NO
    media = _carries(draft, addressed, receipt, once=once)
    if media is None or (not media and not addressed.text.strip()):
        return Likeness.NO  # neither its media nor any word tell that it is this one
    if not says(draft, addressed, receipt):
        return Likeness.PLAUSIBLE if whole and media else Likeness.NO
    return Likeness.SAME if whole and media else Likeness.DAMAGED


def says(draft: StatusDraft, addressed: Addressed, receipt: Receipt) -> bool:
    """Text and warning, taken together: a warning without text becomes the text on Mastodon (§3.1)."""
    asked = f"{draft.spoiler_text} {addressed.text}"
    return same_text(asked, f"{receipt.spoiler_text} {receipt.text or ''}")


def resembles(draft: StatusDraft, addressed: Addressed, receipt: Receipt) -> bool:
    """Whether a server that rewrites names, links and marks could have made the one text of the other.

    Half of the words of the shorter one are enough, or of the letters where there are few words (or no spaces
    between them): a wrong yes costs a person a question, a wrong no makes a duplicate.
    """
    asked = _words(f"{draft.spoiler_text} {addressed.text}")
    found = _words(f"{receipt.spoiler_text} {receipt.text or ''}")
    shorter = min(len(asked), len(found))
    if not shorter:
        return True
    if shorter < _FEW:
        return SequenceMatcher(None, "".join(asked), "".join(found)).ratio() >= 0.5
    return 2 * (Counter(asked) & Counter(found)).total() >= shorter


def _words(text: str) -> list[str]:
    return _WORD.findall(_URL.sub(" ", normal(text)).casefold())


def _timely(draft: StatusDraft, receipt: Receipt, limits: Limits) -> bool:
    if draft.backdate is None or not limits.backdates:
        return True
    return abs(receipt.created_at - draft.backdate) <= _NEAR


def _answers(addressed: Addressed, receipt: Receipt, limits: Limits) -> bool | None:
    """True: as asked; False: the server may have dropped it; None: another conversation."""
    if receipt.in_reply_to_id == addressed.reply_to:
        return True
    return False if receipt.in_reply_to_id is None and not limits.keeps_replies else None


def _carries(draft: StatusDraft, addressed: Addressed, receipt: Receipt, *, once: bool) -> bool | None:
    """True: its media, as far as one can tell; False: fewer, or uploaded another time; None: too many.

    Akkoma and Pleroma show other ids in a status than in the upload's answer, so there only the number
    counts. After a crash fewer ids may be remembered than were sent: the draft knows how many there were.
    """
    asked, found = len(addressed.media), len(receipt.media_ids)
    if found > max(asked, len(draft.media)):
        return None
    return found >= asked and not (once and asked)


def ulid_at(moment: datetime) -> str:
    """The first ULID of a millisecond: GoToSocial compares `min_id` and `max_id` as strings (§8)."""
    stamp = int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
    letters = []
    for _ in range(10):
        stamp, rest = divmod(stamp, 32)
        letters.append(_CROCKFORD[rest])
    return "".join(reversed(letters)) + "0" * 16
