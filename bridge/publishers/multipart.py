"""An upload as a stream: the file is read while it is sent, and never whole in memory."""

from __future__ import annotations

import io
import re
import uuid
import zlib
from collections.abc import Iterator
from typing import BinaryIO
from zipfile import BadZipFile

from bridge.errors import MediaError
from bridge.publishers.base import MediaFile, MediaStream


class Multipart:
    """A multipart/form-data body with one file; its length is known before the file is opened.

    MediaError while it is read: the file cannot be read, or is not as long as it was said to be.
    """

    def __init__(self, file: MediaFile, content: MediaStream, *, description: str | None) -> None:
        boundary = uuid.uuid4().hex
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._file = file
        self._left = file.size
        self._head = io.BytesIO(_head(file, description, boundary))
        self._tail = io.BytesIO(f"\r\n--{boundary}--\r\n".encode())
        self._size = len(self._head.getbuffer()) + file.size + len(self._tail.getbuffer())
        self._open = content
        self._content: BinaryIO | None = None

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(65_536):
            yield piece

    def read(self, size: int = 65_536) -> bytes:
        return self._head.read(size) or self._piece(size) or self._tail.read(size)

    def _piece(self, size: int) -> bytes:
        try:
            if self._content is None:
                self._content = self._open()
            piece = self._content.read(min(size, self._left)) if self._left else self._content.read(1)
        except (OSError, EOFError, BadZipFile, zlib.error) as error:
            raise MediaError(f"{self._file.name} cannot be read: {error}.") from error
        if bool(piece) != bool(self._left):
            raise MediaError(
                f"{self._file.name} is not {self._file.size:,} bytes long, as it was said to be."
            )
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        if self._content is not None:
            self._content.close()


def _head(file: MediaFile, description: str | None, boundary: str) -> bytes:
    # snac 2.75 makes the id of the name alone: another file of that name would take the first one's place
    suffix = re.search(r"\.[A-Za-z0-9]{1,5}$", file.name)
    name = f"{file.sha256[:24]}{suffix[0].lower() if suffix else ''}"
    said = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="description"\r\n\r\n{description}\r\n'
        if description
        else ""
    )
    return (
        f"{said}--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {file.mime_type}\r\n\r\n"
    ).encode()
