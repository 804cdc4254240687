"""What a server is and can do: node info, its version, its instance document, and the facts known of both."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from bridge.errors import ConfigError, NetworkError
from bridge.publishers.profiles import ELSEWHERE, PROFILES, version_of
from bridge.publishers.web import Reply, Web
from bridge.publishers.wire import Wire, as_list, as_map, count_of, text_of
from bridge.statuses import Counting, Limits, Warn

_INSIDE = re.compile(r"(?:compatible|really)[;:]?\s+([A-Za-z][\w.-]*?)[ /]v?(\d[\w.+-]*)")
_PREFIXED = re.compile(r"^(takahe|gotosocial)/(\S+)", re.IGNORECASE)
_WITH_QUOTES = frozenset({"mastodon", "glitch-soc", "hometown", "hollo"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """What was found out about a server, and where its API really lives."""

    base_url: str  #: canonical: after redirects, without a slash at the end
    domain: str  #: of account names, "@me@domain"; may differ from the host of `base_url`
    limits: Limits
    notices: tuple[Warn, ...] = ()  #: what a person should hear before relying on `limits`
    rules: tuple[str, ...] = ()  #: the house rules of the server, to be shown before a mass import


@dataclass(frozen=True, slots=True, kw_only=True)
class _Software:
    name: str
    version: str


@dataclass(slots=True)
class _Findings:
    """What the questions asked so far have brought."""

    base_url: str
    software: _Software | None = None
    instance: Wire = field(default_factory=dict)
    notices: list[Warn] = field(default_factory=list)


def base_url_of(server: str) -> str:
    """`mastodon.social`, `https://mastodon.social/home` or `@me@mastodon.social` as the server's URL.

    ConfigError: there is no server name in it. Without a scheme it is https, but http on loopback.
    """
    text = server.strip()
    if "://" not in text:
        host = text.rpartition("@")[2]
        name = host.partition("/")[0].partition(":")[0]
        text = f"{'http' if name in {'localhost', '127.0.0.1'} else 'https'}://{host}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"\s", parts.netloc):
        raise ConfigError(f"{server!r} is no server.", hint="Give its name, as in `mastodon.social`.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def detect(base_url: str, fetcher: Web) -> Detected:
    """Asks a server what it is: node info, then its instance document, the newer form first.

    NetworkError: it cannot be reached. ConfigError: it is no server that speaks the Mastodon API.
    """
    asked = base_url_of(base_url)
    found = _Findings(base_url=asked)
    _ask_nodeinfo(found, fetcher)
    _ask_instance(found, fetcher)
    _require_api(found, asked)
    software = _software(found)
    limits = profile(software.name, software.version, found.instance)
    if software.name not in PROFILES:
        found.notices.append(
            Warn(
                code="SERVER_UNKNOWN",
                detail=f"{software.name} is not known here: the most careful limits are used.",
            )
        )
    if found.base_url != asked:
        found.notices.append(Warn(code="SERVER_ELSEWHERE", detail=f"{asked} is served by {found.base_url}."))
    return Detected(
        base_url=found.base_url,
        domain=_domain(found.instance, found.base_url),
        limits=limits,
        notices=tuple(found.notices),
        rules=_rules(found, fetcher),
    )


def profile(software: str, version: str, instance: object = None) -> Limits:
    """Known facts of a software, corrected by what the instance document says of itself."""
    document = as_map(instance) or {}
    name = _dialect(software.lower(), version, document)
    known = PROFILES.get(name)
    limits = replace(
        known(version) if known else Limits(),
        software=name,
        version=version,
        title=text_of(document.get("title")) or "",
    )
    return _corrected(limits, document)


def _dialect(software: str, version: str, document: Wire) -> str:
    """glitch-soc calls itself mastodon, and tells by its version or its API versions (§5)."""
    if software != "mastodon":
        return software
    api = as_map(document.get("api_versions")) or {}
    if "+glitch" in version or "glitch" in api:
        return "glitch-soc"
    return "hometown" if "+hometown" in version else "mastodon"


def _corrected(limits: Limits, document: Wire) -> Limits:
    configuration = as_map(document.get("configuration")) or {}
    statuses = as_map(configuration.get("statuses")) or {}
    media = as_map(configuration.get("media_attachments")) or {}
    polls = as_map(configuration.get("polls")) or as_map(document.get("poll_limits")) or {}
    said: dict[str, int | None] = {
        "max_characters": count_of(statuses.get("max_characters"))
        or count_of(document.get("max_toot_chars")),
        "max_media": count_of(statuses.get("max_media_attachments")),
        "description_length": count_of(media.get("description_limit"))
        or count_of(document.get("description_limit")),
        "image_pixels": count_of(media.get("image_matrix_limit")),
        "image_bytes": _room(media.get("image_size_limit"), limits) or count_of(document.get("upload_limit")),
        "video_bytes": _room(media.get("video_size_limit"), limits) or count_of(document.get("upload_limit")),
        "video_pixels": count_of(media.get("video_matrix_limit")),
        "video_rate": count_of(media.get("video_frame_rate_limit")),
        "max_polls_options": count_of(polls.get("max_options")),
        "poll_option_length": count_of(polls.get("max_characters_per_option"))
        or count_of(polls.get("max_option_chars")),
        "min_poll_seconds": count_of(polls.get("min_expiration")),
        "max_poll_seconds": count_of(polls.get("max_expiration")),
    }
    if limits.counting is Counting.MASTODON:  # others say it, too, and count URLs in full (servers.md)
        said["url_length"] = count_of(statuses.get("characters_reserved_per_url"))
    if not limits.video_bytes:
        said["video_bytes"] = None  # a server that takes no films takes none, whatever it says
    limits = replace(limits, **{name: value for name, value in said.items() if value})  # type: ignore[arg-type]  # ints all
    return replace(limits, mime_types=_mime_types(media, limits), quotes=_quotes(limits, document))


def _room(value: object, limits: Limits) -> int | None:
    """Mastodon wants files strictly smaller than the limit that it advertises (§4.1)."""
    said = count_of(value)
    return said - 1 if said and limits.counting is Counting.MASTODON else said


def _mime_types(media: Wire, limits: Limits) -> tuple[str, ...]:
    said = tuple(found for found in map(text_of, as_list(media.get("supported_mime_types"))) if found)
    if limits.software == "takahe":
        return limits.mime_types
    return said or limits.mime_types


def _quotes(limits: Limits, document: Wire) -> bool:
    api = count_of((as_map(document.get("api_versions")) or {}).get("mastodon")) or 0
    return limits.quotes or (api >= 7 and limits.software in _WITH_QUOTES)


def _ask_nodeinfo(found: _Findings, fetcher: Web) -> None:
    reply = fetcher.get(f"{found.base_url}/.well-known/nodeinfo")
    found.base_url = _moved(reply, "/.well-known/nodeinfo") or found.base_url
    document = _object(reply) or {}
    links = [link for link in map(as_map, as_list(document.get("links"))) if link]
    hrefs = sorted(filter(None, (text_of(link.get("href")) for link in links)), reverse=True)
    for href in hrefs[:2]:  # 2.1 before 2.0
        node = _object(fetcher.get(href)) if urlsplit(href).scheme in {"http", "https"} else None
        software = as_map(node.get("software")) if node else None
        name = text_of(software.get("name")) if software else None
        if software is not None and name is not None:
            found.software = _Software(name=name.lower(), version=text_of(software.get("version")) or "")
            return


def _ask_instance(found: _Findings, fetcher: Web) -> None:
    for path in ("/api/v2/instance", "/api/v1/instance"):
        reply = fetcher.get(f"{found.base_url}{path}")
        document = _object(reply)
        if document and (text_of(document.get("version")) or as_map(document.get("configuration"))):
            found.base_url = _moved(reply, path) or found.base_url
            found.instance = document
            return


def _require_api(found: _Findings, asked: str) -> None:
    if found.instance:
        return
    software = found.software.name if found.software else None
    if software is None or software in ELSEWHERE:
        what = f"runs {software}, which has" if software else "has"
        raise ConfigError(
            f"{urlsplit(asked).netloc} {what} no Mastodon API.",
            hint="Check the name: it is the part after the last @ of the account's address.",
        )
    found.notices.append(
        Warn(
            code="SERVER_SILENT",
            detail=f"{found.base_url} does not tell its limits: {software}'s usual ones.",
        )
    )


def _software(found: _Findings) -> _Software:
    """Node info first; else the version string of the instance, in which others name themselves (§5)."""
    said = text_of(found.instance.get("version")) or ""
    if found.software is not None:
        return found.software if found.software.version else replace(found.software, version=said)
    inside = _INSIDE.search(said) or _PREFIXED.search(said)
    if inside:
        return _Software(name=inside[1].lower(), version=inside[2])
    if "pleroma" in found.instance:
        return _Software(name="pleroma", version=said)
    api = as_map(found.instance.get("api_versions")) or {}
    looks_like = "mastodon" in api and version_of(said) >= (4, 3, 0)
    return _Software(name="mastodon" if looks_like else "unknown", version=said)


def _rules(found: _Findings, fetcher: Web) -> tuple[str, ...]:
    listed = as_list(found.instance.get("rules"))
    if not listed:
        try:
            reply = fetcher.get(f"{found.base_url}/api/v1/instance/rules")
            listed = as_list(reply.json()) if reply.ok else []
        except NetworkError:
            listed = []  # a courtesy: its absence must not stop anybody
    texts = (text_of(rule.get("text")) for rule in map(as_map, listed) if rule)
    return tuple(text for text in texts if text)


def _domain(instance: Mapping[str, object], base_url: str) -> str:
    """v2 says `domain`, v1 `uri`, which some servers write as a URL."""
    said = text_of(instance.get("domain")) or text_of(instance.get("uri")) or ""
    host = urlsplit(said).netloc if "://" in said else said
    return host if re.fullmatch(r"[\w.-]+(:\d+)?", host) else urlsplit(base_url).netloc


def _moved(reply: Reply, path: str) -> str | None:
    """The base URL that answered, when the answer came from that path."""
    parts = urlsplit(reply.url)
    return f"{parts.scheme}://{parts.netloc}" if reply.ok and parts.path == path else None


def _object(reply: Reply) -> Wire | None:
    if not reply.ok:
        return None
    try:
        return as_map(reply.json())
    except NetworkError:
        return None
