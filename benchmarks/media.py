"""Media made to fit, set against plain Pillow and plain FFmpeg doing the same; and a large film on its way.

`python -m benchmarks --only media` measures; `python -m benchmarks.media WORK FOLDER` is one piece of work in
a process of its own, which prints what it took.
"""

from __future__ import annotations

import http.server
import io
import json
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from benchmarks.measure import Cost, run
from benchmarks.steps import MB, Figure, Sizes, home
from bridge.engine.files import FittedFiles
from bridge.fitting import Transcode, Wanted, decide, within
from bridge.media.cache import Cache
from bridge.media.fit import Fitter
from bridge.media.probe import probe
from bridge.posts import MediaType
from bridge.publishers.mastodon import connect
from bridge.statuses import Limits, MediaRef

WIDE, HIGH = 4000, 3000
PIXELS = 8_294_400  # what is left of twelve megapixels
PROCESSORS = 2
PLENTY = Limits(image_pixels=PIXELS, image_bytes=16 << 20, video_bytes=1_000_000_000)
PREFIX = "data/tweets_media/"


# --- what is worked on


def noisy(width: int, height: int, seed: int) -> Image.Image:
    """As hard to compress as a photograph: soft noise over a gradient."""
    small = Image.effect_noise((width // 4, height // 4), 60 + seed % 20).resize((width, height))
    return Image.merge("RGB", (small, Image.linear_gradient("L").resize((width, height)), small))


def pictures(folder: Path, count: int) -> None:
    target = folder / "pictures.zip"
    if target.exists() and len(zipfile.ZipFile(target).namelist()) == count:
        return
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for number in range(count):
            out = io.BytesIO()
            noisy(WIDE, HIGH, number).save(out, "JPEG", quality=92)
            packed.writestr(f"{PREFIX}{number}-a.jpg", out.getvalue())


def film(folder: Path, seconds: int) -> None:
    """1080p with sound: some pictures over and over, moved a little."""
    import av

    from benchmarks.sample.film import SOUND, hum

    target = folder / f"film-{seconds}.mp4"
    if target.exists():
        return
    ground = noisy(2000, 1100, 1)
    with av.open(str(target), "w", format="mp4") as made:
        stream = made.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 1920, 1080, "yuv420p", 8_000_000
        stream.options = {"preset": "ultrafast"}
        heard = made.add_stream("aac", rate=SOUND, layout="mono")
        for number in range(30 * seconds):
            left, top = number % 80, number % 20
            shown = ground.crop((left, top, left + 1920, top + 1080))
            made.mux(stream.encode(av.VideoFrame.from_image(shown)))
        made.mux(stream.encode(None))
        for block in hum(seconds):
            made.mux(heard.encode(block))
        made.mux(heard.encode(None))


def large_film(folder: Path) -> None:
    """A film of half a gigabyte, most of it a box that says nothing."""
    target = folder / "large.zip"
    if target.exists():
        return
    film(folder, 2)
    pieces, piece = 480, bytes(range(256)) * 4096
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
        packed.open(f"{PREFIX}1-a.mp4", "w") as stream,
    ):
        stream.write((folder / "film-2.mp4").read_bytes())
        stream.write((pieces * len(piece) + 8).to_bytes(4) + b"free")
        for _ in range(pieces):
            stream.write(piece)


# --- pieces of work, each in a process of its own


def references(archive: Path) -> list[MediaRef]:
    with zipfile.ZipFile(archive) as packed:
        names = packed.namelist()
    return [MediaRef(position=0, type=MediaType.IMAGE, file=name, container=str(archive)) for name in names]


def fitted_pictures(folder: Path) -> int:
    """Ours: the whole way from the zip to the cache, checksums and looks included."""
    cache = Cache(home(folder, "media-cache"), limit=10**10)
    with FittedFiles(Fitter(limits=PLENTY, wanted=Wanted(), cache=cache), workers=PROCESSORS) as files:
        outcomes = [outcome for _, outcome in files.all_fitted(references(folder / "pictures.zip"))]
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    return len(outcomes)


def plain_pictures(folder: Path) -> int:
    """The same resize and the same settings, in as many threads, and nothing else."""
    archive = folder / "pictures.zip"
    with zipfile.ZipFile(archive) as packed:
        contents = [packed.read(name) for name in packed.namelist()]

    def shrink(content: bytes) -> int:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
        small = image.resize(within(image.width, image.height, PIXELS), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        small.save(out, "JPEG", quality=92, optimize=True, progressive=True)
        return out.tell()

    with ThreadPoolExecutor(PROCESSORS) as pool:
        return len(list(pool.map(shrink, contents)))


def aim(folder: Path, seconds: int) -> tuple[Path, Transcode]:
    source = folder / f"film-{seconds}.mp4"
    with source.open("rb") as stream:
        facts = probe(stream, name=source.name, size=source.stat().st_size)
    recipe = decide(facts, Limits(video_bytes=facts.size // 2, video_pixels=1280 * 720), Wanted(films=True))
    assert isinstance(recipe, Transcode)
    return source, recipe


def fitted_film(folder: Path, seconds: int) -> int:
    source, recipe = aim(folder, seconds)
    limits = Limits(video_bytes=recipe.bytes, video_pixels=1280 * 720)
    cache = Cache(home(folder, "film-cache"), limit=10**10)
    made = Fitter(limits=limits, wanted=Wanted(films=True), cache=cache).fit(
        source.name, lambda: source.open("rb")
    )
    return made.file.size


def ffmpeg_film(folder: Path, seconds: int) -> int:
    """FFmpeg's own program where it is installed."""
    source, recipe = aim(folder, seconds)
    target = folder / "ffmpeg.mp4"
    bitrate = str(recipe.bitrate)
    subprocess.run(
        [
            "ffmpeg", "-y", "-loglevel", "error", "-i", source, "-vf",
            f"scale={recipe.width}:{recipe.height}:flags=lanczos,format=yuv420p", "-c:v", "libx264",
            "-preset", "fast", "-b:v", bitrate, "-maxrate", str(int(recipe.bitrate * 1.5)), "-bufsize",
            str(recipe.bitrate * 2), "-c:a", "copy", "-movflags", "+faststart", target,
        ],
        check=True,
    )  # fmt: skip
    return target.stat().st_size


def plain_film(folder: Path, seconds: int) -> int:
    """The plainest loop of PyAV with the same settings: FFmpeg's libraries, and as little else as can be."""
    import av

    source, recipe = aim(folder, seconds)
    target = folder / "plain.mp4"
    with (
        av.open(str(source)) as given,
        av.open(str(target), "w", container_options={"movflags": "+faststart"}) as made,
    ):
        seen, heard = given.streams.video[0], given.streams.audio[0]
        seen.thread_type = "AUTO"
        stream = made.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = recipe.width, recipe.height, "yuv420p"
        stream.bit_rate = recipe.bitrate
        stream.thread_type = "AUTO"
        ceiling = str(int(recipe.bitrate * 1.5))
        stream.options = {"preset": "fast", "maxrate": ceiling, "bufsize": str(recipe.bitrate * 2)}
        copied = made.add_stream_from_template(heard)
        for packet in given.demux(seen, heard):
            if packet.stream is heard and packet.dts is not None:
                packet.stream = copied
                made.mux(packet)
            elif packet.stream is seen:
                for frame in packet.decode():
                    small = frame.reformat(recipe.width, recipe.height, "yuv420p", interpolation="LANCZOS")
                    small.pict_type = 0
                    made.mux(stream.encode(small))
        made.mux(stream.encode(None))
    return target.stat().st_size


class Drain(http.server.BaseHTTPRequestHandler):
    """Reads an upload and forgets it."""

    def do_POST(self) -> None:
        left = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, 1 << 16)))
        answer = b'{"id": "1", "type": "video", "url": "http://127.0.0.1/1"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def streamed(folder: Path) -> int:
    """A film of 500 MB from its member in the zip to the socket."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Drain)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    cache = Cache(home(folder, "media-cache"), limit=10**10)
    (ref,) = references(folder / "large.zip")
    publisher = connect(f"http://127.0.0.1:{server.server_port}", "t", timeout=120, limits=PLENTY)
    with FittedFiles(Fitter(limits=PLENTY, wanted=Wanted(), cache=cache)) as files:
        file = files.describe(ref)
        assert publisher.upload(file, lambda: files.open(ref), description=None).ready
    publisher.close()
    server.shutdown()
    server.server_close()
    return file.size


WORK: dict[str, Callable[..., int]] = {
    "fitted-pictures": fitted_pictures,
    "plain-pictures": plain_pictures,
    "fitted-film": fitted_film,
    "plain-film": plain_film,
    "ffmpeg-film": ffmpeg_film,
    "streamed": streamed,
}


# --- figures


def worked(work: str, folder: Path, *more: str) -> tuple[Cost, dict[str, Any]]:
    cost = run(["benchmarks.media", work, str(folder), *more])
    return cost, json.loads(cost.output)


def media(folder: Path, sizes: Sizes) -> Iterator[Figure]:
    """The better of three runs each, taken in turns: the machine may have other things to do."""
    full = sizes.statuses >= 200
    pictures(folder, 16 if full else 6)
    turns = [[worked(name, folder) for name in ("plain-pictures", "fitted-pictures")] for _ in range(3)]
    (_, plain), (cost, ours) = (
        min(each, key=lambda pair: pair[1]["seconds"]) for each in zip(*turns, strict=True)
    )
    rate, floor = ours["result"] / ours["seconds"], plain["result"] / plain["seconds"]
    busy = ours["cpu"] / ours["seconds"]
    yield Figure(
        what="pictures of 12 megapixels made to fit, on two processors",
        measured=f"{rate:.2f} a second, {busy:.1f} processors busy, {cost.memory / MB:.0f} MB",
        against=f"plain Pillow in two threads {floor:.2f}",
        ratio=rate / floor,
        goal="at least 0.9",
        met=rate >= 0.9 * floor,
    )
    yield film_figure(folder, "60" if full else "6")
    large_film(folder)
    cost, found = worked("streamed", folder)
    yield Figure(
        what=f"peak memory, a film of {found['result'] / MB:.0f} MB from the zip to the socket",
        measured=f"{cost.memory / MB:.0f} MB ({found['seconds']:.1f} s)",
        goal="at most 200 MB",
        met=cost.memory <= 200 * MB,
    )


def film_figure(folder: Path, seconds: str) -> Figure:
    film(folder, int(seconds))
    other = "ffmpeg-film" if shutil.which("ffmpeg") else "plain-film"
    turns = [[worked(name, folder, seconds)[1] for name in (other, "fitted-film")] for _ in range(2)]
    theirs, ours = (min(each, key=lambda one: one["seconds"]) for each in zip(*turns, strict=True))
    ratio = ours["seconds"] / theirs["seconds"]
    against = "the ffmpeg program" if other == "ffmpeg-film" else "a plain loop of PyAV"
    return Figure(
        what=f"film of {seconds} s, 1080p to 720p and half the bytes",
        measured=f"{ours['seconds']:.1f} s",
        against=f"{against} {theirs['seconds']:.1f} s",
        ratio=ratio,
        goal="at most 1.1",
        met=ratio <= 1.1,
    )


def main() -> None:
    work, folder, *more = sys.argv[1:]
    began, spent = time.perf_counter(), time.process_time()
    result = WORK[work](Path(folder), *map(int, more))
    seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    print(json.dumps({"result": result, "seconds": seconds, "cpu": cpu}))


if __name__ == "__main__":
    main()
