"""Draws the pictures of the sample archive: bridges, objects, posters, in flat colours."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int]
Draw = ImageDraw.ImageDraw

SCALE = 2  # drawn twice as large, then reduced: smooth edges
PALETTES: dict[str, tuple[Colour, Colour, Colour, Colour]] = {
    "dawn": ((250, 206, 172), (238, 132, 118), (72, 59, 92), (255, 241, 208)),
    "day": ((176, 221, 228), (228, 242, 232), (42, 96, 92), (255, 214, 120)),
    "winter": ((214, 224, 236), (245, 247, 250), (66, 84, 112), (176, 196, 222)),
    "night": ((18, 24, 52), (58, 62, 112), (12, 14, 30), (255, 224, 150)),
    "summer": ((255, 222, 140), (246, 168, 108), (28, 112, 122), (255, 250, 224)),
    "ochre": ((244, 222, 186), (214, 158, 92), (96, 58, 38), (255, 246, 226)),
    "green": ((206, 232, 214), (122, 178, 152), (30, 70, 60), (244, 250, 240)),
    "violet": ((226, 212, 240), (150, 120, 190), (54, 36, 86), (252, 240, 255)),
    "blue": ((206, 224, 246), (96, 140, 200), (24, 44, 88), (250, 250, 240)),
    "june": ((196, 228, 240), (226, 240, 220), (60, 112, 86), (255, 236, 170)),
    "rose": ((250, 220, 222), (214, 104, 118), (90, 28, 52), (255, 244, 236)),
}
NIGHTS = {"quiet", "stars", "rain", "lantern"}


def palette(word: str, chance: random.Random) -> tuple[Colour, Colour, Colour, Colour]:
    """The colours that a word names, or any."""
    if word in NIGHTS:
        return PALETTES["night"]
    return PALETTES.get(word) or PALETTES[chance.choice(sorted(PALETTES.keys() - {"night"}))]


def mix(a: Colour, b: Colour, share: float) -> Colour:
    return tuple(round(x + (y - x) * share) for x, y in zip(a, b, strict=True))  # type: ignore[return-value]


def backdrop(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    """A vertical gradient."""
    strip = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        strip.putpixel((0, y), mix(top, bottom, y / max(1, size[1] - 1)))
    return strip.resize(size)


def hills(pen: Draw, size: tuple[int, int], base: float, colour: Colour, chance: random.Random) -> None:
    width, height = size
    phase, swell = chance.random() * 6, height * chance.uniform(0.03, 0.07)
    ridge = [
        (
            x,
            height * base
            - swell * (math.sin(x / width * 5 + phase) + 0.5 * math.sin(x / width * 13 + phase)),
        )
        for x in range(0, width + 16, 16)
    ]
    pen.polygon([(0, height), *ridge, (width, height)], fill=colour)


def water(pen: Draw, size: tuple[int, int], base: float, colours: tuple[Colour, Colour], seed: int) -> None:
    width, height = size
    chance = random.Random(seed)
    pen.rectangle((0, height * base, width, height), fill=colours[0])
    for _ in range(46):
        y = height * (base + (1 - base) * chance.random())
        x, reach = chance.random() * width, width * chance.uniform(0.03, 0.16)
        pen.line((x, y, x + reach, y), fill=mix(*colours, chance.uniform(0.1, 0.5)), width=SCALE * 2)


def span(pen: Draw, size: tuple[int, int], y: float, colour: Colour) -> None:
    """The footbridge itself: an arch, a deck, a railing with its posts."""
    width, height = size
    arch = [
        (x, height * (y + 0.13) - height * 0.1 * math.sin(math.pi * x / width))
        for x in range(0, width + 12, 12)
    ]
    deck = [(x, h - height * 0.035 - height * 0.02 * math.sin(math.pi * x / width)) for x, h in arch]
    rail = [(x, h - height * 0.085) for x, h in deck]
    pen.line(arch, fill=colour, width=SCALE * 9, joint="curve")
    pen.line(deck, fill=colour, width=SCALE * 8, joint="curve")
    pen.line(rail, fill=colour, width=SCALE * 4, joint="curve")
    for lower, upper in zip(arch[::3], rail[::3], strict=True):
        pen.line((*lower, *upper), fill=colour, width=SCALE * 3)


def bridge(image: Image.Image, word: str, chance: random.Random) -> None:
    top, low, dark, light = palette(word, chance)
    size, pen = image.size, ImageDraw.Draw(image)
    image.paste(backdrop(size, top, low))
    x, y, r = size[0] * chance.uniform(0.2, 0.8), size[1] * 0.24, size[1] * 0.09
    pen.ellipse((x - r, y - r, x + r, y + r), fill=light)
    hills(pen, size, 0.56, mix(low, dark, 0.3), chance)
    hills(pen, size, 0.64, mix(low, dark, 0.5), chance)
    water(pen, size, 0.7, (mix(low, dark, 0.35), light), chance.randrange(99))
    span(pen, size, 0.55, dark)


def night(image: Image.Image, word: str, chance: random.Random) -> None:
    bridge(image, "night", chance)
    size, pen = image.size, ImageDraw.Draw(image)
    for _ in range(130):
        x, y, r = (
            chance.random() * size[0],
            chance.random() * size[1] * 0.45,
            chance.choice((1, 1, 2, 3)) * SCALE,
        )
        pen.ellipse((x, y, x + r, y + r), fill=(240, 236, 210))
    for step in range(1, 12):
        x, y = size[0] * step / 12, size[1] * (0.53 - 0.1 * math.sin(math.pi * step / 12))
        pen.ellipse((x - 12, y - 12, x + 12, y + 12), fill=(255, 214, 120))
    for _ in range(90 if word == "rain" else 0):
        x, y = chance.random() * size[0], chance.random() * size[1]
        pen.line((x, y, x - 14, y + 48), fill=(120, 134, 178), width=SCALE)


def river(image: Image.Image, word: str, chance: random.Random) -> None:
    top, low, dark, light = palette({"flood": "ochre", "dry": "summer"}.get(word, word), chance)
    size, pen = image.size, ImageDraw.Draw(image)
    image.paste(backdrop(size, top, low))
    hills(pen, size, 0.4, mix(low, dark, 0.4), chance)
    water(pen, size, 0.3 if word == "flood" else 0.55, (mix(low, dark, 0.2), light), chance.randrange(99))
    for _ in range(9):
        x, y = chance.random() * size[0], size[1] * chance.uniform(0.72, 0.95)
        w = size[0] * chance.uniform(0.03, 0.07)
        pen.ellipse((x, y, x + w, y + w * 0.45), fill=mix(dark, light, 0.15 if word == "dry" else 0.6))


def poster(image: Image.Image, word: str, chance: random.Random) -> None:
    top, low, dark, light = palette(chance.choice(("rose", "blue", "ochre", "green")), chance)
    size, pen = image.size, ImageDraw.Draw(image)
    image.paste(backdrop(size, light, top))
    for ring in range(7, 0, -1):
        r = size[0] * 0.055 * ring
        pen.ellipse(
            (size[0] / 2 - r, size[1] * 0.42 - r, size[0] / 2 + r, size[1] * 0.42 + r),
            fill=(low, light, dark, top)[ring % 4],
        )
    span(pen, size, 0.6, dark)
    pen.text((size[0] / 2, size[1] * 0.86), word.upper(), fill=dark, anchor="mm", font=font(size[0] / 9))
    pen.text(
        (size[0] / 2, size[1] * 0.94),
        "museum of the Passerelle",
        fill=dark,
        anchor="mm",
        font=font(size[0] / 24),
    )


def font(points: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(points)


def letter(image: Image.Image, word: str, chance: random.Random) -> None:
    paper = {"blue": (222, 232, 242), "brown": (226, 202, 164)}.get(word, (244, 234, 208))
    size, pen = image.size, ImageDraw.Draw(image)
    image.paste(backdrop(size, (84, 70, 60), (52, 44, 40)))
    w, h = size
    pen.polygon(
        [(w * 0.16, h * 0.09), (w * 0.86, h * 0.05), (w * 0.88, h * 0.93), (w * 0.13, h * 0.95)], fill=paper
    )
    ink, y = mix(paper, (36, 34, 82), 0.85), h * 0.2
    while y < h * 0.84:
        x, end = w * 0.24, w * chance.uniform(0.55, 0.78)
        while x < end:
            word_length = w * chance.uniform(0.03, 0.09)
            wave = [(x + i * 5, y + chance.uniform(-7, 7) * SCALE) for i in range(int(word_length / 5))]
            pen.line(wave or [(x, y), (x + 4, y)], fill=ink, width=SCALE * 2, joint="curve")
            x += word_length + w * 0.018
        y += h * 0.062
    pen.ellipse(
        (w * 0.66, h * 0.72, w * 0.8, h * 0.88), outline=mix(paper, (120, 70, 30), 0.45), width=SCALE * 5
    )


def plan(image: Image.Image, word: str, chance: random.Random) -> None:
    size, pen = image.size, ImageDraw.Draw(image)
    ground, line = ((26, 58, 102), (214, 228, 244)) if word == "chain" else ((240, 230, 206), (48, 44, 70))
    image.paste(ground, (0, 0, *size))
    for x in range(0, size[0], 60):
        pen.line((x, 0, x, size[1]), fill=mix(ground, line, 0.12), width=SCALE)
    for y in range(0, size[1], 60):
        pen.line((0, y, size[0], y), fill=mix(ground, line, 0.12), width=SCALE)
    span(pen, size, 0.46, line)
    for _ in range(7):
        x, y = size[0] * chance.uniform(0.1, 0.8), size[1] * chance.uniform(0.1, 0.34)
        pen.line((x, y, x + size[0] * 0.1, y), fill=line, width=SCALE)
        pen.text(
            (x, y + 8), f"{chance.randrange(1, 31)},{chance.randrange(10, 99)} m", fill=line, font=font(34)
        )
    pen.text((size[0] * 0.08, size[1] * 0.88), "La Passerelle, plan no 3", fill=line, font=font(52))


def landmap(image: Image.Image, word: str, chance: random.Random) -> None:
    top, low, dark, light = palette("green" if word == "ford" else "summer", chance)
    size, pen = image.size, ImageDraw.Draw(image)
    image.paste(light, (0, 0, *size))
    for _ in range(34):
        x, y, r = chance.random() * size[0], chance.random() * size[1], size[1] * chance.uniform(0.04, 0.13)
        pen.rounded_rectangle(
            (x, y, x + r * 1.6, y + r), radius=12, fill=mix(top, light, chance.random() * 0.6)
        )
    bed = [(x, size[1] * (0.5 + 0.16 * math.sin(x / size[0] * 6))) for x in range(0, size[0] + 20, 20)]
    pen.line(bed, fill=mix(low, (70, 130, 190), 0.7), width=SCALE * 46, joint="curve")
    for _ in range(40 if word == "ford" else 6):
        x, y = chance.choice(bed)
        x, y = x + chance.uniform(-30, 30), y + chance.uniform(-40, 40)
        pen.ellipse((x, y, x + 22, y + 18), fill=dark)


def room(image: Image.Image, word: str, chance: random.Random) -> None:
    top, low, dark, light = palette(word, chance)
    size, pen = image.size, ImageDraw.Draw(image)
    w, h = size
    image.paste(backdrop(size, top, mix(top, low, 0.6)))
    pen.polygon([(0, h * 0.8), (w, h * 0.8), (w, h), (0, h)], fill=mix(dark, low, 0.35))
    x = w * 0.07
    while x < w * 0.86:
        fw, fh = w * chance.uniform(0.1, 0.2), h * chance.uniform(0.2, 0.42)
        y = h * 0.42 - fh / 2
        pen.rectangle((x, y, x + fw, y + fh), fill=dark)
        inner = backdrop(
            (max(1, int(fw - 40)), max(1, int(fh - 40))), light, mix(low, dark, chance.random() * 0.6)
        )
        image.paste(inner, (int(x + 20), int(y + 20)))
        pen.rectangle((x + fw / 2 - 40, y + fh + 24, x + fw / 2 + 40, y + fh + 48), fill=light)
        x += fw + w * 0.05
    pen.rounded_rectangle((w * 0.36, h * 0.84, w * 0.64, h * 0.89), radius=14, fill=dark)


def people(image: Image.Image, word: str, chance: random.Random) -> None:
    top, low, dark, light = palette(word, chance)
    size, pen = image.size, ImageDraw.Draw(image)
    w, h = size
    image.paste(backdrop(size, light, top))
    span(pen, size, 0.34, mix(top, dark, 0.45))
    for row in range(3):
        for place in range(9):
            x = w * ((place + 0.5 * (row % 2)) / 8.5) + chance.uniform(-20, 20)
            y, r = h * (0.56 + 0.14 * row) + chance.uniform(-24, 24), h * 0.045
            coat = mix(chance.choice((low, dark, mix(low, light, 0.4))), dark, chance.random() * 0.4)
            pen.rounded_rectangle((x - r * 1.3, y + r, x + r * 1.3, h + 40), radius=int(r * 1.2), fill=coat)
            skin = mix((240, 205, 175), (110, 70, 48), chance.random())
            pen.ellipse((x - r, y - r, x + r, y + r * 1.1), fill=skin)
            pen.pieslice(
                (x - r * 1.05, y - r * 1.15, x + r * 1.05, y + r * 0.7), 180, 360, fill=mix(dark, skin, 0.2)
            )


def portrait(image: Image.Image, word: str, chance: random.Random) -> None:
    top, low, dark, light = palette(chance.choice(("ochre", "rose", "green", "blue")), chance)
    size, pen = image.size, ImageDraw.Draw(image)
    w, h = size
    image.paste(backdrop(size, mix(low, dark, 0.4), mix(low, dark, 0.75)))
    pen.ellipse((w * 0.14, h * 0.06, w * 0.86, h * 0.94), fill=top)
    pen.pieslice((w * 0.2, h * 0.6, w * 0.8, h * 1.26), 180, 360, fill=dark)
    skin = mix((240, 208, 178), (120, 78, 52), chance.random())
    pen.rectangle((w * 0.45, h * 0.52, w * 0.55, h * 0.66), fill=mix(skin, dark, 0.2))
    pen.ellipse((w * 0.37, h * 0.26, w * 0.63, h * 0.58), fill=skin)
    pen.pieslice(
        (w * 0.345, h * 0.2, w * 0.655, h * 0.52), 175, 365, fill=mix(dark, (150, 96, 44), chance.random())
    )
    pen.ellipse((w * 0.45, h * 0.14, w * 0.55, h * 0.25), fill=dark)
    pen.text((w / 2, h * 0.9), word.capitalize(), fill=light, anchor="mm", font=font(w / 16))


def textile(image: Image.Image, word: str, chance: random.Random) -> None:
    top, low, dark, light = palette("ochre" if word == "rope" else word, chance)
    size, pen = image.size, ImageDraw.Draw(image)
    image.paste(backdrop(size, light, top))
    phase, drift = (
        chance.random() * 6,
        chance.uniform(1.2, 1.6) if word == "rope" else chance.uniform(0.2, 0.5),
    )
    for band in range(16):
        y = size[1] * band / 15
        wave = [
            (x, y + size[1] * 0.03 * math.sin(x / size[0] * 17 + phase + band * drift))
            for x in range(-20, size[0] + 40, 20)
        ]
        pen.line(wave, fill=mix(low, dark, (band * 7 % 10) / 10), width=int(size[1] * 0.036), joint="curve")


def garden(image: Image.Image, word: str, chance: random.Random) -> None:
    river(image, word, chance)
    size, pen = image.size, ImageDraw.Draw(image)
    for _ in range(150):
        x, y, r = chance.random() * size[0], size[1] * chance.uniform(0.55, 1), chance.uniform(8, 22)
        pen.line((x, y, x, y + 60), fill=(58, 120, 74), width=SCALE * 2)
        petals = chance.choice(((246, 196, 84), (232, 110, 120), (250, 246, 236), (150, 120, 200)))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=petals)


def finish(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image.resize(size, Image.Resampling.LANCZOS).filter(ImageFilter.UnsharpMask(radius=1, percent=40))


def start(subject: str, word: str, seed: str) -> tuple[random.Random, tuple[int, int]]:
    """The chance that the picture is drawn with, and its size in pixels."""
    chance = random.Random(f"{subject}/{word}/{seed}")
    return chance, SIZES.get(subject) or chance.choice(((800, 534), (720, 720), (800, 600)))


def picture(subject: str, word: str, seed: str, suffix: str) -> bytes:
    """An encoded picture; the same words always give the same one."""
    from benchmarks.sample.things import thing

    chance, size = start(subject, word, seed)
    image = Image.new("RGB", (size[0] * SCALE, size[1] * SCALE))
    SUBJECTS.get(subject, thing)(image, word, chance)
    out = io.BytesIO()
    if suffix == "png":
        finish(image, size).quantize(96).save(out, "PNG", optimize=True)
    else:
        finish(image, size).save(out, "JPEG", quality=78, optimize=True, progressive=True)
    return out.getvalue()


SIZES = {
    "poster": (600, 848),
    "portrait": (600, 760),
    "letter": (680, 880),
    "night": (900, 506),
    "banner": (1200, 400),
}
SUBJECTS: dict[str, Callable[[Image.Image, str, random.Random], None]] = {
    "bridge": bridge, "banner": bridge, "night": night, "river": river, "poster": poster, "letter": letter,
    "plan": plan, "map": landmap, "room": room, "people": people, "portrait": portrait, "textile": textile,
    "garden": garden,
}  # fmt: skip
