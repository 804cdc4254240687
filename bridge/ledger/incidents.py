"""What people are told of while nobody watches: each incident once, and once that it is over.

An incident is written down when it begins and told when it is due, so that what passes by itself is never
told. Whoever tells claims it first: of two processes one does, and one that is killed over it leaves it to be
told again when its claim has run out.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bridge.ledger.database import Row, Store
from bridge.ledger.tables import incidents

_CLAIM = timedelta(minutes=5)  # longer than telling takes
_PATIENCE = 8  # tries, over half a day
_FIRST_REST = timedelta(minutes=5)  # after a try in vain; twice as long each time

_i = incidents.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`subject`: an account, or the name of a source. `over`: it is its end that is to be told."""

    id: int
    kind: str
    subject: str
    detail: str
    since: datetime
    told_at: datetime | None = None
    ended_at: datetime | None = None
    tries: int = 0

    @property
    def over(self) -> bool:
        return self.ended_at is not None


class Incidents(Store):
    def begin(self, kind: str, subject: str, *, detail: str, since: datetime, due: datetime) -> None:
        """Nothing, where it stands already: it began when it began."""
        row = {"kind": kind, "subject": subject, "detail": detail, "since": since, "due_at": due}
        with self._database.write() as connection:
            insert = self._database.insert_into(incidents).values(row)
            connection.execute(
                insert.on_conflict_do_nothing(
                    index_elements=[_i.kind, _i.subject], index_where=_i.ended_at.is_(None)
                )
            )

    def end(self, kind: str, subject: str, *, now: datetime) -> None:
        """What nobody has been told of is forgotten."""
        standing = sa.and_(_i.kind == kind, _i.subject == subject, _i.ended_at.is_(None))
        unheard = sa.and_(_i.told_at.is_(None), sa.or_(_i.claimed_until.is_(None), _i.claimed_until <= now))
        with self._database.write() as connection:
            connection.execute(sa.delete(incidents).where(standing, unheard))
            connection.execute(sa.update(incidents).where(standing).values(ended_at=now))

    def standing(self, kinds: Collection[str] | None = None) -> list[Incident]:
        """Those that are not over, told or not; the oldest first."""
        statement = sa.select(incidents).where(_i.ended_at.is_(None)).order_by(_i.since, _i.id)
        if kinds is not None:
            statement = statement.where(_i.kind.in_(kinds))
        with self._database.read() as connection:
            return [_incident(row) for row in connection.execute(statement)]

    def last(self, kind: str) -> Incident | None:
        """The one of that kind that was written down last."""
        statement = sa.select(incidents).where(_i.kind == kind).order_by(_i.id.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else _incident(row)

    def claim(self, kinds: Collection[str], *, now: datetime) -> list[Incident]:
        """What is to be told now, to be settled one by one; nobody else gets the same."""
        begins = sa.and_(_i.told_at.is_(None), _i.ended_at.is_(None), _i.due_at <= now)
        ends = sa.and_(_i.told_at.is_not(None), _i.ended_at.is_not(None), _i.end_told_at.is_(None))
        free = sa.or_(_i.claimed_until.is_(None), _i.claimed_until <= now)
        due = sa.and_(_i.kind.in_(kinds), sa.or_(begins, ends), free)
        with self._database.read() as connection:  # most often there is none, and nothing to be locked
            if connection.scalar(sa.select(_i.id).where(due).limit(1)) is None:
                return []
        claimed = sa.update(incidents).where(due).values(claimed_until=now + _CLAIM).returning(incidents)
        with self._database.write() as connection:
            found = [_incident(row) for row in connection.execute(claimed)]
        return sorted(found, key=lambda each: (each.since, each.id))

    def told(self, incident: Incident, *, now: datetime) -> None:
        """And it is not told again."""
        done = {"end_told_at": now} if incident.over else {"told_at": now}
        self._settle(incident, tries=0, claimed_until=None, **done)

    def untold(self, incident: Incident, *, now: datetime) -> bool:
        """In vain: it is tried again later. Whether it is; after so many tries it counts as told."""
        if incident.tries + 1 >= _PATIENCE:
            self.told(incident, now=now)
            return False
        rest = _FIRST_REST * 2**incident.tries
        self._settle(incident, tries=incident.tries + 1, claimed_until=now + rest)
        return True

    def _settle(self, incident: Incident, **values: object) -> None:
        with self._database.write() as connection:
            connection.execute(sa.update(incidents).where(_i.id == incident.id).values(**values))


def _incident(row: Row) -> Incident:
    return Incident(**{name: row._mapping[name] for name in Incident.__dataclass_fields__})
