"""What an account shows of itself follows what its source shows, field by field, once for each change.

The first sight of a profile is only noted. A change is carried where the account still reads as it did then,
or as it was set from here; what a person has changed is theirs. What was seen and set is written down after
the server has answered: the request may be made again. One with a picture is noted before it, too, for a
server gives each picture an address of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from bridge.engine.presence import picture_file, show
from bridge.engine.round import Round
from bridge.errors import (
    Busy,
    Deferred,
    MediaError,
    NetworkError,
    Refused,
    SourceError,
    Unauthorized,
    Unknown,
)
from bridge.ledger import Ledger
from bridge.pacing import Need
from bridge.profile import Change, Kept, Left, Part, Picture, Profile, Shown, first_sight, follow
from bridge.publishers.presence import Dress, PictureFile

_DAY, _SOON = timedelta(days=1), timedelta(hours=1)
_LOOK, _DRESS = Need(statuses=0, calls=2), Need(statuses=0, calls=1)
_WORDS = {
    Part.NAME: "display name", Part.BIO: "biography", Part.WEBSITE: "link", Part.LOCATION: "place",
    Part.AVATAR: "picture", Part.HEADER: "header",
}  # fmt: skip
_CHANGED = "The profile changed at its source"
_FOLLOWED = "The profile is to follow its source"


class Sitter(Protocol):
    """An account at a server, and whom it resembles."""

    @property
    def teller(self) -> str:
        """Who tells of the profile: another one may put the same in other words."""
        ...

    @property
    def source(self) -> str: ...
    @property
    def locale(self) -> str | None: ...
    def told(self) -> Profile | None:
        """None: nobody tells yet. Raises SourceError, NetworkError (`Busy`: until when)."""
        ...

    def picture(self, picture: Picture) -> bytes:
        """Raises MediaError, SourceError, NetworkError."""
        ...

    def may_change(self) -> bool:
        """Whether the login has the right to; True also where nobody can tell."""
        ...

    def shown(self) -> Shown: ...
    def dress(self, dress: Dress) -> Shown:
        """Both raise as publishing does."""
        ...

    def say(self, text: str) -> None: ...


class Note(msgspec.Struct, kw_only=True):
    """`kept` None: the profile was never seen, as this one tells it. `again`: no look before that instant.
    `said`: what a person was told, and of what, so that it is said once."""

    teller: str = ""
    kept: Kept | None = None
    again: datetime | None = None
    said: dict[str, str] = {}


@dataclass(slots=True)
class Following:
    """The profile of one source account at one destination."""

    ledger: Ledger
    sitter: Sitter
    destination: str
    note: Note = field(init=False)

    def __post_init__(self) -> None:
        told = self.ledger.posts.cursor(self.sitter.source, self._stream)
        self.note = msgspec.json.decode(told, type=Note) if told else Note()
        if self.note.teller != self.sitter.teller:
            self.note = Note(teller=self.sitter.teller)

    def due(self, now: datetime) -> datetime:
        return self.note.again or now

    def look(self, run: Round) -> None:
        """At most one question to the source, and three to the server, under the hold of the account."""
        now = run.now()
        until, _ = run.budget.wait(now, _LOOK)
        self.note.again = until if until > now else now + _SOON
        self._save()  # a process that dies at it does not ask again at once
        if until > now:
            return
        try:
            self.note.again = now + _DAY
            self._look(run)
        except (Deferred, Unknown, Refused, NetworkError) as problem:
            later = problem.until if isinstance(problem, Deferred) else None
            self.note.again = max(later or now, now + _SOON)
        finally:
            run.save()
        self._save()

    def _look(self, run: Round) -> None:
        profile = self._told(run)
        if profile is None:
            return
        shown = self.sitter.shown()
        if self.note.kept is None:
            self._first_sight(run, profile, shown)
            return
        run.spend(_DRESS)
        step = follow(self.note.kept, profile, shown, locale=self.sitter.locale)
        for part, why in step.left.items():
            self._tell_left(run, part, why)
        self.note.kept = step.kept
        pictures, lacking = self._pictures(run, step.carry)
        chosen = [change for change in step.carry if change.part not in lacking]
        if chosen:
            self._carry(run, profile, shown, chosen, pictures)

    def _first_sight(self, run: Round, profile: Profile, shown: Shown) -> None:
        self.note.kept = first_sight(profile, shown)
        if not self.sitter.may_change():
            self._not_allowed(run, _FOLLOWED)
        run.spend(_DRESS)

    def _told(self, run: Round) -> Profile | None:
        try:
            profile = self.sitter.told()
        except (SourceError, NetworkError) as problem:
            self._once(
                run, "source", problem.message, "PROFILE_NOT_READ", f"No profile was read: {problem.message}"
            )
            later = problem.until if isinstance(problem, Busy) else None
            self.note.again = max(later or run.now(), run.now() + _DAY)
            return None
        self.note.said.pop("source", None)
        return profile

    def _pictures(
        self, run: Round, carry: Collection[Change]
    ) -> tuple[dict[Part, PictureFile], frozenset[Part]]:
        """And those that cannot be had today."""
        pictures: dict[Part, PictureFile] = {}
        lacking = set()
        for change in carry:
            if change.picture is None:
                continue
            try:
                pictures[change.part] = picture_file(change, self.sitter.picture)
            except (MediaError, NetworkError, SourceError) as problem:
                lacking.add(change.part)
                what = f"The {_WORDS[change.part]} of the profile changed, and cannot be had: "
                self._once(run, change.part, change.after, problem.code, what + str(problem))
        return pictures, frozenset(lacking)

    def _carry(
        self,
        run: Round,
        profile: Profile,
        shown: Shown,
        chosen: list[Change],
        pictures: dict[Part, PictureFile],
    ) -> None:
        assert self.note.kept is not None
        kept, parts = self.note.kept, [change.part for change in chosen]
        self.note.kept = kept.sending(chosen, profile)
        self._save()
        try:
            after = show(self.sitter, shown, chosen, pictures)
        except Unauthorized:  # the account could be read a moment ago: it is this right that lacks
            self.note.kept = kept
            self._not_allowed(run, _CHANGED)
            return
        except Refused as problem:
            self.note.kept = kept.passed(profile, parts)
            run.ports.watcher.note("PROFILE_REFUSED", f"The profile is left as it is: {problem}")
            return
        finally:
            run.spend(_DRESS)
        self.note.kept = kept.carried(profile, parts, after)
        for said in ("right", *parts):
            self.note.said.pop(said, None)
        self._save()
        self.sitter.say(f"profile: {' and '.join(_WORDS[part] for part in parts)} changed")

    def _not_allowed(self, run: Round, why: str) -> None:
        login = f"`passerelle login {self.destination.rpartition('@')[2]} --profile`"
        message = f"{why}, but this login may not change it; {login} asks for the right to."
        self._once(run, "right", "", "PROFILE_NOT_ALLOWED", message)

    def _tell_left(self, run: Round, part: Part, why: Left) -> None:
        told = f"profile: {_WORDS[part]} changed at its source, and is left as it is here: {why}."
        run.ports.watcher.note("PROFILE_LEFT", told)

    def _once(self, run: Round, what: str, about: str, code: str, message: str) -> None:
        if self.note.said.get(what) != about:
            run.ports.watcher.note(code, message)
            self.note.said[what] = about

    def _save(self) -> None:
        told = msgspec.json.encode(self.note).decode()
        self.ledger.posts.save_cursor(self.sitter.source, self._stream, told)

    @property
    def _stream(self) -> str:
        return f"profile {self.destination}"
