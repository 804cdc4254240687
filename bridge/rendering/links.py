"""Links without the marks by which a network or an advertiser follows whoever clicks them."""

from __future__ import annotations

import re

_TRACKING = frozenset(
    {
        "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "yclid", "igshid",
        "igsh", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "ref_src", "ref_url", "xtor", "wt.mc_id",
    }
)  # fmt: skip
_FAMILIES = ("utm_", "mtm_", "pk_", "at_medium", "at_campaign", "at_custom")  # Google, Matomo, AT Internet
_SHARED_TWITTER = frozenset({"s", "t", "cxt", "cn", "refsrc"})  # who shared it, from which program
_SHARED_MEDIA = frozenset({"si"})
_TWITTER = re.compile(r"https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com(?=[/?#]|$)", re.I)
_MEDIA = re.compile(r"https?://(?:www\.|m\.|music\.)?(?:youtube\.com|youtu\.be|open\.spotify\.com)/", re.I)
#: `;` stands for `&` on some sites, `&amp;` where it was escaped twice. A `;` without `=` is part of a value.
_SEPARATOR = re.compile(r"(&amp;|&|;(?=[^&;=]+=))", re.I)
_SHORTENED = re.compile(r"https?://t\.co(?:/|$)", re.I)


def without_tracking(url: str) -> str:
    """The URL without its tracking parameters; all others keep their order and their spelling."""
    head, mark, rest = url.partition("?")
    if not mark or "#" in head:
        return url
    query, hash_sign, fragment = rest.partition("#")
    first, *others = _SEPARATOR.split(query)
    parameters = [("", first), *zip(others[::2], others[1::2], strict=True)]
    kept = [(sign, parameter) for sign, parameter in parameters if not _tracks(parameter, head)]
    if len(kept) == len(parameters):
        return url
    query = "".join(sign + parameter for sign, parameter in kept).removeprefix(kept[0][0] if kept else "")
    return head + ("?" + query if kept else "") + hash_sign + fragment


def without_query(url: str) -> str:
    """A link to a post on Twitter as such: whatever follows its path only tells who shared it."""
    return re.split(r"[?#]", url, maxsplit=1)[0] if _TWITTER.match(url) else without_tracking(url)


def is_unresolved(url: str) -> bool:
    """Whether it still is a t.co link, of which nobody knows where it leads once Twitter is gone."""
    return _SHORTENED.match(url) is not None


def _tracks(parameter: str, head: str) -> bool:
    name = parameter.partition("=")[0].lower()
    if name in _TRACKING or name.startswith(_FAMILIES):
        return True
    if name in _SHARED_TWITTER:
        return _TWITTER.match(head) is not None
    return name in _SHARED_MEDIA and _MEDIA.match(head) is not None
