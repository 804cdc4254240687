"""Each folder `<era>/<case>` is a fragment of an archive as its era had it, and what becomes of it.

`input/` lies over the era's `owner/`, which says whose archive it is; `wish.json`, where there is one, holds
what is asked for beyond the defaults. `post.json` is what the source yields, `drafts.json` what two servers
would get: Mastodon, and GoToSocial, which backdates. `pytest --rewrite-golden` writes both anew: review the
difference, it is what every user of that era will see. All text is invented.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bridge.engine.collect import collect
from bridge.engine.propose import Proposed, Wish, propose
from bridge.ledger import open_ledger
from bridge.posts import Audience, Kind
from bridge.publishers.profiles import gotosocial, mastodon
from bridge.rendering import RenderOptions
from bridge.selection import OPEN_AUDIENCES, Rules
from bridge.sources.twitter_archive import open_archives
from bridge.statuses import StatusDraft
from tests.conftest import Clock
from tests.sources.reading import Outcome, read

HERE = Path(__file__).parent
CASES = sorted(path.parent.relative_to(HERE) for path in HERE.glob("*/*/input"))
SERVERS = {"mastodon 4.5": mastodon("4.5.0"), "gotosocial 0.20": gotosocial("0.20.0")}


@pytest.fixture
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    case = HERE / request.param
    target = tmp_path / "archive"
    for layer in (case.parent / "owner", case / "input"):
        shutil.copytree(layer, target, dirs_exist_ok=True)
    return target


@pytest.mark.parametrize(
    ("archive", "case"), [(c, c) for c in CASES], ids=map(str, CASES), indirect=["archive"]
)
def test_golden(archive: Path, case: Path, clock: Clock, request: pytest.FixtureRequest) -> None:
    drafts = {name: proposed(archive, wish(HERE / case, name), clock) for name in SERVERS}
    for name, found in (("post.json", yielded(read(archive))), ("drafts.json", drafts)):
        written = printed(found)
        if request.config.getoption("--rewrite-golden"):
            (HERE / case / name).write_text(written, encoding="utf-8")
        assert written == (HERE / case / name).read_text(encoding="utf-8")


def test_every_era_has_its_cases() -> None:
    assert {case.parent.name for case in CASES} == {"g1", "g2", "gu", "csv", "y0", "y1", "y2"}
    assert len(CASES) >= 30


def wish(case: Path, server: str) -> Wish:
    asked = json.loads((case / "wish.json").read_text("utf-8")) if (case / "wish.json").exists() else {}
    kinds, audiences = map(Kind, asked.get("kinds", [])), map(Audience, asked.get("include", []))
    options = {
        name: asked[name] for name in ("date_stamp", "mentions", "numbering", "too_long") if name in asked
    }
    warnings = tuple(asked.get("content_warnings", {}).items())
    return Wish(
        rules=Rules(kinds=frozenset(kinds) or Rules().kinds, audiences=OPEN_AUDIENCES | frozenset(audiences)),
        options=RenderOptions(content_warnings=warnings, **options),
        limits=SERVERS[server],
        handles=asked.get("handles", {}),
    )


def yielded(outcome: Outcome) -> dict[str, Any]:
    told = {"rejected": [reject.reason for reject in outcome.rejects], "told": sorted(outcome.codes)}
    posts = [without_place(msgspec.to_builtins(post)) for post in outcome.posts]
    return {"posts": posts, **{name: found for name, found in told.items() if found}}


def proposed(archive: Path, wanted: Wish, clock: Clock) -> list[dict[str, Any]]:
    """Through the ledger, as `preview` does it."""
    source = open_archives([archive])
    with open_ledger("sqlite://") as ledger:
        try:
            collect(ledger, source, now=clock.now())
        finally:
            source.close()
        return [decided(each) for each in propose(ledger, source.account, wanted, listing=True)]


def decided(each: Proposed) -> dict[str, Any]:
    rendering = each.rendering
    facts = {
        "id": each.post_id,
        "decision": str(each.decision),
        "reason": each.reason,
        "warnings": [f"{w.code} {w.detail}".strip() for w in rendering.warnings] if rendering else [],
        "drafts": [of_draft(draft) for draft in rendering.drafts] if rendering else [],
    }
    return {name: fact for name, fact in facts.items() if fact}


def of_draft(draft: StatusDraft) -> dict[str, Any]:
    """What is not as by default."""
    defaults = {field.name: field.default for field in dataclasses.fields(draft)}
    encoded = {"text": draft.text, **msgspec.to_builtins(draft)}
    told = {
        name: encoded[name]
        for name in encoded
        if name != "post_id" and getattr(draft, name) != defaults[name]
    }
    return without_place(told)


def without_place(entry: dict[str, Any]) -> dict[str, Any]:
    """Where a file lies differs from one machine to the next."""
    for medium in entry.get("media", ()):
        medium.pop("container", None)
    return entry


def printed(found: Any) -> str:
    """JSON for a reviewer: other alphabets as they are, what cannot be seen by its number."""
    text = json.dumps(found, indent=1, ensure_ascii=False)
    hidden = re.sub(
        ".", lambda sign: f"\\u{ord(sign[0]):04x}" if unicodedata.category(sign[0]) == "Cf" else sign[0], text
    )
    return hidden + "\n"
