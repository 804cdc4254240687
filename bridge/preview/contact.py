"""The contact sheet: pictures that want a description, on one page, with room to write.

The page works from disk and offline. What is written into it stays in that browser until it is saved as CSV,
which `passerelle alt import` reads. Without JavaScript it is a list to look at, beside the CSV worklist.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO

from markupsafe import Markup

from bridge.preview.markup import environment, policy, resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture. `picture`: a JPEG, or None where there is nothing to show."""

    post_id: str
    index: int  #: from 1, within its post
    date: str
    text: str
    language: str | None
    url: str | None
    file: str
    kind: str
    picture: bytes | None
    alt: str
    draft: str

    @property
    def source(self) -> str:
        return "data:image/jpeg;base64," + base64.b64encode(self.picture or b"").decode()


def write_sheet(stream: TextIO, frames: Iterable[Frame], *, owner: str | None, limit: int) -> None:
    """Streams, so that a thousand pictures need no more memory than one."""
    style = resource("templates", "page.css") + resource("templates", "contact.css")
    script = resource("templates", "contact.js")
    template = environment().from_string(resource("templates", "contact.html.j2"))
    given = {
        "style": Markup(style),  # noqa: S704 - our own file
        "script": Markup(script),  # noqa: S704 - our own file
        "policy": policy(style, script, pictures="data:"),
        "frames": frames,
        "owner": owner,
        "limit": limit,
    }
    for piece in template.stream(given):
        stream.write(piece)
