"""Test films, made with PyAV: silent and sounding, wide and portrait, turned, of a rate that varies."""

from __future__ import annotations

import io
import math
import struct
from array import array
from collections.abc import Callable
from fractions import Fraction

import av
from av import AudioFrame, VideoFrame

from tests.media.generate import drawn

SOUND = 44_100


def film(
    width: int = 160,
    height: int = 96,
    *,
    seconds: float = 1.0,
    rate: int = 12,
    sound: str | None = None,
    box: str = "mp4",
    bitrate: int = 400_000,
    noise: float = 0.15,
    uneven: bool = False,
) -> bytes:
    """`sound`: an audio codec; `uneven`: every third picture lasts three times as long."""
    out = io.BytesIO()
    with av.open(out, "w", format=box) as made:
        stream = made.add_stream("libvpx-vp9" if box == "webm" else "libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = width, height, "yuv420p", bitrate
        stream.options = {"preset": "ultrafast", "threads": "1", "cpu-used": "8", "deadline": "realtime"}
        stream.codec_context.time_base = Fraction(1, rate * 3)
        heard = made.add_stream(sound, rate=48_000 if sound == "libopus" else SOUND) if sound else None
        at = 0
        for number in range(int(seconds * rate)):
            frame = VideoFrame.from_image(drawn(width, height, noise=noise, seed=number))
            frame.pts, frame.time_base = at, Fraction(1, rate * 3)
            at += 9 if uneven and number % 3 == 0 else 3
            made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
        if heard is not None:
            for block in _hum(seconds, heard.rate):
                made.mux(heard.encode(block))
            made.mux(heard.encode(None))
    return out.getvalue()


def _hum(seconds: float, rate: int) -> list[AudioFrame]:
    blocks = []
    for block in range(int(seconds * rate / 960)):
        wave = (round(9000 * math.sin(2 * math.pi * 330 * (block * 960 + at) / rate)) for at in range(960))
        frame = AudioFrame(format="s16", layout="mono", samples=960)
        frame.sample_rate, frame.pts, frame.time_base = rate, block * 960, Fraction(1, rate)
        frame.planes[0].update(array("h", wave).tobytes())
        blocks.append(frame)
    return blocks


def turned(content: bytes) -> bytes:
    """The same film, to be shown with a quarter turn, as telephones write it: one matrix is changed."""
    at = content.index(b"tkhd") + 4 + 40
    quarter = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    return content[:at] + quarter + content[at + 36 :]


def located(content: bytes) -> bytes:
    """With the place where it was taken, at the end of its index, as telephones write it."""
    place = b"+48.8583+002.2944/"
    atom = struct.pack(">I4sHH", 12 + len(place), b"\xa9xyz", len(place), 0x15C7) + place
    udta = struct.pack(">I4s", 8 + len(atom), b"udta") + atom
    at = content.index(b"moov") - 4
    length = struct.unpack(">I", content[at : at + 4])[0]
    assert at + length == len(content), "the index has to be the last box, or others would move"
    return content[:at] + struct.pack(">I", length + len(udta)) + content[at + 4 :] + udta


def deaf() -> bytes:
    """An MP4 with nothing but sound."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as made:
        heard = made.add_stream("aac", rate=SOUND)
        for block in _hum(0.5, SOUND):
            made.mux(heard.encode(block))
        made.mux(heard.encode(None))
    return out.getvalue()


FILMS: dict[str, Callable[[], bytes]] = {
    "silent.mp4": film,
    "sounding.mp4": lambda: film(sound="aac"),
    "portrait.mp4": lambda: film(96, 160, sound="aac"),
    "turned.mp4": lambda: turned(film(sound="aac")),
    "uneven.mp4": lambda: film(uneven=True),
    "fast.mp4": lambda: film(rate=60),
    "located.mp4": lambda: located(film(sound="aac")),
    "plain.mov": lambda: film(box="mov", sound="aac"),
    "plain.webm": lambda: film(box="webm", sound="libopus"),
}
