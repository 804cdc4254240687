"""`python -m bridge` and the `passerelle` command."""

from __future__ import annotations

import gc
import sys

_GARBAGE = 20_000, 20, 20  #: objects, and rounds, between searches: posts are values and form no circles


def main() -> None:
    from bridge.cli.main import run

    gc.set_threshold(*_GARBAGE)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
