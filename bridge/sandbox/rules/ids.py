"""Identifiers as each software makes them, and how they sort."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from enum import StrEnum

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class IdStyle(StrEnum):
    SNOWFLAKE = "snowflake"  # milliseconds << 16 + a sequence (Mastodon)
    ULID = "ulid"  # of created_at, random tail (GoToSocial)
    FLAKE = "flake"  # Akkoma: base 62
    HEX = "hex"  # snac: seconds as hexadecimal, then noise
    UUID7 = "uuid7"  # Hollo


def milliseconds(at: datetime) -> int:
    """Since the epoch, exact (a float would round the last digit of far dates)."""
    return int(at.timestamp()) * 1000 + at.microsecond // 1000


def noise(*parts: object) -> int:
    """80 bits that look random and are the same in every run: faults and tails need to be repeatable."""
    said = "\x1f".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(said, digest_size=10).digest())


def make_id(style: IdStyle, at: datetime, sequence: int) -> str:
    """A new identifier; `sequence` never repeats within one server."""
    ms = milliseconds(at)
    if style is IdStyle.ULID:
        return _base((ms << 80) | noise("ulid", sequence), CROCKFORD, 26)
    if style is IdStyle.HEX:
        return f"{ms // 1000:08x}{noise('hex', sequence) & 0xFFFFFF:06x}"
    if style is IdStyle.UUID7:
        value = (ms << 80) | (7 << 76) | ((sequence & 0xFFF) << 64) | (0b10 << 62)
        return str(uuid.UUID(int=value | (noise("uuid", sequence) & ((1 << 62) - 1))))
    if style is IdStyle.FLAKE:
        alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        return _base((ms << 64) | (noise("node") & 0xFFFFFFFFFFFF) << 16 | (sequence & 0xFFFF), alphabet, 18)
    return str((ms << 16) + (sequence & 0xFFFF))


def rank(identifier: str) -> str:
    """Sorts identifiers of one server: numbers as numbers, everything else as text."""
    return identifier.rjust(24, "0") if identifier.isdigit() else identifier


def _base(value: int, alphabet: str, width: int) -> str:
    digits = []
    for _ in range(width):
        value, digit = divmod(value, len(alphabet))
        digits.append(alphabet[digit])
    return "".join(reversed(digits))
