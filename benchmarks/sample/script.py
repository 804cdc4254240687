"""Reads `posts-*.txt`, the museum's voice in a form that is easy to write.

## 2016-06-03 18:00 fr key=crue2 re=crue1 likes=4      date, time (UTC), language, facts
Text. {https://…} is a link, {>crue1} a link to an own post, {quote} a link to somebody's post,
{media} where the media link stands if not at the end, @name a mention, #tag a hashtag.
+ river flood                                          a picture: subject, word; `missing` = not in the zip
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HEAD = re.compile(r"## (\d{4}-\d\d-\d\d \d\d:\d\d) (\w+)(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    subject: str
    word: str
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One post as written down; `facts` holds what follows the language (`key`, `re`, `likes`, ...)."""

    number: int  #: place in the script, from 0
    at: datetime
    language: str
    text: str
    facts: dict[str, str]
    pictures: tuple[Picture, ...]

    @property
    def key(self) -> str:
        return self.facts.get("key", f"#{self.number}")


def pictures(lines: list[str]) -> Iterator[Picture]:
    for line in lines:
        subject, word, *rest = line.removeprefix("+ ").split()
        yield Picture(subject=subject, word=word, missing="missing" in rest)


def entry(number: int, block: str) -> Entry:
    head, _, body = block.partition("\n")
    match = HEAD.fullmatch(head.strip())
    if match is None:
        raise ValueError(f"Not a heading: {head!r}")
    facts = {}
    for fact in match[3].split():
        name, _, value = fact.partition("=")
        facts[name] = f"#{number - 1}" if value == "#0" else value
    lines = body.rstrip("\n").split("\n")
    text = "\n".join(line for line in lines if not line.startswith("+ ")).strip()
    return Entry(
        number=number,
        at=datetime.strptime(match[1], "%Y-%m-%d %H:%M").replace(tzinfo=UTC),
        language=match[2],
        text=text,
        facts=facts,
        pictures=tuple(pictures([line for line in lines if line.startswith("+ ")])),
    )


def entries() -> list[Entry]:
    here = Path(__file__).parent
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(here.glob("posts-*.txt")))
    blocks = re.split(r"(?m)^(?=## \d)", text)
    return [entry(number, block) for number, block in enumerate(block for block in blocks if block.strip())]
