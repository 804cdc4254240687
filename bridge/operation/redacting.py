"""Takes secrets out of text that leaves us: log lines, messages, reports."""

from __future__ import annotations

import re

_NAMED = (
    r"access_token|refresh_token|auth_token|token|client_secret|secret|code_verifier|api_?key|password|passwd"
)
_RULES = (
    (r"(?i)(authorization\W{1,4}\w+\s+)[^\s'\"]+", r"\1***"),
    (r"(\bBearer\s+|\bbearer\s+(?=\S{16}))[^\s'\"]+", r"\1***"),  # not: a bearer token
    (r"(?i)([?&;](?:code|sig|signature)=)[^\s&'\"]+", r"\1***"),
    (rf"(?i)((?:\b|_)(?:{_NAMED})=)[^\s&'\",;]+", r"\1***"),
    (rf"(?i)([\"']?\b(?:{_NAMED})\b[\"']?\s*[:=]\s*[\"'])[^\"']+", r"\1***"),  # JSON, TOML, a Python dict
    (r"(://[^/:@\s]*:)[^@/\s]+@", r"\1***@"),
)
_COMPILED = tuple((re.compile(pattern), cover) for pattern, cover in _RULES)
_HINT = re.compile(r"(?i)bearer|basic|://|[=:]")


def redact(text: str) -> str:
    """Tokens in headers and addresses, named secrets, passwords in addresses."""
    if not _HINT.search(text):
        return text
    for pattern, cover in _COMPILED:
        text = pattern.sub(cover, text)
    return text
