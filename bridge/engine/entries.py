"""What the review desk knows of each post: enough to count, search and filter by, light for many of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from bridge.engine.propose import Decision, Proposed
from bridge.planning import BY_RULE, Known, version_of
from bridge.posts import MediaType, Post, SpanKind
from bridge.publications import State


class Standing(StrEnum):
    """Where a post stands for a person who reviews it."""

    WAITING = "waiting"  # somebody must decide
    READY = "ready"  # in line by the rules; nobody has looked at it
    APPROVED = "approved"  # in line, and somebody has approved it as it reads
    EXCLUDED = "excluded"  # put aside by somebody
    LEFT_OUT = "left_out"  # put aside by a rule
    SENDING = "sending"  # some of it has left, or may have
    SENT = "sent"
    FAILED = "failed"


_UNSENT = frozenset({State.PENDING, State.APPROVED})


@dataclass(slots=True, kw_only=True)
class Entry:
    """One post. `needs`: of each of its statuses, the media; `undescribed`: positions of such pictures."""

    post_id: str
    thread: str
    decision: Decision
    reason: str | None = None
    kind: str = ""
    at: datetime | None = None
    language: str = ""
    likes: int = 0
    has: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()
    words: str = ""  #: for the search: in small letters
    digests: tuple[str, ...] = ()
    needs: tuple[int, ...] = ()
    pictures: int = 0
    undescribed: tuple[int, ...] = ()
    mentions: tuple[str, ...] = ()
    people: frozenset[str] = frozenset()  #: who is named, as handles are kept: "@name", number
    known: tuple[Known, ...] = ()
    overlay: int = 0  #: version of its edit
    pinned: bool = False  #: it comes back on its day
    _stands: Standing | None = None
    _version: str | None = None

    def learn(self, known: tuple[Known, ...] | None = None, overlay: int | None = None) -> None:
        """What the ledger has of it by now."""
        self.known = self.known if known is None else known
        self.overlay = self.overlay if overlay is None else overlay
        self._stands = self._version = None

    @property
    def standing(self) -> Standing:
        if self._stands is None:
            self._stands = standing(self.decision, self.known)
        return self._stands

    @property
    def in_line(self) -> bool:
        """Whether the ledger has what is shown: while a run is at work, it may have the text of before."""
        return {row.draft_digest for row in self.known if row.state in _UNSENT} <= set(self.digests)

    @property
    def version(self) -> str:
        if self._version is None:
            self._version = version_of(self.known, self.overlay)
        return self._version


def entry(proposed: Proposed, overlay: int) -> Entry:
    made = Entry(
        post_id=proposed.post_id,
        thread=proposed.thread or proposed.post_id,
        decision=proposed.decision,
        reason=proposed.reason,
        digests=proposed.digests,
        known=proposed.known,
        overlay=overlay,
    )
    if proposed.post is not None:
        _of_post(made, proposed.post)
    if proposed.rendering is not None:
        drafts = proposed.rendering.drafts
        made.warnings = tuple(dict.fromkeys(each.code for each in proposed.rendering.warnings))
        made.needs = tuple(sum(medium.goes for medium in draft.media) for draft in drafts)
        pictures = [
            medium
            for draft in drafts
            for medium in draft.media
            if medium.type is MediaType.IMAGE and medium.goes
        ]
        made.pictures = len(pictures)
        made.undescribed = tuple(each.position for each in pictures if not each.description)
        made.words = "\n".join([made.words, *(draft.text.casefold() for draft in drafts)])
    return made


def _of_post(made: Entry, post: Post) -> None:
    made.kind, made.at, made.likes = post.kind.value, post.created_at, post.likes or 0
    made.language, made.words = post.language or "", post.text.casefold()
    made.has = frozenset("image" if each.type is MediaType.IMAGE else "video" for each in post.media)
    if any(span.kind is SpanKind.LINK for span in post.spans):
        made.has |= {"link"}
    named = [span for span in post.spans if span.kind is SpanKind.MENTION]
    made.mentions = tuple(span.target for span in named)
    names = (each for span in named for each in (f"@{span.target.lower()}", span.user_id))
    made.people = frozenset(each for each in names if each)


def standing(decision: Decision, known: Sequence[Known]) -> Standing:
    """Of a post that is wanted (or not), and of which the ledger has these rows."""
    states = {row.state for row in known}
    if State.FAILED in states:
        return Standing.FAILED
    if states & {State.PUBLISHED, State.PUBLISHING, State.WITHDRAWN}:
        return (
            Standing.SENDING if states & {State.APPROVED, State.PENDING, State.PUBLISHING} else Standing.SENT
        )
    if any(row.state is State.SKIPPED and not (row.reason or "").startswith(BY_RULE) for row in known):
        return Standing.EXCLUDED
    if decision is Decision.SKIP:
        return Standing.LEFT_OUT
    return _in_line(decision, [row for row in known if row.state is not State.SKIPPED])


def _in_line(decision: Decision, rows: Sequence[Known]) -> Standing:
    if not rows:  # nothing is written yet
        return Standing.WAITING if decision is Decision.HOLD else Standing.READY
    if any(row.state is State.PENDING for row in rows):
        return Standing.WAITING
    return Standing.APPROVED if all(row.by_person for row in rows) else Standing.READY


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which posts are looked at; a thread is shown whole when any of its posts fits."""

    words: str = ""
    standing: Standing | None = None  #: None: all but what rules have left out
    kind: str = ""
    year: int | None = None
    has: str = ""
    likes: int = 0
    warning: str = ""
    language: str = ""
    pinned: bool = False  #: only those, also what rules have left out

    def admits(self, each: Entry) -> bool:
        return self._by_standing(each) and self._by_facts(each) and self._by_words(each)

    def _by_standing(self, each: Entry) -> bool:
        stands = each.standing
        if self.standing is None:
            return self.pinned or stands is not Standing.LEFT_OUT
        return stands is self.standing

    def _by_facts(self, each: Entry) -> bool:
        wanted = (
            (self.kind, each.kind == self.kind),
            (self.year, each.at is not None and each.at.astimezone(UTC).year == self.year),
            (self.has, self.has in each.has),
            (self.likes, each.likes >= self.likes),
            (self.warning, self.warning in each.warnings),
            (self.language, each.language == self.language),
            (self.pinned, each.pinned),
        )
        return all(fits for asked, fits in wanted if asked)

    def _by_words(self, each: Entry) -> bool:
        return not self.words or self.words.casefold() in each.words or self.words == each.post_id


@dataclass(slots=True, kw_only=True)
class Figures:
    """What all the posts come to."""

    posts: Counter[Standing] = field(default_factory=Counter)
    statuses: Counter[Standing] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    months: dict[tuple[int, int], Counter[str]] = field(default_factory=dict)
    undescribed: int = 0
    mentions: Counter[str] = field(default_factory=Counter)

    @property
    def to_send(self) -> int:
        return sum(self.statuses[each] for each in TO_SEND)


#: What is to be published, once whoever must has approved it.
TO_SEND = (Standing.WAITING, Standing.READY, Standing.APPROVED, Standing.SENDING)
_CARRIED = (*TO_SEND, Standing.SENT, Standing.FAILED)


def figures(entries: Iterable[Entry]) -> Figures:
    made = Figures()
    for each in entries:
        stands = each.standing
        made.posts[stands] += 1
        made.statuses[stands] += len(each.needs)
        carried = stands in _CARRIED
        if each.at is not None:
            at = each.at.astimezone(UTC)
            month = made.months.setdefault((at.year, at.month), Counter())
            month[each.kind if carried else "skipped"] += 1
        if carried:
            made.warnings.update(each.warnings)
            made.undescribed += len(each.undescribed) if stands in TO_SEND else 0
            made.mentions.update(each.mentions)
        elif stands is Standing.LEFT_OUT:
            made.skipped[each.reason or "empty"] += 1
    return made


def needs(entries: Iterable[Entry]) -> Iterator[int]:
    """Of each status that is still to be sent, its media."""
    for each in entries:
        if each.standing in TO_SEND:
            there = {row.part for row in each.known if row.state in (State.PUBLISHED, State.WITHDRAWN)}
            yield from (media for part, media in enumerate(each.needs, 1) if part not in there)
