"""Where one link leads: through the shorteners to the first address that is none, and whether that is there.

Only shorteners are undone; where a site itself sends its readers on to is its own business. The old network
answers programs by a redirect, browsers by a page that says where to go.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urljoin

from bridge.engine.manners import RestingError, host_of
from bridge.errors import NetworkError
from bridge.ledger.links import LinkState
from bridge.media.fetch import NoAddressError
from bridge.sources.web import Reply

SHORTENERS = frozenset(
    {
        "t.co", "bit.ly", "bitly.com", "j.mp", "ow.ly", "buff.ly", "goo.gl", "tinyurl.com", "dlvr.it",
        "fb.me", "is.gd", "v.gd", "tr.im", "cli.gs", "lnkd.in", "wp.me", "ift.tt", "twurl.nl", "su.pr",
        "shar.es", "adf.ly", "post.ly", "mcaf.ee", "trib.al", "amzn.to", "nyti.ms", "bbc.in", "gu.com",
        "lemde.fr", "owl.li", "ht.ly", "snipurl.com", "rebrand.ly", "cutt.ly", "qr.ae", "flic.kr",
    }
)  # fmt: skip
_HOPS = 8
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NO_HEAD = frozenset({400, 403, 404, 405, 410, 500, 501, 503})  # may be about the question, not the page
_GONE = frozenset({404, 410})
_REFRESH = re.compile(
    rb"""<meta[^>]+http-equiv=["']?refresh["']?[^>]+content=["'][^"']*?url=\s*([^"'\s>]+)""", re.IGNORECASE
)


class Hop(Protocol):
    """One guarded step that is not redirected. Raises NetworkError when there is no answer, `RestingError`
    when the server wants to be left alone."""

    def __call__(self, url: str, *, method: str = "HEAD") -> Reply: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Led:
    """`final`: None where the address is no short one, or its shortener does not say. `unnamed`: it is gone
    because nobody knows the server's name, which a machine that is not online believes of every name."""

    state: LinkState
    final: str | None = None
    unnamed: bool = False


def is_short(url: str, shorteners: frozenset[str] = SHORTENERS) -> bool:
    return host_of(url) in shorteners


def lead(url: str, hop: Hop, *, short: Callable[[str], bool] = is_short) -> Led:
    """Raises `RestingError`."""
    here, final = url, None
    for _ in range(_HOPS):
        try:
            reply = _reply(here, hop, short=short(here))
        except NoAddressError:
            return Led(state=LinkState.GONE, final=final, unnamed=True)
        except RestingError:
            raise
        except NetworkError:
            return Led(state=LinkState.FAILED, final=final)
        onward = _onward(here, reply, short=short(here))
        if onward is None:
            return Led(state=_state(reply), final=final)
        if final is None and short(here) and not short(onward):
            final = onward
        here = onward
    return Led(state=LinkState.FAILED, final=final)


def _reply(url: str, hop: Hop, *, short: bool) -> Reply:
    """HEAD first; what it says against the page is asked again as a reader would."""
    reply = hop(url)
    if reply.status in _NO_HEAD or (short and reply.status == 200):
        reply = hop(url, method="GET")
    if reply.status == 503:
        raise RestingError(f"{host_of(url)} wants to be left alone.")
    return reply


def _onward(url: str, reply: Reply, *, short: bool) -> str | None:
    target = reply.headers.get("location") if reply.status in _REDIRECTS else None
    if target is None and short and reply.status == 200 and (found := _REFRESH.search(reply.body)):
        target = html.unescape(found[1].decode("utf-8", "replace"))
    if not target:
        return None
    try:
        onward = urljoin(url, target)
    except ValueError:
        return None
    return onward if re.match(r"https?://[^\s/]+", onward, re.IGNORECASE) and " " not in onward else None


def _state(reply: Reply) -> LinkState:
    """A page that is only for some, or broken today, is there."""
    if reply.status in _GONE:
        return LinkState.GONE
    return LinkState.FAILED if reply.status in _REDIRECTS else LinkState.FOUND
