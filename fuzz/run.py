"""Fuzzes the archive reader and the translator: `python fuzz/run.py --seconds 600`.

Needs `pip install atheris`. Three targets share the time: raw zips, single members, whole tweets. A find is
kept in `.cache/fuzz/` and named at the end; `python -m fuzz.target SHAPE FILE` runs it again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "fuzz"
SHAPES = ("zip", "member", "tweets")
MEMBERS = {"data/tweets.js": 0, "data/note-tweet.js": 2, "data/manifest.js": 3, "data/account.js": 4}


def seed(shape: str) -> Path:
    """Beginnings for the fuzzer, cut from the sample archive."""
    corpus = CACHE / f"corpus-{shape}"
    corpus.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(ROOT / "bridge" / "sample" / "museum.zip") as museum:
        if shape == "zip":
            with zipfile.ZipFile(corpus / "small.zip", "w", zipfile.ZIP_DEFLATED) as small:
                for name in ("data/account.js", "data/manifest.js", "data/note-tweet.js"):
                    small.writestr(name, museum.read(name))
        elif shape == "member":
            for name, number in MEMBERS.items():
                text = museum.read(name)
                for size in (len(text), 1500, 6000):
                    (corpus / f"{number}-{size}").write_bytes(bytes([number]) + text[: min(size, 60_000)])
    return corpus


def fuzz(shape: str, seconds: int) -> list[Path]:
    """Files with new finds."""
    before = set(CACHE.glob(f"{shape}-*"))
    options = [
        f"-max_total_time={seconds}",
        f"-artifact_prefix={CACHE}/{shape}-",
        "-timeout=20",
        "-rss_limit_mb=1500",
        f"-max_len={65536 if shape == 'member' else 4096}",
        f"-dict={ROOT / 'fuzz' / 'json.dict'}",
        "-print_final_stats=1",
        "-len_control=0",
    ]
    command = [sys.executable, "-m", "fuzz.target", shape, str(seed(shape)), *options]
    with (CACHE / f"{shape}.log").open("wb") as log:
        subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False)  # noqa: S603 -- our own
    return sorted(set(CACHE.glob(f"{shape}-*")) - before)


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzz the archive reader and the translator.")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--only", choices=SHAPES)
    given = parser.parse_args()
    shapes = [given.only] if given.only else list(SHAPES)
    CACHE.mkdir(parents=True, exist_ok=True)
    finds = [find for shape in shapes for find in fuzz(shape, max(1, given.seconds // len(shapes)))]
    for find in finds:
        sys.stdout.write(f"find: {find} (python -m fuzz.target {find.name.partition('-')[0]} {find})\n")
    sys.stdout.write(f"{len(finds)} finds; logs in {CACHE}\n")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
