"""Two small films: a lantern that sways over the bridge at night, and a counter that turns."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Iterator

import av
from PIL import Image, ImageDraw

from benchmarks.sample.draw import backdrop, font, night

SIZE = (480, 270)
RATE = 12  # frames a second


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


def encode(frames: Iterator[Image.Image]) -> bytes:
    """H.264 in MP4, without sound; one thread, so that it repeats."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "30", "preset": "slow", "threads": "1"}
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_image(frame)))
        container.mux(stream.encode())
    return out.getvalue()


FILMS = {"film": lantern, "loop": counter}


MILLISECONDS = {"film": 4000, "loop": 2000}


def film(subject: str) -> bytes:
    return encode(FILMS[subject]())
