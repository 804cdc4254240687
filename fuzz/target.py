"""One fuzzing process: `python -m fuzz.target SHAPE [libFuzzer options]`; run.py starts these."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["bridge.sources", "bridge.rendering"]):
    from fuzz.checks import read_and_render

from fuzz.inputs import SHAPES


def main() -> None:
    shape = SHAPES[sys.argv[1]]
    memory = Path("/dev/shm")  # noqa: S108 -- a folder in memory, where there is one
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        place = Path(folder) / "archive"

        def one(data: bytes) -> None:
            read_and_render(shape(place, data))

        atheris.Setup([sys.argv[0], *sys.argv[2:]], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
