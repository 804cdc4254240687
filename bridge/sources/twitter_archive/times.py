"""When a tweet was written: ids since November 2010 carry their millisecond, older ones only a number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bridge.posts import Precision

FIRST_SNOWFLAKE = 29_700_859_247  #: 4 November 2010; smaller ids are a plain sequence
_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)  #: 1288834974657 ms
_MONTHS = {
    name: n
    for n, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
_MAX_ID = (1 << 63) - 1


def snowflake_time(number: int) -> datetime | None:
    if not FIRST_SNOWFLAKE <= number <= _MAX_ID:
        return None
    seconds, milliseconds = divmod(number >> 22, 1000)
    return _EPOCH + timedelta(0, seconds, milliseconds * 1000)


def id_before(moment: datetime) -> int:
    """The greatest id that is of no post written at that instant or later; 0: ids told no time then."""
    return max(0, (((moment - _EPOCH) // timedelta(milliseconds=1)) << 22) - 1)


def parse_time(text: str) -> datetime | None:
    """`Sat Dec 23 06:51:52 +0000 2006`, `2018-06-18 16:45:30 +0000` or ISO 8601; always told in UTC."""
    try:
        if text[3:4] == " ":
            month = _MONTHS[text[4:7]]
            return datetime(
                int(text[-4:]), month, int(text[8:10]), int(text[11:13]), int(text[14:16]), int(text[17:19]),
                tzinfo=UTC,
            )  # fmt: skip
        moment = datetime.fromisoformat(text.replace(" +", "+", 1))
    except (ValueError, KeyError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def written_at(number: int, created_at: str | None) -> tuple[datetime, Precision] | None:
    """The id's own time where it has one, else what the file says: for G2 before 2010-11 a bare day."""
    moment = snowflake_time(number)
    if moment is not None:
        return moment, Precision.MILLISECOND
    stated = parse_time(created_at) if created_at else None
    if stated is None:
        return None
    bare = created_at is not None and created_at[4:5] == "-" and created_at[11:19] == "00:00:00"
    return stated, Precision.DAY if bare else Precision.SECOND
