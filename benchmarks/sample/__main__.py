"""Makes `bridge/sample/museum.zip`: `python -m benchmarks.sample [--check]`.

The same Pillow, FFmpeg and zlib give the same bytes; `--check` compares the members' contents with the
committed file and names those that differ. Encoders change between releases, words and drawings do not.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

from benchmarks.sample.archive import members, pack

TARGET = Path(__file__).resolve().parents[2] / "bridge" / "sample" / "museum.zip"


def check() -> int:
    fresh = dict(members())
    with zipfile.ZipFile(TARGET) as packed:
        there = {name: packed.read(name) for name in packed.namelist()}
    different = sorted(name for name in fresh.keys() | there.keys() if fresh.get(name) != there.get(name))
    for name in different:
        print(f"differs: {name}")
    encoded = all(name.endswith((".jpg", ".png", ".mp4")) for name in different)
    if different and encoded:
        print("Only pictures or films differ: another release of Pillow or FFmpeg encodes them differently.")
    return 1 if different else 0


def main() -> int:
    if "--check" in sys.argv:
        return check()
    TARGET.write_bytes(pack(members()))
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
