"""The practice server in its own process, without limits: `python -m benchmarks.server SECONDS`.

Answers after SECONDS, as a server on the net does; prints a line with its address and a token, and ends
when its standard input does.
"""

from __future__ import annotations

import json
import sys

from bridge.sandbox.server import Sandbox


def main() -> int:
    with Sandbox(profile="mastodon", limits=False, latency=float(sys.argv[1])) as server:
        print(json.dumps({"base_url": server.base_url, "token": server.token}), flush=True)
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
