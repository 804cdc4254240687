"""Makes `preview.svg`: what `passerelle preview` shows of the sample archive, in a terminal of 96 columns.

Run `PYTHONPATH=. python docs/images/make_preview.py` after a change of the preview or of the sample.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bridge import sample
from bridge.engine.collect import collect
from bridge.engine.propose import Wish
from bridge.ledger import open_ledger
from bridge.preview.plan import preview_plan
from bridge.preview.summary import show
from bridge.publishers.servers import profile
from bridge.sources.twitter_archive import open_archives

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def main() -> None:
    console = Console(record=True, width=96, force_terminal=True, file=io.StringIO())
    with open_ledger("sqlite://") as ledger:
        source = collect(ledger, open_archives([sample.path()]), now=NOW).account
        made = preview_plan(ledger, source, Wish(limits=profile("mastodon", "4.5.0")), now=NOW)
        show(made, console)
    title = "passerelle preview museum.zip"
    Path(__file__).with_name("preview.svg").write_text(
        console.export_svg(title=title, unique_id="preview"), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
