"""Every setting there is, with its default: the shape of `config.toml` and of `PASSERELLE_...`.

`[select]`, `[render]`, `[pace]` and `[watch]` hold for all mirrors; a mirror's own tables of those names
refine them. Nothing below this package sees these classes: `bridge.config.values` turns them into the frozen
values that the core declares.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, get_args
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveInt,
    SecretStr,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from bridge.operation.address import Address
from bridge.pacing.calendar import Blackout, leave_a_day
from bridge.posts import Kind


def _listed(value: object) -> object:
    """From the environment a list may come as `a,b` or as JSON."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


def _moment(value: object) -> object:
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{value!r} is not a date such as 2012-01-31") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value


def _ending(value: object) -> object:
    """The first instant that is left out: a day without a time is meant whole."""
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            return _moment(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time()) + timedelta(days=1)
    return value


def _aware(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _compiles(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"{value!r} is not a time zone such as Europe/Paris")
    return value


def _hours(value: str) -> str:
    found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", value)
    if not found or not all(0 <= int(hour) <= 24 for hour in found.groups()) or found[1] == found[2]:
        raise ValueError(f"{value!r} is not a span of hours such as 9-18")
    return value


def _days(value: object) -> object:
    """TOML has days of its own; a span of them is text."""
    listed = _listed(value)
    if not isinstance(listed, list):
        return listed
    return [str(each) if type(each) is date else each for each in listed]


def _some_day_is_left(value: tuple[str, ...]) -> tuple[str, ...]:
    if not leave_a_day(map(Blackout.parse, value)):
        raise ValueError("no day of the year is left on which something could be published")
    return value


def _time_of_day(value: object) -> object:
    """TOML has times of day of its own."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError(f"{value!r} is not a time of day such as 10:00")
    return value


def _address(value: str) -> str:
    return str(Address.parse(value))


def _secrets(value: object) -> object:
    """From the environment: apart by blanks, since these addresses may have commas in them, or as JSON."""
    if not isinstance(value, str):
        return value
    return json.loads(value) if value.lstrip().startswith("[") else value.split()


_UNITS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}


def _seconds(value: object) -> object:
    """Seconds, or a duration such as `90m`, `2h`, `1d 6h`."""
    if not isinstance(value, str):
        return value
    parts = re.findall(r"(\d+)\s*([a-z]*)", value.lower())
    if (
        not parts
        or re.sub(r"(\d+)\s*([a-z]*)|\s", "", value.lower())
        or any(u not in _UNITS for _, u in parts)
    ):
        raise ValueError(f"{value!r} is not a duration such as 90m, 2h or 1d")
    return sum(int(amount) * _UNITS[unit] for amount, unit in parts)


Listed = BeforeValidator(_listed)
Moment = Annotated[datetime, BeforeValidator(_moment), AfterValidator(_aware)]
Ending = Annotated[datetime, BeforeValidator(_ending), AfterValidator(_aware)]
Seconds = Annotated[int, BeforeValidator(_seconds), Field(ge=0)]
Pattern = Annotated[str, AfterValidator(_compiles)]
Zone = Annotated[str, AfterValidator(_zone)]
Hours = Annotated[str, AfterValidator(_hours)]
Clock = Annotated[str, BeforeValidator(_time_of_day)]
Words = Annotated[tuple[str, ...], Listed]
Blackouts = Annotated[tuple[str, ...], BeforeValidator(_days), AfterValidator(_some_day_is_left)]
Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_secrets)]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Select(Table):
    """Which posts are carried. A rule keeps or drops a thread whole."""

    since: Moment | None = None
    until: Ending | None = None
    ids: Words = ()
    kinds: Annotated[tuple[Kind, ...], Listed] = (Kind.ORIGINAL, Kind.THREAD, Kind.QUOTE)
    include: Annotated[tuple[Literal["circle", "deleted", "gone"], ...], Listed] = ()
    languages: Words = ()
    grep: Pattern | None = None
    hashtags: Words = ()
    has: Annotated[tuple[Literal["image", "video", "link"], ...], Listed] = ()
    min_likes: Annotated[int, Field(ge=0)] | None = None
    limit: PositiveInt | None = None


class Render(Table):
    """How a post reads at its destination."""

    visibility: Literal["public", "unlisted", "private"] = "unlisted"
    date_stamp: Literal["auto", "none", "prefix", "suffix"] = "auto"
    locale: str | None = None
    timezone: Zone | None = None
    numbering: Literal["auto", "none"] = "auto"
    too_long: Literal["thread", "note", "skip"] = "thread"
    mentions: Literal["handle", "link", "plain"] = "handle"
    handles: Path | None = None
    dead_links: Literal["keep", "archive"] = "keep"
    content_warnings: dict[str, str] = {}


class Mentions(Table):
    """Whether people in handles.csv are notified of live posts; those of a back catalogue never notify."""

    notify: bool = False


class Alt(Table):
    """Descriptions of pictures, for people who do not see them."""

    missing: Literal["warn", "hold"] = "warn"
    too_long: Literal["cut", "reply"] = "cut"
    command: str | None = None


class Pacing(Table):
    """How fast: on top of the server's own limits, which always hold."""

    per_hour: PositiveInt | None = None
    per_day: PositiveInt | None = None
    hours: Hours | None = None
    blackout: Blackouts = ()
    blackout_live: Literal["wait", "publish"] = "wait"
    max_posts: PositiveInt | None = None
    max_duration: Seconds | None = None


class Live(Table):
    """How what is written now is mirrored. `visibility` None: as `render.visibility` says."""

    visibility: Literal["public", "unlisted", "private"] | None = None
    fresh: Seconds = 86_400
    fetch_media: bool = True
    edits: Literal["edit", "reply", "ignore"] = "edit"
    deletions: Literal["delete", "mark", "ignore"] = "mark"
    max_deletes_per_day: Annotated[int, Field(ge=0)] = 10
    mark: Annotated[str, Field(min_length=1, max_length=100)] = "Deleted by its author"
    profile: bool = False


class Watch(Live):
    """How sources are asked for news; seconds. `metrics_addr`: where figures are served, nowhere if None."""

    interval: Annotated[int, BeforeValidator(_seconds), Field(ge=10)] = 120
    longest_interval: Annotated[int, BeforeValidator(_seconds), Field(ge=10)] = 3600
    host_gap: Seconds = 2
    metrics_addr: Annotated[str, AfterValidator(_address)] | None = None


Event = Literal["login", "budget", "source", "server", "failures", "stopped", "digest"]


class Notify(Table):
    """Whom `watch` tells when a person is needed. `urls`: Apprise's, which hold secrets."""

    command: str | None = None
    urls: Secrets = ()
    events: Annotated[tuple[Event, ...], Listed] = get_args(Event)
    dead_after: Annotated[int, BeforeValidator(_seconds), Field(ge=60)] = 21_600
    failures: PositiveInt = 5
    digest_day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = (
        "monday"
    )


class OnThisDay(Table):
    """What was written on the day of an earlier year comes back. `min_likes` None: only what is pinned."""

    enabled: bool = False
    at: Clock = "10:00"
    max_per_day: PositiveInt = 1
    min_likes: Annotated[int, Field(ge=0)] | None = None


class Ledger(Table):
    url: str | None = None


class Review(Table):
    """`required`: nothing is published that a person has not approved as it reads now."""

    required: bool = False


class Publish(Table):
    """How a destination is spoken to; seconds, but for `patience`, which counts."""

    grace: Seconds = 150
    timeout: Annotated[int, BeforeValidator(_seconds), Field(gt=0)] = 120
    patience: Annotated[int, Field(ge=0)] = 8


class MediaTable(Table):
    """What is done with files before they go up. `too_big`: what a server would not take as it is."""

    too_big: Literal["fit", "link", "hold", "skip"] = "fit"
    strip_metadata: bool = True
    cache_mb: Annotated[int, Field(ge=0)] = 2000
    fetch_missing: bool = False
    fetch_mb: Annotated[int, Field(ge=1, le=500)] = 100


class XApi(Table):
    """Reading by X's own API, which bills it. Dollars; prices as of August 2026."""

    max_usd_per_month: Annotated[float, Field(ge=0, le=1_000_000)] = 5.0
    usd_per_post: Annotated[float, Field(ge=0, le=100)] = 0.005
    usd_per_own_post: Annotated[float, Field(ge=0, le=100)] = 0.005
    usd_per_user: Annotated[float, Field(ge=0, le=100)] = 0.010
    deletions_days: Annotated[int, Field(ge=0, le=60)] = 3
    server: Annotated[str, Field(pattern=r"^https?://[^\s/]+/?$")] = "https://api.x.com"
    callback_port: Annotated[int, Field(ge=1024, le=65535)] = 8722


class SourceTable(Table):
    """`account`: whose posts are meant, where that is not plain from the files or the address of the feed."""

    type: Literal["twitter-archive", "export", "feed", "x-api"] = "twitter-archive"
    paths: Annotated[tuple[Path, ...], Listed] = ()
    urls: Annotated[tuple[Annotated[str, Field(pattern=r"^https?://[^\s/]")], ...], Listed] = ()
    account: Annotated[str, Field(pattern=r"^(@?[A-Za-z0-9_]{1,20}|\d+)$")] | None = None

    @model_validator(mode="after")
    def _has_its_place(self) -> SourceTable:
        if self.type == "x-api":
            if not self.account or self.urls or self.paths:
                raise ValueError("a source of type 'x-api' has an `account`, and neither `paths` nor `urls`")
            return self
        wanted, other = ("urls", "paths") if self.type == "feed" else ("paths", "urls")
        if not getattr(self, wanted) or getattr(self, other):
            raise ValueError(f"a source of type {self.type!r} has `{wanted}`, and no `{other}`")
        return self


class Destination(Table):
    type: Literal["mastodon"] = "mastodon"
    account: Annotated[str, Field(pattern=r"^@[^@\s]+@[^@\s/]+$")]
    server: Annotated[str, Field(pattern=r"^https?://[^\s/]+/?$")] | None = None


class Mirror(Table):
    sources: Annotated[tuple[str, ...], Listed, Field(min_length=1)]
    destination: str
    select: Select = Select()
    render: Render = Render()
    pace: Pacing = Pacing()
    watch: Live = Live()
    on_this_day: OnThisDay = OnThisDay()


class Settings(BaseSettings):
    """All of it. Built by `bridge.config.load`, which knows the layers; read once, in `bridge.app`."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix="PASSERELLE_",
        env_nested_delimiter="__",
        enable_decoding=False,
    )

    ledger: Ledger = Ledger()
    publish: Publish = Publish()
    media: MediaTable = MediaTable()
    select: Select = Select()
    render: Render = Render()
    alt: Alt = Alt()
    mentions: Mentions = Mentions()
    review: Review = Review()
    pace: Pacing = Pacing()
    x_api: XApi = XApi()
    watch: Watch = Watch()
    on_this_day: OnThisDay = OnThisDay()
    notify: Notify = Notify()
    sources: dict[str, SourceTable] = {}
    destinations: dict[str, Destination] = {}
    mirrors: dict[str, Mirror] = {}
