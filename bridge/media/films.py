"""Films made to fit, by PyAV, which comes with the extra `passerelle[video]`.

Without it, films are looked at by their boxes (`bridge.media.boxes`) and go up as they are, or not at all.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import BinaryIO

from bridge.errors import MediaError
from bridge.fitting import Facts


@cache
def can_work() -> bool:
    """Whether the extra is installed."""
    return find_spec("av") is not None


def probe_other(stream: BinaryIO, mime_type: str, *, name: str, size: int) -> Facts:
    """A film in another box than MP4's. Without the extra nothing is known but its size."""
    if not can_work():
        return Facts(mime_type=mime_type, size=size)
    import av

    try:
        with av.open(stream, "r", metadata_errors="ignore") as film:
            if not film.streams.video:
                raise MediaError(f"{name} is a film without a picture.")
            seen = film.streams.video[0]
            heard = film.streams.audio[0] if film.streams.audio else None
            seconds = film.duration / av.time_base if film.duration else None
            rate = float(seen.average_rate) if seen.average_rate else None
            return Facts(
                mime_type=mime_type,
                size=size,
                width=seen.codec_context.width,
                height=seen.codec_context.height,
                frames=max(1, seen.frames or round((seconds or 0) * (rate or 0))),
                duration=seconds,
                rate=rate,
                video=seen.codec_context.codec.canonical_name,
                audio=heard.codec_context.codec.canonical_name if heard else None,
            )
    except av.FFmpegError as error:
        raise MediaError(f"{name} is damaged: {error.strerror or error}.") from error
