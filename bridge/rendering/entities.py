"""What a server will find in a text: URLs and mentions, by Mastodon's rules.

Mastodon measures, links and notifies by these: they decide how long a text is and whom it would reach.
Facts: config/initializers/twitter_regex.rb, app/models/account.rb (MENTION_RE), app/lib/extractor.rb and
app/validators/status_length_validator.rb of Mastodon 4.6, and twitter-text 3.1, on which they stand.
Offsets are code points, half open.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import regex

from bridge.rendering.tlds import LONGEST_FOREIGN, TLDS

AT_SIGNS = "@＠"
_WORD = r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}"
_USERNAME = r"[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*"
MENTION = regex.compile(rf"(?<![=/{_WORD}])@({_USERNAME})(?:@([{_WORD}]+(?:[.-]+[{_WORD}]+)*))?")
_ACCENTS = (
    r"\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272"
    r"\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_NO_MENTION_BEFORE = regex.compile(rf"[@＠{_ACCENTS}]|://")

_INVALID = r"\ufffe\ufeff\uffff"
_DIRECTIONAL = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_SPACES = r"\x09-\x0d\x20\x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_BEFORE_URL = rf"(?<![A-Za-z0-9@＠$#＃{_INVALID}])"
_SCHEME = regex.compile(rf"{_BEFORE_URL}(?:https?|dat|dweb|ipfs|ipns|ssb|gopher|gemini)://", regex.I)
_BARE_START = regex.compile(rf"{_BEFORE_URL}(?=[^{_SPACES}])")
_NO_LABEL = rf"""{_DIRECTIONAL}{_INVALID}{_SPACES}\x00-\x1f\x7f!"#$%&'()*+,\-./:;<=>?@\[\]^_`{{|}}~"""
_HOST = regex.compile(rf"[^{_NO_LABEL}](?:[^{_NO_LABEL}]|[-_.])*")
_SUBDOMAIN = regex.compile(rf"[^{_NO_LABEL}](?:(?:[^{_NO_LABEL}]|[-_])*[^{_NO_LABEL}])?")
_DOMAIN = regex.compile(rf"[^{_NO_LABEL}](?:(?:[^{_NO_LABEL}]|-)*[^{_NO_LABEL}])?")
_PUNYCODE = regex.compile(r"xn--[0-9a-z]+", regex.I)
_ASCII_RUN = regex.compile(r"[0-9A-Za-z]+")

_PATH_CHAR = r"[^\p{White_Space}<>()?]"
_PARENS = rf"\((?:{_PATH_CHAR}+|{_PATH_CHAR}*\({_PATH_CHAR}+\){_PATH_CHAR}*)\)"
_PATH_END = r"""[^\p{White_Space}()?!*"'「」<>;:=,.$%\[\]~&|@]"""
_UCHARS = (
    r"\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\ue000-\uf8ff"
    + "".join(rf"\U{plane:04x}0000-\U{plane:04x}fffd" for plane in (*range(1, 14), 15, 16))
    + r"\U000e1000-\U000efffd"
)
_TAIL = regex.compile(
    rf"(?::[0-9]+)?"
    rf"(?:/(?:(?:{_PATH_CHAR}|{_PARENS})*(?:{_PATH_END}|{_PARENS})|(?:{_PATH_CHAR}+/))?)?"
    rf"(?:\?[A-Za-z0-9!?*'();:&=+$/%#\[\]\-_.,~|@^{_UCHARS}]*[A-Za-z0-9_&=#/\-{_UCHARS}])?"
)
_SHORTENED = regex.compile(r"https?://t\.co/([a-z0-9]+)", regex.I)
_LONGEST_URL = 4096
_LONGEST_DOMAIN = 253


class Entity(NamedTuple):
    start: int
    end: int
    local: str | None = None  #: of a mention: the user name without its domain; None for a URL


def urls(text: str) -> Iterator[Entity]:
    """The links that Mastodon would make, left to right. Only those with a scheme are links to it."""
    at = 0
    while found := _SCHEME.search(text, at):
        start, host = found.span()
        end = None if _swallowed(text, start) else _url_end(text, start, host)
        if end is not None:
            yield Entity(start, end)
        at = end or host


def entities(text: str) -> list[Entity]:
    """URLs and mentions, disjoint, left to right: where two overlap, the earlier one stands."""
    found = list(urls(text)) if "://" in text else []
    if "@" in text:
        found = sorted([*found, *_mentions(text)])
    kept: list[Entity] = []
    for entity in found:
        if not kept or entity.start >= kept[-1].end:
            kept.append(entity)
    return kept


def mention_matches(text: str) -> Iterator[regex.Match[str]]:
    """What would be a mention, links aside: group 1 the user name, group 2 the domain or None."""
    links = list(urls(text)) if "://" in text else []
    for match in MENTION.finditer(text):
        if not any(link.start <= match.start() < link.end for link in links):
            yield match


def _mentions(text: str) -> Iterator[Entity]:
    for match in MENTION.finditer(text):
        if _NO_MENTION_BEFORE.match(text, match.end()) or len(match[2] or "") > _LONGEST_DOMAIN:
            continue  # measured in full, though it may notify
        yield Entity(*match.span(), match[1])


def _url_end(text: str, start: int, host: int) -> int | None:
    domain = _domain_end(text, host)
    if domain is None:
        return None
    tail = _TAIL.match(text, domain)
    end = tail.end() if tail else domain
    if shortened := _SHORTENED.match(text, start, end):
        end = shortened.end()
        if len(shortened[1]) > 40:  # longer than any code that t.co ever gave out
            return None
    grown = _encoded_growth(text[host:domain])
    return None if grown is None or end - start + grown > _LONGEST_URL else end


def _domain_end(text: str, start: int) -> int | None:
    """Where the longest domain name that begins at `start` ends; None when there is none."""
    run = _HOST.match(text, start)
    if run is None:
        return None
    length = _domain_length(run[0], text[run.end() : run.end() + 1])
    return start + length if length else None


@lru_cache(maxsize=4096)
def _domain_length(host: str, after: str) -> int:
    """Of the longest domain name at the start of `host`, which `after` follows; 0 when there is none."""
    labels = host.split(".")
    sound = 0
    while sound < len(labels) and _SUBDOMAIN.fullmatch(labels[sound]):
        sound += 1
    for last in range(min(sound, len(labels) - 1), 0, -1):
        if not _DOMAIN.fullmatch(labels[last - 1]):
            continue
        at = sum(map(len, labels[:last])) + last
        if length := _tld_length(host + after, at, labels[last]):
            return at + length
    return 0


def _tld_length(text: str, at: int, label: str) -> int:
    if punycode := _PUNYCODE.match(label):
        return len(punycode[0])
    run = _ASCII_RUN.match(label)
    lengths = (len(run[0]),) if run else range(min(len(label), LONGEST_FOREIGN), 0, -1)
    for length in lengths:
        after = text[at + length : at + length + 1]
        barred = after in "@+-" or (after.isascii() and after.isalnum()) if after else False
        if not barred and label[:length].lower() in TLDS:
            return length
    return 0


@lru_cache(maxsize=4096)
def _encoded_growth(domain: str) -> int | None:
    """By how much the domain grows in Punycode; None when it cannot be a domain."""
    try:
        return max(0, len(domain.encode("idna")) - len(domain))
    except UnicodeError:
        return None


def _swallowed(text: str, start: int) -> bool:
    """Whether the scheme stands inside a link without scheme (`web.archive.org/http://...`): no link then."""
    begin = start
    while begin and not text[begin - 1].isspace():
        begin -= 1
    if "." not in text[begin:start]:
        return False
    for bare in _BARE_START.finditer(text, begin, start):
        end = _domain_end(text, bare.start())
        if end is not None and end < start and (tail := _TAIL.match(text, end)) and tail.end() > start:
            return True
    return False
