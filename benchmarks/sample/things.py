"""The museum's objects, one simple shape each, on a plinth under a spotlight."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFilter

from benchmarks.sample.draw import Colour, Draw, backdrop, mix, palette

Shape = Callable[[Draw, "Pose"], None]


class Pose:
    """Turns shares of the object's square into pixels, and holds its three colours."""

    def __init__(self, image: Image.Image, colours: tuple[Colour, Colour, Colour]) -> None:
        width, height = image.size
        self.side = height * 0.62
        self.left, self.top = (width - self.side) / 2, height * 0.16
        self.main, self.dark, self.light = colours

    def at(self, *shares: float) -> list[float]:
        return [
            (self.top if index % 2 else self.left) + share * self.side for index, share in enumerate(shares)
        ]

    def width(self, share: float) -> int:
        return max(1, round(share * self.side))


def key(pen: Draw, pose: Pose) -> None:
    pen.ellipse(pose.at(0.02, 0.3, 0.38, 0.66), outline=pose.main, width=pose.width(0.08))
    pen.rectangle(pose.at(0.36, 0.44, 0.98, 0.52), fill=pose.main)
    for x in (0.78, 0.9):
        pen.rectangle(pose.at(x, 0.5, x + 0.06, 0.66), fill=pose.main)


def lock(pen: Draw, pose: Pose) -> None:
    pen.arc(pose.at(0.28, 0.08, 0.72, 0.64), 180, 360, fill=pose.dark, width=pose.width(0.08))
    pen.rounded_rectangle(pose.at(0.16, 0.36, 0.84, 0.96), radius=pose.width(0.12), fill=pose.main)
    pen.ellipse(pose.at(0.44, 0.54, 0.56, 0.66), fill=pose.dark)
    pen.polygon(pose.at(0.5, 0.58, 0.58, 0.82, 0.42, 0.82), fill=pose.dark)


def lamp(pen: Draw, pose: Pose) -> None:
    pen.arc(pose.at(0.34, 0.0, 0.66, 0.3), 180, 360, fill=pose.dark, width=pose.width(0.03))
    pen.polygon(pose.at(0.5, 0.08, 0.76, 0.28, 0.24, 0.28), fill=pose.dark)
    pen.rectangle(pose.at(0.28, 0.28, 0.72, 0.84), fill=pose.light)
    pen.ellipse(pose.at(0.4, 0.46, 0.6, 0.78), fill=(255, 196, 84))
    for x in (0.28, 0.49, 0.7):
        pen.rectangle(pose.at(x, 0.28, x + 0.025, 0.84), fill=pose.dark)
    pen.rectangle(pose.at(0.2, 0.84, 0.8, 0.96), fill=pose.dark)


def clock(pen: Draw, pose: Pose) -> None:
    pen.ellipse(pose.at(0.06, 0.06, 0.94, 0.94), fill=pose.dark)
    pen.ellipse(pose.at(0.13, 0.13, 0.87, 0.87), fill=pose.light)
    for hour in range(12):
        turn = hour * math.pi / 6
        x, y = math.sin(turn), math.cos(turn)
        ends = (0.5 + 0.32 * x, 0.5 + 0.32 * y, 0.5 + 0.35 * x, 0.5 + 0.35 * y)
        pen.line(pose.at(*ends), fill=pose.dark, width=pose.width(0.03))
    pen.line(pose.at(0.5, 0.5, 0.5, 0.24), fill=pose.main, width=pose.width(0.03))
    pen.line(pose.at(0.5, 0.5, 0.66, 0.6), fill=pose.main, width=pose.width(0.04))


def compass(pen: Draw, pose: Pose) -> None:
    clock(pen, pose)
    pen.ellipse(pose.at(0.2, 0.2, 0.8, 0.8), fill=pose.light)
    pen.polygon(pose.at(0.66, 0.24, 0.56, 0.54, 0.44, 0.46), fill=pose.main)
    pen.polygon(pose.at(0.34, 0.76, 0.44, 0.46, 0.56, 0.54), fill=pose.dark)


def boat(pen: Draw, pose: Pose) -> None:
    pen.polygon(pose.at(0.0, 0.54, 1.0, 0.54, 0.82, 0.84, 0.16, 0.84), fill=pose.main)
    pen.rectangle(pose.at(0.1, 0.6, 0.9, 0.64), fill=pose.light)
    pen.line(pose.at(0.3, 0.2, 0.74, 0.98), fill=pose.dark, width=pose.width(0.03))
    pen.ellipse(pose.at(0.68, 0.84, 0.82, 1.0), fill=pose.dark)


def piano(pen: Draw, pose: Pose) -> None:
    pen.rounded_rectangle(pose.at(0.04, 0.14, 0.96, 0.6), radius=pose.width(0.03), fill=pose.dark)
    pen.rectangle(pose.at(0.0, 0.56, 1.0, 0.7), fill=pose.light)
    for white in range(1, 18):
        pen.line(pose.at(white / 18, 0.56, white / 18, 0.7), fill=pose.dark, width=2)
        if white % 7 not in {0, 3}:
            pen.rectangle(pose.at(white / 18 - 0.014, 0.56, white / 18 + 0.014, 0.645), fill=pose.dark)
    for x in (0.06, 0.86):
        pen.rectangle(pose.at(x, 0.7, x + 0.08, 0.98), fill=pose.dark)
    pen.rectangle(pose.at(0.3, 0.2, 0.7, 0.46), fill=pose.main)


def teapot(pen: Draw, pose: Pose) -> None:
    pen.arc(pose.at(0.62, 0.4, 1.0, 0.8), 270, 90, fill=pose.main, width=pose.width(0.06))
    pen.polygon(pose.at(0.0, 0.4, 0.1, 0.38, 0.34, 0.74, 0.24, 0.84), fill=pose.main)
    pen.rounded_rectangle(pose.at(0.18, 0.36, 0.82, 0.9), radius=pose.width(0.2), fill=pose.main)
    pen.ellipse(pose.at(0.3, 0.3, 0.7, 0.46), fill=pose.dark)
    pen.ellipse(pose.at(0.45, 0.2, 0.55, 0.32), fill=pose.dark)


def camera(pen: Draw, pose: Pose) -> None:
    pen.rounded_rectangle(pose.at(0.04, 0.28, 0.96, 0.86), radius=pose.width(0.06), fill=pose.dark)
    pen.rectangle(pose.at(0.34, 0.18, 0.66, 0.3), fill=pose.main)
    pen.ellipse(pose.at(0.3, 0.36, 0.7, 0.78), fill=pose.light)
    pen.ellipse(pose.at(0.38, 0.44, 0.62, 0.7), fill=pose.main)


def chair(pen: Draw, pose: Pose) -> None:
    pen.rectangle(pose.at(0.24, 0.5, 0.8, 0.58), fill=pose.main)
    pen.line(pose.at(0.28, 0.54, 0.24, 0.02), fill=pose.main, width=pose.width(0.05))
    for y in (0.08, 0.2, 0.32):
        pen.line(pose.at(0.24, y, 0.46, y + 0.02), fill=pose.dark, width=pose.width(0.04))
    pen.line(pose.at(0.46, 0.5, 0.46, 0.04), fill=pose.main, width=pose.width(0.04))
    for x, y in ((0.26, 0.16), (0.54, 0.54), (0.76, 0.86)):
        pen.line(pose.at(x + 0.02, 0.56, y, 0.98), fill=pose.main, width=pose.width(0.05))


def horn(pen: Draw, pose: Pose) -> None:
    pen.polygon(
        pose.at(0.02, 0.42, 0.14, 0.38, 0.96, 0.08, 0.96, 0.9, 0.14, 0.58, 0.02, 0.54), fill=pose.main
    )
    pen.ellipse(pose.at(0.88, 0.08, 1.04, 0.9), fill=pose.dark)
    pen.arc(pose.at(0.34, 0.5, 0.6, 0.9), 0, 180, fill=pose.dark, width=pose.width(0.03))


def feather(pen: Draw, pose: Pose) -> None:
    pen.polygon(pose.at(0.86, 0.02, 0.92, 0.3, 0.5, 0.72, 0.26, 0.8, 0.3, 0.52), fill=pose.main)
    pen.line(pose.at(0.86, 0.04, 0.08, 0.98), fill=pose.dark, width=pose.width(0.02))
    for step in range(6):
        x, y = 0.74 - step * 0.08, 0.2 + step * 0.1
        pen.line(pose.at(x, y, x - 0.16, y - 0.02), fill=pose.light, width=pose.width(0.012))


def cat(pen: Draw, pose: Pose) -> None:
    pen.arc(pose.at(0.6, 0.4, 1.0, 0.98), 270, 120, fill=pose.dark, width=pose.width(0.07))
    pen.ellipse(pose.at(0.2, 0.4, 0.8, 1.02), fill=pose.dark)
    pen.ellipse(pose.at(0.26, 0.12, 0.74, 0.52), fill=pose.dark)
    pen.polygon(pose.at(0.28, 0.3, 0.3, 0.02, 0.48, 0.16), fill=pose.dark)
    pen.polygon(pose.at(0.72, 0.3, 0.7, 0.02, 0.52, 0.16), fill=pose.dark)
    for x in (0.38, 0.56):
        pen.ellipse(pose.at(x, 0.26, x + 0.07, 0.36), fill=(250, 216, 96))
    pen.polygon(pose.at(0.47, 0.38, 0.53, 0.38, 0.5, 0.42), fill=pose.light)


SHAPES: dict[str, Shape] = {
    "key": key, "lock": lock, "lamp": lamp, "clock": clock, "compass": compass, "boat": boat, "piano": piano,
    "teapot": teapot, "camera": camera, "chair": chair, "horn": horn, "feather": feather, "cat": cat,
}  # fmt: skip


def thing(image: Image.Image, word: str, chance: random.Random) -> None:
    """An object in its case: wall, spotlight, plinth, shadow, label."""
    top, low, dark, light = palette(chance.choice(("ochre", "green", "blue", "rose", "violet")), chance)
    size = image.size
    image.paste(backdrop(size, mix(low, dark, 0.25), mix(low, dark, 0.6)))
    glow = Image.new("L", size)
    ImageDraw.Draw(glow).ellipse((size[0] * 0.16, -size[1] * 0.1, size[0] * 0.84, size[1] * 0.98), fill=190)
    image.paste(top, mask=glow.filter(ImageFilter.GaussianBlur(size[1] / 9)))
    pen = ImageDraw.Draw(image)
    pen.rectangle((size[0] * 0.18, size[1] * 0.78, size[0] * 0.82, size[1]), fill=light)
    pen.rectangle(
        (size[0] * 0.18, size[1] * 0.78, size[0] * 0.82, size[1] * 0.795), fill=mix(light, dark, 0.25)
    )
    pen.ellipse((size[0] * 0.3, size[1] * 0.765, size[0] * 0.7, size[1] * 0.81), fill=mix(light, dark, 0.35))
    pen.rectangle((size[0] * 0.44, size[1] * 0.88, size[0] * 0.56, size[1] * 0.93), fill=mix(light, low, 0.4))
    SHAPES.get(word, key)(pen, Pose(image, (mix(low, dark, 0.15), dark, mix(light, top, 0.3))))
