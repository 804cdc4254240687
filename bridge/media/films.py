"""Films made to fit, by PyAV, which comes with the extra `passerelle[video]`.

Without it, films are looked at by their boxes (`bridge.media.boxes`) and go up as they are, or not at all.
PyAV is never asked to guess what a file is: FFmpeg also knows play lists, which lead to other files.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from bridge.errors import MediaError
from bridge.fitting import Facts, Remux, Transcode

if TYPE_CHECKING:
    import av
    from av.container import InputContainer, OutputContainer
    from av.filter import Graph

_DEMUXERS = {"video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm"}
_PRESET = "fast"  # of x264: twice as quick as its usual one, for some per cent of quality
_FASTSTART = {"movflags": "+faststart"}  # the index first, so that a browser shows it at once
_TRIES = 3
_TURNS = {90: ("transpose", "2"), -90: ("transpose", "1"), 180: ("hflip", ""), -180: ("hflip", "")}


class Stopped(Exception):
    """The program ends: what was being made is given up, and nothing is said of the film."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    name: str
    stop: Callable[[], bool] = lambda: False


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
        with av.open(stream, "r", format=_DEMUXERS[mime_type], metadata_errors="ignore") as film:
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


def fit_film(source: Path, facts: Facts, recipe: Remux | Transcode, target: Path, job: Job) -> None:
    """Writes `target`. MediaError: damaged, or too much even so."""
    import av

    try:
        if isinstance(recipe, Remux):
            _remux(source, facts, target, job)
            return
        for _ in range(_TRIES):
            _transcode(source, facts, recipe, target, job)
            size = target.stat().st_size
            if size < recipe.bytes:
                return
            # An encoder may miss its aim; the next try aims as much lower as this one came out higher.
            recipe = replace(recipe, bitrate=int(recipe.bitrate * 0.95 * recipe.bytes / size))
    except av.FFmpegError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):  # says nothing of the film
            raise OSError(error.errno, error.strerror, str(target)) from error
        raise MediaError(f"{job.name} is damaged: {error.strerror or error}.") from error
    except (ValueError, OverflowError, ZeroDivisionError) as error:
        raise MediaError(f"{job.name} cannot be worked on: {error}.") from error
    raise MediaError(f"{job.name} stays larger than the server takes.")


def _open(source: Path, facts: Facts) -> InputContainer:
    import av

    return av.open(
        str(source),
        "r",
        format=_DEMUXERS[facts.mime_type],
        metadata_errors="ignore",
        options={"protocol_whitelist": "file"},
    )


def _remux(source: Path, facts: Facts, target: Path, job: Job) -> None:
    import av

    with (
        _open(source, facts) as given,
        av.open(str(target), "w", format="mp4", container_options=_FASTSTART) as made,
    ):
        wanted = [given.streams.video[0], *given.streams.audio[:1]]
        streams = {stream.index: made.add_stream_from_template(stream) for stream in wanted}
        for packet in _packets(given, wanted, job):
            packet.stream = streams[packet.stream.index]
            made.mux(packet)


def _packets(given: InputContainer, wanted: list[Any], job: Job) -> Iterator[av.Packet[Any]]:
    for packet in given.demux(wanted):
        if job.stop():
            raise Stopped
        if packet.dts is not None:
            yield packet


def _transcode(source: Path, facts: Facts, recipe: Transcode, target: Path, job: Job) -> None:
    import av

    with ExitStack() as stack:
        given = stack.enter_context(_open(source, facts))
        made = stack.enter_context(av.open(str(target), "w", format="mp4", container_options=_FASTSTART))
        seen = given.streams.video[0]
        seen.thread_type = "AUTO"
        pictures = _Pictures(made, seen, recipe)
        heard = given.streams.audio[0] if given.streams.audio and recipe.sound != "none" else None
        sound = _sound(made, heard, recipe) if heard is not None else None
        for packet in _packets(given, [seen] if heard is None else [seen, heard], job):
            (pictures if packet.stream.type == "video" or sound is None else sound).take(packet)
        pictures.end()
        if sound is not None:
            sound.end()


class _Pictures:
    """Decodes, turns, scales, thins out and encodes: the turn is carried out, since players differ in it."""

    def __init__(self, made: OutputContainer, seen: av.VideoStream, recipe: Transcode) -> None:
        self._made = made
        self._seen = seen
        self._recipe = recipe
        self._graph: Graph | None = None
        self._stream = made.add_stream("libx264", rate=seen.average_rate or 30)
        self._stream.width, self._stream.height = recipe.width, recipe.height
        self._stream.pix_fmt = "yuv420p"
        self._stream.bit_rate = recipe.bitrate
        self._stream.thread_type = "AUTO"
        ceiling = str(int(recipe.bitrate * 1.5))
        self._stream.options = {"preset": _PRESET, "maxrate": ceiling, "bufsize": str(recipe.bitrate * 2)}
        if seen.time_base is not None:
            self._stream.codec_context.time_base = seen.time_base

    def take(self, packet: Any) -> None:
        for frame in packet.decode():
            self._show(frame)

    def end(self) -> None:
        for frame in self._seen.decode(None):
            self._show(frame)
        if self._graph is not None:
            self._graph.push(None)
            self._encode()
        self._made.mux(self._stream.encode(None))

    def _show(self, frame: av.VideoFrame) -> None:
        if self._graph is None:
            self._graph = _graph(self._seen, frame, self._recipe)
        self._graph.push(frame)
        self._encode()

    def _encode(self) -> None:
        import av

        assert self._graph is not None
        while True:
            try:
                frame = self._graph.vpull()
            except (BlockingIOError, EOFError, av.FFmpegError):
                return
            frame.pict_type = 0  # the encoder decides anew which pictures stand for themselves
            self._made.mux(self._stream.encode(frame))


def _graph(seen: av.VideoStream, first: av.VideoFrame, recipe: Transcode) -> Graph:
    from av.filter import Graph

    graph = Graph()
    nodes = [graph.add_buffer(template=seen, time_base=seen.time_base)]
    turn = _TURNS.get(round(first.rotation / 90) * 90)
    if turn is not None:
        nodes.append(graph.add(*turn) if turn[1] else graph.add(turn[0]))
        if turn[0] == "hflip":
            nodes.append(graph.add("vflip"))
    nodes.append(graph.add("scale", f"{recipe.width}:{recipe.height}:flags=lanczos"))
    if recipe.rate is not None:
        nodes.append(graph.add("fps", f"{recipe.rate:.4f}"))
    nodes.append(graph.add("format", "yuv420p"))
    nodes.append(graph.add("buffersink"))
    graph.link_nodes(*nodes).configure()
    return graph


class _Copied:
    def __init__(self, made: OutputContainer, heard: av.AudioStream) -> None:
        self._made = made
        self._stream = made.add_stream_from_template(heard)

    def take(self, packet: Any) -> None:
        packet.stream = self._stream
        self._made.mux(packet)

    def end(self) -> None:
        """Nothing is kept back."""


class _Encoded:
    def __init__(self, made: OutputContainer, heard: av.AudioStream, bitrate: int) -> None:
        import av

        self._made = made
        self._heard = heard
        layout = "mono" if heard.channels == 1 else "stereo"
        rate = min(48_000, max(22_050, heard.rate or 44_100))
        self._stream = made.add_stream("aac", rate=rate, layout=layout)
        self._stream.bit_rate = bitrate
        self._resampler = av.AudioResampler(format="fltp", layout=layout, rate=rate, frame_size=1024)

    def take(self, packet: Any) -> None:
        for frame in packet.decode():
            self._encode(frame)

    def end(self) -> None:
        for frame in self._heard.decode(None):
            self._encode(frame)
        self._encode(None)
        self._made.mux(self._stream.encode(None))

    def _encode(self, frame: av.AudioFrame | None) -> None:
        for piece in self._resampler.resample(frame):
            self._made.mux(self._stream.encode(piece))


def _sound(made: OutputContainer, heard: av.AudioStream, recipe: Transcode) -> _Copied | _Encoded:
    return _Copied(made, heard) if recipe.sound == "copy" else _Encoded(made, heard, recipe.sound_bitrate)
