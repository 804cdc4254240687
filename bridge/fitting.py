"""What has to be done to a file before a server takes it: a decision about facts, and no work. Pure.

The original bytes go up whenever the server would take them. Otherwise the mildest recipe that is enough:
metadata taken out, a film put into another box, and only then pictures or films made anew.
"""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass
from typing import Literal

import msgspec

from bridge.posts import Media, MediaType, Variant
from bridge.statuses import Change, Limits

TooBig = Literal["fit", "link", "hold", "skip"]
Sound = Literal["copy", "encode", "none"]

BOMB = 89_478_485  #: pixels beyond which nothing is decoded: Pillow's own limit, a quarter of a gigabyte
_TWITTER_LARGEST = 4096 * 4096  # pixels of the largest picture that Twitter kept
_ORDINARY = (".jpg", ".jpeg", ".png", ".mp4")  # what every server takes
_VERSION = 1  # of what is made of a recipe: counted up when the same recipe gives other bytes

#: What a server that names no types is taken to accept.
_USUAL = ("image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "video/quicktime", "video/webm")
_LOSSLESSLY = ("image/jpeg", "image/png", "image/webp", "video/mp4", "video/quicktime")
_FORMATS = {
    "JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp", "AVIF": "image/avif",
}  # fmt: skip

_BITS_PER_PIXEL = 0.11  # Mastodon's own measure of a good film (lib/paperclip/transcoder.rb)
_POOR = 0.05  # bits per pixel below which fewer pixels look better
_USE = 0.92  # of the room: encoders miss their aim by a few per cent, and the box takes its share
_STAMP = 160 * 90  # pixels: a smaller film shows nothing
_SOUND = (128_000, 96_000, 64_000, 32_000)  # bits per second
_SOUND_SHARE = 0.3  # of the whole, at most
_SLOWEST = 10.0  # frames a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a file is. Pixels are those that are seen, turned as the file says; 0: not known."""

    mime_type: str
    size: int  #: bytes
    width: int = 0
    height: int = 0
    frames: int = 1
    duration: float | None = None  #: seconds, of a film or an animation
    rate: float | None = None  #: frames a second, on average
    video: str | None = None  #: codec, in FFmpeg's words
    audio: str | None = None  #: None: silent
    animated: bool = False  #: a picture of several frames
    alpha: bool = False
    turned: bool = False  #: the file says that it is to be turned or mirrored
    located: bool = False  #: says where it was taken

    @property
    def is_film(self) -> bool:
        return self.mime_type.startswith("video/")

    @property
    def pixels(self) -> int:
        return self.width * self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the settings say about files. `films`: whether films can be worked on here at all."""

    too_big: TooBig = "fit"
    strip_metadata: bool = True
    films: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """As it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Metadata taken out; what is seen and heard stays bit by bit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Made anew, in the first of the `formats` (Pillow's names) in which it is good and small enough."""

    formats: tuple[str, ...]
    pixels: int  #: at most
    bytes: int  #: fewer than
    animated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Remux:
    """The same streams in an MP4."""

    bytes: int  #: fewer than


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcode:
    """H.264 and AAC in an MP4, which every server passes on as it is."""

    width: int
    height: int
    rate: float | None  #: frames a second at most; None: as they come
    bitrate: int  #: of the pictures, bits a second
    sound: Sound
    sound_bitrate: int
    bytes: int  #: fewer than


@dataclass(frozen=True, slots=True, kw_only=True)
class Smaller:
    """A smaller version of the film, as the old network has made it, goes in its place."""

    file: str
    container: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CannotFit:
    reason: str  #: the end of a sentence that begins with the file's name


Recipe = Original | Strip | Picture | Remux | Transcode | Smaller | CannotFit


_WHAT: dict[type[Recipe], str] = {
    Original: "", Strip: "strip", Picture: "picture", Remux: "remux", Transcode: "film", Smaller: "smaller",
    CannotFit: "none",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of one medium that cannot go up as it is; `after` None: not made yet."""

    position: int
    file: str
    recipe: Recipe
    facts: Facts
    after: Facts | None = None

    @property
    def fits(self) -> bool:
        return not isinstance(self.recipe, CannotFit)


def change(fate: Fate) -> Change:
    """For people: from what to what."""
    recipe, facts, after = fate.recipe, fate.facts, fate.after
    name = fate.file.rpartition("/")[2]
    if isinstance(recipe, CannotFit):
        detail = f"{name} {recipe.reason}"
    else:
        becomes = _measured(after) if after is not None else _aim(facts, recipe)
        detail = f"{name}: {_measured(facts)} -> {becomes}"
    return Change(
        position=fate.position,
        what=_WHAT[type(recipe)],
        before=facts.size,
        after=after.size if after is not None else None,
        detail=detail,
    )


def _measured(facts: Facts) -> str:
    size = f"{facts.size / 1e6:.1f} MB"
    return f"{facts.width}x{facts.height}, {size}" if facts.pixels else size


def _aim(facts: Facts, recipe: Recipe) -> str:
    if isinstance(recipe, Picture):
        width, height = within(facts.width, facts.height, recipe.pixels)
        return f"{width}x{height} or smaller, less than {recipe.bytes / 1e6:.1f} MB"
    if isinstance(recipe, Transcode):
        return f"{recipe.width}x{recipe.height}, less than {recipe.bytes / 1e6:.1f} MB"
    return "an MP4 of the same streams" if isinstance(recipe, Remux) else "the same without metadata"


def recipe_digest(recipe: Recipe) -> str:
    """Names what is made, for the cache."""
    said = (_VERSION, type(recipe).__name__, recipe)
    return hashlib.blake2b(msgspec.json.encode(said), digest_size=8).hexdigest()


def may_exceed(medium: Media, limits: Limits) -> bool:
    """Whether a file has to be looked into before anybody can say that the server takes it.

    Decided without opening it: its bytes are in the archive's directory, and no picture of Twitter's has
    more than 4096 by 4096 pixels.
    """
    if medium.file is None or medium.size is None:
        return False
    if not medium.size or not medium.file.lower().endswith(_ORDINARY):
        return True
    if medium.type is MediaType.IMAGE:
        recorded = (medium.width or 0) * (medium.height or 0)
        largest = max(recorded, min(_TWITTER_LARGEST, medium.size * 100))
        return medium.size >= limits.image_bytes or largest > limits.image_pixels
    seconds, longest = (medium.duration_ms or 0) / 1000, limits.video_seconds
    return medium.size >= limits.video_bytes or (longest is not None and seconds > longest)


def smaller_versions(medium: Media, limits: Limits) -> tuple[Variant, ...]:
    """Of a film that a server does not take: those that it may take, the best first, as the post tells."""
    longest, seconds = limits.video_seconds, (medium.duration_ms or 0) / 1000
    if longest is not None and seconds > longest:
        return ()
    films = [each for each in medium.variants if each.content_type.startswith("video/mp4") and each.bitrate]
    films.sort(key=lambda each: each.bitrate or 0, reverse=True)
    best = films[:1] if medium.file is not None else []  # the archive has that one
    return tuple(
        each
        for each in films
        if each not in best
        and (each.bitrate or 0) * seconds / 8 < limits.video_bytes
        and _shown(each) <= (limits.video_pixels or math.inf)
    )


def _shown(version: Variant) -> int:
    """Pixels, which the network writes into the address; 0: it does not say."""
    found = re.search(r"/(\d{2,4})x(\d{2,4})/", version.url)
    return int(found[1]) * int(found[2]) if found else 0


def takes(mime_type: str, limits: Limits) -> bool:
    return mime_type in (limits.mime_types or _USUAL)


def decide(facts: Facts, limits: Limits, wanted: Wanted) -> Recipe:
    """The mildest thing to do."""
    if facts.pixels > BOMB:
        return CannotFit(reason=f"has {facts.pixels / 1e6:.0f} megapixels, more than can be opened safely")
    if facts.is_film:
        return _film(facts, limits, wanted)
    room = _room(facts, limits)
    if takes(facts.mime_type, limits) and facts.size < limits.image_bytes and facts.pixels <= room:
        return _private(facts, limits, wanted)
    return _picture(facts, limits)


def _room(facts: Facts, limits: Limits) -> int:
    if facts.mime_type == "image/gif":
        return min(limits.gif_pixels, limits.image_pixels)
    return limits.image_pixels


def _private(facts: Facts, limits: Limits, wanted: Wanted) -> Recipe:
    """It may go as it is, unless it says where it was taken."""
    if not (facts.located and wanted.strip_metadata):
        return Original()
    return Strip() if facts.mime_type in _LOSSLESSLY else _picture(facts, limits)


def _picture(facts: Facts, limits: Limits) -> Recipe:
    if not facts.pixels:
        return CannotFit(reason="is of a kind that cannot be made smaller here")
    formats = tuple(name for name in _formats(facts) if takes(_FORMATS[name], limits))
    formats = formats[:1] if facts.animated else formats
    if not formats:
        return CannotFit(reason="is of a kind that the server does not take, and has no other form there")
    room = min(limits.gif_pixels, limits.image_pixels) if formats == ("GIF",) else limits.image_pixels
    return Picture(
        formats=formats,
        pixels=min(room, facts.pixels),
        bytes=limits.image_bytes,
        animated=facts.animated,
    )


def _formats(facts: Facts) -> tuple[str, ...]:
    """Its own first. A still GIF loses nothing as a PNG, for which there is more room."""
    own = next(name for name, mime_type in _FORMATS.items() if mime_type == facts.mime_type)
    if facts.animated:
        return {"GIF": ("GIF",), "PNG": ("PNG", "WEBP")}.get(own, ("WEBP", "GIF"))
    own = "PNG" if own == "GIF" else own
    others = ("WEBP", "PNG") if facts.alpha else ("JPEG",)
    return (own, *(name for name in others if name != own))


# --- films


def _film(facts: Facts, limits: Limits, wanted: Wanted) -> Recipe:
    if not limits.video_bytes:
        return CannotFit(reason="is a film, and the server takes none")
    if limits.video_seconds is not None and (facts.duration or 0) > limits.video_seconds:
        return CannotFit(reason=f"is longer than the {limits.video_seconds} seconds that the server takes")
    fits = _fits(facts, limits)
    if fits and takes(facts.mime_type, limits) and facts.size < limits.video_bytes:
        return _private(facts, limits, wanted)
    if not wanted.films:
        return CannotFit(
            reason="has to be made smaller, for which the extra is missing: `pip install 'passerelle[video]'`"
        )
    known = facts.video == "h264" and facts.audio in (None, "aac")
    if fits and known and facts.size < limits.video_bytes:
        return Remux(bytes=limits.video_bytes)
    return _transcode(facts, limits)


def _fits(facts: Facts, limits: Limits) -> bool:
    """All but its bytes and its kind."""
    measured = (
        (facts.pixels, limits.video_pixels),
        (int(facts.rate or 0), limits.video_rate),  # Mastodon rounds down, too
        (facts.frames, limits.video_frames),
    )
    return all(most is None or value <= most for value, most in measured)


def _transcode(facts: Facts, limits: Limits) -> Recipe:
    if not (facts.duration and facts.pixels):
        return CannotFit(reason="does not say how long and how large it is")
    whole = limits.video_bytes * 8 * _USE / facts.duration
    sound, sound_bitrate = _sound(facts, whole)
    rate = _rate(facts, limits, facts.duration)
    if rate < min(_SLOWEST, facts.rate or _SLOWEST):
        return CannotFit(reason="has more pictures than the server takes")
    source = facts.size * 8 / facts.duration
    most = pixels = min(facts.pixels, limits.video_pixels or facts.pixels)
    room = whole - sound_bitrate
    bitrate = min(pixels * 30 * _BITS_PER_PIXEL, room, source)
    if room < pixels * rate * _POOR and room < source:  # a source that is thin already stays as large
        pixels = int(room / (rate * _POOR))
    if pixels < min(_STAMP, most):
        return CannotFit(reason="is too long to be seen in what little the server takes")
    width, height = within(facts.width, facts.height, pixels, even=True)
    return Transcode(
        width=width,
        height=height,
        rate=rate if facts.rate and rate < facts.rate else None,
        bitrate=int(bitrate),
        sound=sound,
        sound_bitrate=sound_bitrate,
        bytes=limits.video_bytes,
    )


def _sound(facts: Facts, whole: float) -> tuple[Sound, int]:
    """AAC is copied where there is room for as much as Twitter's films have."""
    if facts.audio is None:
        return "none", 0
    if facts.audio == "aac" and _SOUND[0] <= whole * _SOUND_SHARE:
        return "copy", _SOUND[0]
    return "encode", next((each for each in _SOUND if each <= whole * _SOUND_SHARE), _SOUND[-1])


def _rate(facts: Facts, limits: Limits, duration: float) -> float:
    rate = min(facts.rate or 30.0, limits.video_rate or math.inf)
    return min(rate, limits.video_frames / duration) if limits.video_frames else rate


def within(width: int, height: int, pixels: int, *, even: bool = False) -> tuple[int, int]:
    """The largest size of the same shape with at most so many pixels; `even` for H.264."""
    if width * height > pixels:
        scale = math.sqrt(pixels / (width * height))
        width, height = max(1, int(width * scale)), max(1, int(height * scale))
    return (max(2, width - width % 2), max(2, height - height % 2)) if even else (width, height)
