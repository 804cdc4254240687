"""`preview --html`: one file that works from disk, offline, on paper, and at first without JavaScript.

The posts lie in it as data (`records`), drawn by the page's own script; everything that others wrote is
escaped or set as text, and a strict content security policy lets nothing else run.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from bridge.engine.forecast import SECONDS_EACH
from bridge.engine.propose import Proposed, Wish
from bridge.posts import Media, Post
from bridge.preview.charts import KINDS, bar, months_chart, schedule_chart
from bridge.preview.languages import DESK, words
from bridge.preview.markup import environment, policy, resource
from bridge.preview.plan import Preview
from bridge.preview.records import Record, encoded, filled, quote_of, record, told
from bridge.selection import OPTIONS, OWN_KINDS, Rules

PLAIN = 2_000_000  # characters of posts, up to which a page holds them as they are: for any browser
FIRST = 25  # posts that are drawn here: what is seen without JavaScript, and on paper
Pictures = Callable[[Media], str | None]
_PICTURES = "data: 'self' file:"  # `file:` for a page beside its folder of small pictures
_DAYS = 3660  # ahead that the page knows the days without a status


@dataclass(kw_only=True)
class Setting:
    """What the page should know besides the posts. `options`: words to repeat behind `passerelle publish`."""

    wish: Wish = field(default_factory=Wish)
    language: str = "en"
    options: Sequence[str] = ()
    pictures: Pictures = lambda _: None
    face: str | None = None  #: address of the account's picture


class PreviewPage:
    """A sink for every post; `html` makes the page once the preview is complete."""

    def __init__(self, setting: Setting | None = None) -> None:
        self._setting = setting or Setting()
        self._words = words(self._setting.language)
        self._records: list[str] = []
        self._first: list[Record] = []
        self._told: dict[str, Record] = {}
        self._carried = 0
        self._months: dict[tuple[int, int], Counter[str]] = {}
        self._held: Counter[str] = Counter()

    def __call__(self, proposed: Proposed) -> None:
        made = record(proposed, self._thumbnails(proposed))
        self._records.append(encoded(made))
        if made["s"] == "hold":
            self._held[proposed.reason or "review"] += 1
        if made["s"] != "skip":
            self._carried += 1
            if len(self._first) < FIRST and made.get("p"):
                self._first.append(filled(made, proposed, self._told.get(quote_of(made) or "")))
                if proposed.post is not None:
                    self._told[proposed.post_id] = told(proposed.post)
        if proposed.post is not None:
            self._count(proposed.post, made["s"])

    def write(self, path: Path, preview: Preview) -> None:
        path.write_text(self.html(preview), encoding="utf-8")

    def html(self, preview: Preview) -> str:
        style = resource("templates", "page.css") + resource("templates", "preview.css")
        script = resource("templates", "preview.js")
        packing, records = _packed(self._records)
        said = self._words
        return (
            environment()
            .from_string(resource("templates", "preview.html.j2"))
            .render(
                **self._facts(preview),
                w=said,
                style=Markup(style),  # noqa: S704 -- our own file
                script=Markup(script),  # noqa: S704 -- our own file
                policy=policy(style, script, pictures=_PICTURES),
                facts=Markup(_safe(self._for_script(preview))),  # noqa: S704 -- no `<` is left in it
                packing=packing,
                records=Markup(records),  # noqa: S704 -- no `<` is left in them
                cards=self._first,
                total=self._carried,
                months=months_chart(self._months, said) if self._months else None,
                schedule=schedule_chart(preview.schedule, preview.tally.statuses, said),
                bar=bar,
            )
        )

    def _facts(self, preview: Preview) -> dict[str, Any]:
        data, said = preview.data, self._words
        source = data["source"]
        title = said("page.title", owner=f"@{source['owner']}") if source["owner"] else said("page.untitled")
        span = ""
        if source["first"]:
            first, last = (said.day(datetime.fromisoformat(source[end])) for end in ("first", "last"))
            span = said("page.span", first=first, last=last)
        return {
            "data": data,
            "preview": preview,
            "title": title,
            "span": span,
            "made": said.moment(preview.schedule.start),
            "options": OPTIONS,
            "left": sum(skip["posts"] for skip in data["skip"]),
            "held": self._held.most_common(),
            "most": max((each["posts"] for each in data["warnings"]), default=1),
            "rule": preview.schedule.rule or "none",
            "kinds": KINDS,
            "years": sorted({year for year, _ in self._months}),
            "max_characters": self._setting.wish.limits.max_characters,
            "by": self._owner(preview),
        }

    def _for_script(self, preview: Preview) -> dict[str, Any]:
        wish = self._setting.wish
        return {
            "tag": self._words.tag,
            "words": {key: said for key, said in self._words.table.items() if not _of_the_desk(key)},
            "max": wish.limits.max_characters,
            "start": preview.schedule.start.timestamp(),
            "windows": [(each.name, each.limit, each.seconds, each.aligned) for each in wish.limits.windows],
            "each": SECONDS_EACH,
            "perHour": wish.pace.per_hour,
            "perDay": wish.pace.per_day,
            "openHours": (wish.pace.hours[1] - wish.pace.hours[0]) % 24 if wish.pace.hours else None,
            "shut": wish.pace.shut(preview.schedule.start.timestamp(), days=_DAYS),
            "options": list(self._setting.options),
            "narrowed": _narrowed(wish.rules),
            "posts": preview.data["publish"]["posts"],
            "duration": self._words.duration(preview.schedule.seconds),
            **self._owner(preview) | {"face": self._setting.face is not None},
        }

    def _owner(self, preview: Preview) -> dict[str, Any]:
        owner = preview.source.owner if preview.source else None
        handle = owner.handle if owner else None
        name = (owner.name if owner else None) or handle or ""
        shown = {"name": name, "handle": handle, "initial": name[:1].upper() or "?"}
        return {**shown, "face": self._setting.face}

    def _thumbnails(self, proposed: Proposed) -> dict[int, str]:
        if proposed.post is None or proposed.rendering is None:
            return {}
        wanted = {medium.position for draft in proposed.rendering.drafts for medium in draft.media}
        media = proposed.post.media
        shown = {at: self._setting.pictures(media[at]) for at in sorted(wanted) if at < len(media)}
        return {at: address for at, address in shown.items() if address}

    def _count(self, post: Post, state: str) -> None:
        at = post.created_at.astimezone(UTC)
        month = self._months.setdefault((at.year, at.month), Counter())
        month["skipped" if state == "skip" else post.kind.value] += 1


def _packed(records: Sequence[str]) -> tuple[str, str]:
    """Type and text of the element that holds the posts. Many are compressed: a browser is sooner through
    with unpacking them than with reading four times as much, and a file of 5 MB can be sent by mail."""
    whole = "[" + ",\n".join(records) + "]"
    if len(whole) <= PLAIN:
        return "application/json", whole
    packed = gzip.compress(whole.encode(), compresslevel=6, mtime=0)
    return "application/gzip", base64.b64encode(packed).decode()


def _of_the_desk(key: str) -> bool:
    return key.partition(".")[0] in DESK


def _narrowed(rules: Rules) -> list[str]:
    """Options that a filter of the page must not give once more: the rules have them already."""
    given = {
        "--since": rules.since, "--until": rules.until, "--grep": rules.grep, "--has": rules.has,
        "--min-likes": rules.min_likes, "--kind": rules.kinds != OWN_KINDS,
    }  # fmt: skip
    return [flag for flag, value in given.items() if value]


def _safe(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
