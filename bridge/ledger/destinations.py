"""The accounts that posts are carried to: what is known of each, and which process works on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa

from bridge.errors import LedgerError, Locked
from bridge.ledger import documents
from bridge.ledger.database import Row, Store
from bridge.ledger.owner import Owner, alive
from bridge.ledger.rows import DestinationRow, Hold
from bridge.ledger.tables import destinations
from bridge.statuses import Limits

# Built once: it is run twice for every status. What it sets is named by its parameters.
_HELD = sa.update(destinations).where(
    destinations.c.account == sa.bindparam("of"), destinations.c.holder == sa.bindparam("by")
)


class Destinations(Store):
    def open_destination(self, account: str, *, now: datetime, remote_account_id: str | None = None) -> None:
        """Make sure that the account has its row; idempotent."""
        with self._database.write() as connection:
            row = {"account": account, "opened_at": now}
            self._database.upsert(connection, destinations, [row], update=False)
            if remote_account_id is not None:
                _change(connection, account, remote_account_id=remote_account_id)

    def destination(self, account: str) -> DestinationRow | None:
        with self._database.read() as connection:
            row = connection.execute(
                sa.select(destinations).where(destinations.c.account == account)
            ).one_or_none()
        return None if row is None else _destination(row)

    def destinations(self) -> list[DestinationRow]:
        with self._database.read() as connection:
            rows = connection.execute(sa.select(destinations).order_by(destinations.c.account))
            return [_destination(row) for row in rows]

    def save_limits(self, account: str, limits: Limits) -> None:
        with self._database.write() as connection:
            _change(connection, account, limits=documents.encode(limits))

    def save_budget(self, account: str, budget: Mapping[str, object]) -> None:
        with self._database.write() as connection:
            _change(connection, account, budget=documents.encode(budget))

    def pause(self, account: str, reason: str | None) -> None:
        """Nothing is to be sent until a person has seen to it; None: go on."""
        with self._database.write() as connection:
            _change(connection, account, paused_reason=reason)

    def paused(self, account: str) -> str | None:
        with self._database.read() as connection:
            return connection.scalar(
                sa.select(destinations.c.paused_reason).where(destinations.c.account == account)
            )

    def proposed(self, destination: str, source: str) -> str | None:
        """The stamp of what was last proposed: an equal one makes proposing again needless."""
        with self._database.read() as connection:
            stamp = _stamps(connection, destination).get(source)
        return stamp if isinstance(stamp, str) else None

    def save_proposed(self, destination: str, source: str, stamp: str | None) -> None:
        with self._database.write() as connection:
            lock_account(connection, destination)
            stamps = {**_stamps(connection, destination), source: stamp}
            _change(connection, destination, proposed=documents.encode(stamps))

    def hold(self, account: str, *, owner: Owner, now: datetime, seconds: float) -> Hold:
        """Take the account for one process. Raises Locked while another one that may live has it.

        A process that is known to have ended is replaced at once; one that cannot be asked, being on another
        machine, when its hold has run out. One that lives is never replaced, however late it is: it may have
        a request under way.
        """
        with self._database.write() as connection:
            lock_account(connection, account)
            row = connection.execute(sa.select(destinations).where(destinations.c.account == account)).one()
            if row.holder is not None and row.holder_owner is not None:
                check_free(account, documents.decode_owner(row.holder_owner), until=row.held_until, now=now)
            hold = Hold(account=account, token=uuid4().hex, owner=owner, seconds=seconds)
            held_until = now + timedelta(seconds=seconds)
            encoded = documents.encode(owner)
            _change(connection, account, holder=hold.token, holder_owner=encoded, held_until=held_until)
        return hold

    def renew(self, hold: Hold, *, now: datetime) -> None:
        """Raises Locked when the hold is lost."""
        with self._database.write() as connection:
            extend(connection, hold, now=now)

    def renew_all(self, holds: Iterable[Hold], *, now: datetime) -> set[str]:
        """In one transaction; says which accounts are lost to others."""
        lost = set()
        with self._database.write() as connection:
            for hold in holds:
                try:
                    extend(connection, hold, now=now)
                except Locked:
                    lost.add(hold.account)
        return lost

    def release(self, hold: Hold) -> None:
        """Let others work on the account; a hold that was lost is nothing to give back."""
        with self._database.write() as connection:
            connection.execute(
                sa.update(destinations)
                .where(destinations.c.account == hold.account, destinations.c.holder == hold.token)
                .values(holder=None, holder_owner=None, held_until=None)
            )


def lock_account(connection: sa.Connection, account: str) -> None:
    """From here to the end of the transaction nobody else claims or plans for the account."""
    statement = sa.select(destinations.c.account).where(destinations.c.account == account).with_for_update()
    if connection.scalar(statement) is None:
        raise unknown_account(account)


def forget_proposals(connection: sa.Connection, account: str) -> None:
    """The next run makes its plan anew: rows have changed in a way that no stamp tells."""
    _change(connection, account, proposed="{}")


def extend(connection: sa.Connection, hold: Hold, *, now: datetime, **values: datetime | str) -> None:
    """Lock the row of the account and prolong the hold, which must still be ours."""
    held = {"of": hold.account, "by": hold.token, "held_until": now + timedelta(seconds=hold.seconds)}
    done = connection.execute(_HELD, {**held, **values})
    if done.rowcount == 0:
        raise Locked(
            f"Another run has taken over {hold.account}.",
            hint="See `passerelle status`, and run one at a time.",
        )


def unknown_account(account: str) -> LedgerError:
    return LedgerError(f"The ledger does not know the account {account}.", hint="See `passerelle accounts`.")


def check_free(account: str, owner: Owner, *, until: datetime, now: datetime) -> None:
    """Raises Locked while that owner of it lives, or may."""
    living = alive(owner)
    if living is False or (living is None and until <= now):
        return
    way_out = "Wait until it has finished, or stop it; its place is then taken over at once."
    if living is None:
        way_out = f"Unless it reports back, its place is free at {until:%Y-%m-%d %H:%M:%S} UTC."
    raise Locked(
        f"{owner} is working on {account} (its hold lasts until {until:%H:%M:%S} UTC).", hint=way_out
    )


def _change(connection: sa.Connection, account: str, **values: object) -> None:
    changed = connection.execute(
        sa.update(destinations).where(destinations.c.account == account).values(**values)
    )
    if changed.rowcount == 0:
        raise unknown_account(account)


def _stamps(connection: sa.Connection, account: str) -> dict[str, object]:
    text = connection.scalar(sa.select(destinations.c.proposed).where(destinations.c.account == account))
    return documents.decode_object(text) if text else {}


def _destination(row: Row) -> DestinationRow:
    return DestinationRow(
        account=row.account,
        remote_account_id=row.remote_account_id,
        limits=documents.decode_limits(row.limits) if row.limits else None,
        budget=documents.decode_object(row.budget) if row.budget else None,
        paused_reason=row.paused_reason,
        holder=documents.decode_owner(row.holder_owner) if row.holder_owner else None,
        held_until=row.held_until,
        claimed_at=row.claimed_at,
    )
