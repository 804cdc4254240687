"""Jinja2 with escaping on, and the headers that go with a page."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from urllib.parse import urlsplit

import jinja2


@cache
def environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("bridge.sandbox"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **values: object) -> bytes:
    return environment().get_template(template).render(style=style(), **values).encode()


@cache
def style() -> str:
    """The pages' own style sheet, put into each page."""
    return environment().get_template("style.css").render()


@cache
def _style_hash() -> str:
    return base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()


def headers(*, form: str = "") -> tuple[tuple[str, str], ...]:
    """Nothing from elsewhere, no scripts at all; `form` may be sent on to that address."""
    target = urlsplit(form)
    # Browsers hold a form's redirect against form-action too.
    onward = f" {target.scheme}://{target.netloc}" if target.scheme in {"http", "https"} else ""
    policy = (
        f"default-src 'none'; style-src 'sha256-{_style_hash()}'; img-src 'self'; media-src 'self'; "
        f"form-action 'self'{onward}; base-uri 'none'; frame-ancestors 'none'"
    )
    return (
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
    )
