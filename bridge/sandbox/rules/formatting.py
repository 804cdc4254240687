"""Plain text to HTML as Mastodon formats local posts (reference: fediverse-rules §3.4)."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass

import regex

from bridge.sandbox.rules.counting import HASHTAG, MENTION, urls

LINE_END = regex.compile(r"\r\n?")
PARAGRAPHS = regex.compile(r"\n{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where links of this server lead, and who of its people answers to a name."""

    base_url: str
    domain: str
    account_of: Callable[[str], str | None]  #: local name, any case -> account id


def to_html(text: str, site: Site) -> str:
    """Paragraphs, line breaks, links, hashtags, mentions of local people; everything else escaped."""
    normal = LINE_END.sub("\n", text).strip("\n")
    if not normal:
        return ""
    linked = _linked(normal, site)
    return "".join(f"<p>{part}</p>" for part in PARAGRAPHS.split(linked)).replace("\n", "<br />")


def mentioned(text: str, site: Site) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Account ids of the local people whom a text names, and the remote handles it would look up."""
    local: dict[str, None] = {}
    remote: dict[str, None] = {}
    for match in _mentions(text):
        account = _local(match, site)
        if account is not None:
            local[account] = None
        elif match["host"] and match["host"].lower() != site.domain:
            remote[f"{match['name']}@{match['host']}".lower()] = None
    return tuple(local), tuple(remote)


def stored(text: str, site: Site) -> str:
    """`@name@this.host` becomes `@name` in the stored source, as Mastodon rewrites resolved mentions."""
    if "@" not in text:
        return text

    def without_host(match: regex.Match[str]) -> str:
        here = match["host"] is not None and _local(match, site) is not None
        return f"@{match['name']}" if here else match[0]

    return MENTION.sub(without_host, text)


def hashtags(text: str) -> tuple[str, ...]:
    """Names without the sign, as written, each once."""
    outside = _blanked(text)
    return tuple(dict.fromkeys(match["name"] for match in HASHTAG.finditer(outside)))


def link(url: str) -> str:
    """An anchor whose text content is the whole URL, most of it folded away."""
    scheme = url[: url.index("://") + 3]
    rest = url[len(scheme) :]
    prefix, rest = (scheme + "www.", rest[4:]) if rest.startswith("www.") else (scheme, rest)
    shown, hidden = rest[:30], rest[30:]
    kind = "ellipsis" if hidden else ""
    return (
        f'<a href="{html.escape(url)}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{html.escape(prefix)}</span>'
        f'<span class="{kind}">{html.escape(shown)}</span>'
        f'<span class="invisible">{html.escape(hidden)}</span></a>'
    )


def _linked(text: str, site: Site) -> str:
    pieces: list[str] = []
    at = 0
    for start, end in urls(text):
        pieces += (_tagged(text[at:start], site), link(text[start:end]))
        at = end
    return "".join(pieces) + _tagged(text[at:], site)


def _tagged(text: str, site: Site) -> str:
    found = [(m.start(), m.end(), _tag(m, site)) for m in HASHTAG.finditer(text)]
    for match in MENTION.finditer(text):
        account = _local(match, site)
        if account is not None:
            found.append((match.start(), match.end(), _mention(match, site)))
    pieces: list[str] = []
    at = 0
    for start, end, markup in sorted(found):
        if start < at:
            continue
        pieces += (html.escape(text[at:start]), markup)
        at = end
    return "".join(pieces) + html.escape(text[at:])


def _tag(match: regex.Match[str], site: Site) -> str:
    name = html.escape(match["name"])
    return (
        f'<a href="{site.base_url}/tags/{name.lower()}" class="mention hashtag" rel="tag">'
        f"#<span>{name}</span></a>"
    )


def _mention(match: regex.Match[str], site: Site) -> str:
    name = html.escape(match["name"])
    return (
        f'<span class="h-card" translate="no"><a href="{site.base_url}/@{name}" class="u-url mention">'
        f"@<span>{name}</span></a></span>"
    )


def _mentions(text: str) -> list[regex.Match[str]]:
    return list(MENTION.finditer(_blanked(text)))


def _blanked(text: str) -> str:
    """The text with its URLs blanked out: an @ or # in an address is neither mention nor tag."""
    for start, end in urls(text):
        text = text[:start] + "\x00" * (end - start) + text[end:]
    return text


def _local(match: regex.Match[str], site: Site) -> str | None:
    host = match["host"]
    if host is not None and host.lower() != site.domain:
        return None
    return site.account_of(match["name"])
