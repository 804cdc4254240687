"""The contact sheet: pictures that want a description, on one page, with room to write.

The page works from disk and offline. What is written into it stays in that browser until it is saved as CSV,
which `passerelle alt import` reads. Without JavaScript it is a list to look at, beside the CSV worklist.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO

from markupsafe import Markup

from bridge.preview.page import environment, resource


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
    style, script = resource("page.css") + resource("contact.css"), resource("contact.js")
    template = environment().from_string(resource("contact.html.j2"))
    given = {
        "style": Markup(style),  # noqa: S704 - our own file
        "script": Markup(script),  # noqa: S704 - our own file
        "policy": _policy(style, script),
        "frames": frames,
        "owner": owner,
        "limit": limit,
    }
    for piece in template.stream(given):
        stream.write(piece)


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; script-src '{_hash(script)}';"
        " base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
