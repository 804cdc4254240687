"""Values to JSON and back: what the tables keep whole instead of in columns."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from bridge.errors import LedgerError
from bridge.ledger.owner import Owner
from bridge.posts import Author, Post
from bridge.sources.base import Notice
from bridge.statuses import Limits, StatusDraft

T = TypeVar("T")
Document = Post | StatusDraft | Author | Owner | Limits | tuple[Notice, ...] | Mapping[str, object]

_NOTHING = hashlib.blake2b(digest_size=8)
_encoder = msgspec.json.Encoder()
_posts = msgspec.json.Decoder(Post)
_drafts = msgspec.json.Decoder(StatusDraft)
_authors = msgspec.json.Decoder(Author)
_owners = msgspec.json.Decoder(Owner)
_limits = msgspec.json.Decoder(Limits)
_notices = msgspec.json.Decoder(tuple[Notice, ...])
_objects = msgspec.json.Decoder(dict[str, object])


def encode(value: Document) -> str:
    return _encoder.encode(value).decode()


def decode_post(text: str) -> Post:
    return _decode(_posts, text)


def decode_draft(text: str) -> StatusDraft:
    return _decode(_drafts, text)


def decode_author(text: str) -> Author:
    return _decode(_authors, text)


def decode_owner(text: str) -> Owner:
    return _decode(_owners, text)


def decode_limits(text: str) -> Limits:
    return _decode(_limits, text)


def decode_notices(text: str) -> tuple[Notice, ...]:
    return _decode(_notices, text)


def decode_object(text: str) -> dict[str, object]:
    return _decode(_objects, text)


def encode_seen(post: Post) -> tuple[str, str]:
    """The document, and a short hash that tells it from the one that was read before."""
    encoded = _encoder.encode(post)
    seen = _NOTHING.copy()  # half the price of a new one
    seen.update(encoded)
    return encoded.decode(), seen.hexdigest()


def _decode(decoder: msgspec.json.Decoder[T], text: str) -> T:
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise LedgerError(
            f"The ledger holds a document that this version cannot read ({error}).",
            hint="Restore a backup of the ledger, or use the version that wrote it.",
        ) from error
