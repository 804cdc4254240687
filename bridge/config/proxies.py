"""The proxy through which an institution reaches the world, as the environment or the system names it."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bridge.errors import ConfigError


def proxy_for(url: str) -> str | None:
    """By HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY. This machine itself is never asked for by a proxy.

    ConfigError: a proxy is named that does not speak HTTP. What is raised never shows its password.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _is_loopback(host) or proxy_bypass(f"{host}:{parts.port}" if parts.port else host):
        return None
    named = getproxies()
    proxy = named.get(parts.scheme) or named.get("all")
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    kind = urlsplit(proxy).scheme
    if kind not in {"http", "https"} or not urlsplit(proxy).hostname:
        raise ConfigError(
            f"The environment names a proxy for {host} that cannot be used: it is no HTTP proxy ({kind}).",
            hint=f"Set HTTPS_PROXY to an http:// address, or put {host} into NO_PROXY.",
        )
    return proxy


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
