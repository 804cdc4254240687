"""The account's own picture, where an archive has it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from bridge import sample
from bridge.engine.collect import collect
from bridge.engine.portrait import portrait
from bridge.ledger import open_ledger
from bridge.sources.twitter_archive import open_archives
from tests.engine.stage import SOURCE


def test_the_accounts_picture_is_taken_from_its_archive(tmp_path: Path) -> None:
    with open_ledger("sqlite://") as ledger:
        assert portrait(ledger, SOURCE) is None
        assert portrait(ledger, SOURCE, [str(tmp_path), str(tmp_path / "gone.zip")]) is None
        named = portrait(ledger, SOURCE, [str(sample.path())])
        assert named is not None
        assert max(Image.open(io.BytesIO(named)).size) == 96
        source = collect(ledger, open_archives([sample.path()]), now=datetime(2026, 1, 1, tzinfo=UTC)).account
        assert portrait(ledger, source) == named, "found by the files of its posts"
