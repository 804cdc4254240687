"""From settings to the frozen values that the core declares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from bridge.config.settings import Alt, MediaTable, Mentions, OnThisDay, Pacing, Render, Select, XApi
from bridge.fitting import Wanted
from bridge.pacing import Blackout, Pace
from bridge.pacing.anniversary import Memories
from bridge.posts import Audience, Kind
from bridge.rendering.options import RenderOptions
from bridge.selection import OPEN_AUDIENCES, Rules
from bridge.sources.twitter_api.money import DOLLAR, Prices
from bridge.statuses import Visibility


def rules(select: Select) -> Rules:
    closed = {Audience(name) for name in select.include if name != "gone"}
    return Rules(
        since=select.since,
        until=select.until,
        ids=frozenset(select.ids),
        kinds=frozenset(select.kinds),
        audiences=OPEN_AUDIENCES | closed,
        languages=frozenset(select.languages),
        grep=select.grep,
        hashtags=frozenset(select.hashtags),
        has=frozenset(select.has),
        min_likes=select.min_likes,
        limit=select.limit,
        gone="gone" in select.include,
    )


def asked(select: Mapping[str, Any]) -> Rules:
    """The rules of one layer by itself, whatever the kind of a post is unless it says so."""
    return rules(Select.model_validate({"kinds": tuple(Kind), **select}))


def options(render: Render, alt: Alt, mentions: Mentions | None = None) -> RenderOptions:
    return RenderOptions(
        visibility=Visibility(render.visibility),
        date_stamp=render.date_stamp,
        locale=render.locale,
        timezone=ZoneInfo(render.timezone) if render.timezone else None,
        numbering=render.numbering,
        too_long=render.too_long,
        mentions=render.mentions,
        notify=(mentions or Mentions()).notify,
        dead_links=render.dead_links,
        content_warnings=tuple(render.content_warnings.items()),
        alt_missing=alt.missing,
        alt_too_long=alt.too_long,
    )


def pace(pacing: Pacing, render: Render) -> Pace:
    """Hours and days are those of `render.timezone`; without one, of this machine."""
    hours = None
    if pacing.hours:
        first, last = pacing.hours.split("-")
        hours = (int(first), int(last))
    return Pace(
        per_hour=pacing.per_hour,
        per_day=pacing.per_day,
        hours=hours,
        blackout=tuple(map(Blackout.parse, pacing.blackout)),
        live_waits=pacing.blackout_live == "wait",
        tz=zone(render),
        max_posts=pacing.max_posts,
        max_seconds=pacing.max_duration,
    )


def memories(table: OnThisDay, render: Render) -> Memories | None:
    """None: nothing comes back. Days and times are those of `render.timezone`, as for the pace."""
    if not table.enabled:
        return None
    return Memories(
        at=time.fromisoformat(table.at),
        most=table.max_per_day,
        least_likes=table.min_likes,
        visibility=Visibility(render.visibility),
        tz=zone(render),
    )


def wanted(media: MediaTable, *, films: bool) -> Wanted:
    return Wanted(too_big=media.too_big, strip_metadata=media.strip_metadata, films=films)


def zone(render: Render) -> tzinfo:
    return ZoneInfo(render.timezone) if render.timezone else datetime.now(UTC).astimezone().tzinfo or UTC


def prices(table: XApi) -> tuple[Prices, int]:
    """And what a month may cost, all in millionths of a dollar."""
    post, own, user, most = (
        round(usd * DOLLAR)
        for usd in (table.usd_per_post, table.usd_per_own_post, table.usd_per_user, table.max_usd_per_month)
    )
    return Prices(own_post=own, post=post, user=user), most
