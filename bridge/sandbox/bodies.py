"""Request bodies as parameters: form, JSON and multipart, with Rails' brackets undone."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_form

Parameters = dict[str, object]


class Unreadable(Exception):
    """The body is not what its type says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file of a multipart body."""

    field: str
    name: str
    mime: str
    content: bytes


def read_query(query: str) -> Parameters:
    return nested(parse_qsl(query, keep_blank_values=True))


def read_body(content_type: str, body: bytes) -> tuple[Parameters, tuple[Part, ...]]:
    """Parameters and files. Raises `Unreadable`."""
    kind = content_type.partition(";")[0].strip().lower()
    if not body:
        return {}, ()
    try:
        if kind == "application/json":
            decoded = msgspec.json.decode(body)
            return (decoded if isinstance(decoded, dict) else {}), ()
        if kind == "multipart/form-data":
            return _multipart(content_type, body)
        if kind == "application/x-www-form-urlencoded":
            return nested(parse_qsl(body.decode(), keep_blank_values=True)), ()
    except (ValueError, FormParserError) as error:
        raise Unreadable from error
    return {}, ()


def nested(pairs: Iterable[tuple[str, str]]) -> Parameters:
    """`a[]=1&b[c]=2&d[][id]=3` as {"a": ["1"], "b": {"c": "2"}, "d": [{"id": "3"}]}."""
    root: Parameters = {}
    for name, value in pairs:
        head, _, rest = name.partition("[")
        keys = rest.removesuffix("]").split("][") if rest else []
        _put(root, [head, *keys], value)
    return root


def _put(at: Parameters, keys: list[str], value: str) -> None:
    head, *rest = keys
    if not rest:
        at[head] = value
    elif rest[0] == "":
        items = at.setdefault(head, [])
        if isinstance(items, list):
            _append(items, rest[1:], value)
    else:
        inner = at.setdefault(head, {})
        if isinstance(inner, dict):
            _put(inner, rest, value)


def _append(items: list[object], rest: list[str], value: str) -> None:
    """A repeated key begins the next mapping of a list, as Rails has it."""
    if not rest:
        items.append(value)
        return
    last = items[-1] if items else None
    if not isinstance(last, dict) or rest[0] in last:
        last = {}
        items.append(last)
    _put(last, rest, value)


def _multipart(content_type: str, body: bytes) -> tuple[Parameters, tuple[Part, ...]]:
    pairs: list[tuple[str, str]] = []
    parts: list[Part] = []

    def on_field(field: Field) -> None:
        pairs.append(((field.field_name or b"").decode(), (field.value or b"").decode()))

    def on_file(file: File) -> None:
        file.file_object.seek(0)
        parts.append(
            Part(
                field=(file.field_name or b"").decode(),
                name=(file.file_name or b"").decode(errors="replace"),
                mime=file.content_type or "application/octet-stream",
                content=file.file_object.read(),
            )
        )
        file.close()

    headers = {"Content-Type": content_type.encode(), "Content-Length": str(len(body)).encode()}
    parse_form(headers, io.BytesIO(body), on_field, on_file)
    return nested(pairs), tuple(parts)
