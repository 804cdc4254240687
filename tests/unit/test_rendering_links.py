"""Links that `links check` has looked up."""

from __future__ import annotations

import pytest

from bridge.rendering import Context, render
from bridge.rendering.options import DeadLinks, LinkMap
from tests.changes import replace
from tests.unit.test_rendering_text import BARE, MASTODON, only, with_link

SHORT, SITE = "https://t.co/abc", "http://museum.example/hall"


def test_a_short_link_reads_as_where_it_leads() -> None:
    links = LinkMap(final={SHORT: f"{SITE}?utm_source=x"})
    rendering = render(with_link(SHORT), Context(limits=MASTODON, options=BARE, links=links))
    assert (rendering.drafts[0].text, rendering.warnings) == (f"Voir {SITE} ici", ())


def test_a_target_that_is_no_url_is_looked_up_as_it_stands_in_the_text() -> None:
    assert only(with_link(""), links=LinkMap(final={SHORT: SITE})).text == f"Voir {SITE} ici"


@pytest.mark.parametrize("dead_links", ["keep", "archive"])
@pytest.mark.parametrize("copied", [True, False])
def test_a_dead_link_is_told_or_gives_way_to_its_copy(dead_links: DeadLinks, copied: bool) -> None:
    copy = f"https://web.archive.org/web/20150107100000/{SITE}"
    links = LinkMap(final={SHORT: SITE}, dead=frozenset({SHORT}), copies={SHORT: copy} if copied else {})
    options = replace(BARE, dead_links=dead_links)
    rendering = render(with_link(SHORT), Context(limits=MASTODON, options=options, links=links))
    archived = copied and dead_links == "archive"
    assert rendering.drafts[0].text == f"Voir {copy if archived else SITE} ici"
    assert [w.code for w in rendering.warnings] == ([] if archived else ["LINK_DEAD"])
