"""Two small films: a lantern that sways over the bridge at night, and a counter that turns."""

from __future__ import annotations

import io
import math
import random
from array import array
from collections.abc import Iterator

import av
from PIL import Image, ImageDraw

from benchmarks.sample.draw import backdrop, font, night

SIZE = (480, 270)
RATE = 12  # frames a second
SOUND, BLOCK = 22_050, 1_024  # samples a second, samples a frame


def lantern() -> Iterator[Image.Image]:
    ground = Image.new("RGB", (SIZE[0] * 2, SIZE[1] * 2))
    night(ground, "stars", random.Random("lantern"))
    ground = ground.resize(SIZE)
    for step in range(RATE * 4):
        frame = ground.copy()
        pen = ImageDraw.Draw(frame)
        turn = 2 * math.pi * step / (RATE * 4)
        x, y = SIZE[0] / 2 + 60 * math.sin(turn), 96 + 8 * math.cos(2 * turn)
        for ring in range(5, 0, -1):
            r = 9 * ring + 3 * math.sin(turn * 3)
            glow = (250, 150 + 18 * (5 - ring), 60 + 12 * (5 - ring))
            pen.ellipse((x - r, y - r * 1.2, x + r, y + r * 1.2), fill=glow)
        pen.line((SIZE[0] / 2, 0, x, y - 50), fill=(220, 210, 180), width=2)
        yield frame


def counter() -> Iterator[Image.Image]:
    ground = backdrop(SIZE, (120, 86, 54), (62, 42, 30))
    old, new = "1203441", "1203442"
    for step in range(RATE * 2):
        frame = ground.copy()
        pen = ImageDraw.Draw(frame)
        share = min(1.0, max(0.0, step / RATE - 0.4))
        for place, (before, after) in enumerate(zip(old, new, strict=True)):
            x = 30 + place * 60
            pen.rounded_rectangle((x, 90, x + 54, 180), radius=8, fill=(246, 238, 220))
            shift = 0 if before == after else -80 * share
            drawn = Image.new("RGB", (50, 86), (246, 238, 220))
            inner = ImageDraw.Draw(drawn)
            for row, digit in ((43 + shift, before), (123 + shift, after)):
                inner.text((25, row), digit, fill=(48, 34, 26), anchor="mm", font=font(56))
            frame.paste(drawn, (x + 2, 92))
        yield frame


def hum(seconds: int) -> Iterator[av.AudioFrame]:
    """Two quiet notes a third apart, as a bridge may make in the wind; a film with sound is no GIF."""
    for block in range(seconds * SOUND // BLOCK):
        times = [(block * BLOCK + step) / SOUND for step in range(BLOCK)]
        wave = [math.sin(2 * math.pi * 165 * t) + 0.6 * math.sin(2 * math.pi * 198 * t) for t in times]
        frame = av.AudioFrame(format="s16", layout="mono", samples=BLOCK)
        frame.sample_rate = SOUND
        frame.planes[0].update(array("h", [round(1800 * height) for height in wave]).tobytes())
        frame.pts = block * BLOCK
        yield frame


def encode(frames: Iterator[Image.Image], *, seconds: int = 0) -> bytes:
    """H.264 in MP4, one thread, so that it repeats; `seconds` of sound."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "30", "preset": "slow", "threads": "1"}
        sound = container.add_stream("aac", rate=SOUND, layout="mono") if seconds else None
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_image(frame)))
        container.mux(stream.encode())
        if sound is not None:
            for block in hum(seconds):
                container.mux(sound.encode(block))
            container.mux(sound.encode())
    return out.getvalue()


FILMS = {"film": lantern, "loop": counter}


MILLISECONDS = {"film": 4000, "loop": 2000}


def film(subject: str) -> bytes:
    return encode(FILMS[subject](), seconds=4 if subject == "film" else 0)
