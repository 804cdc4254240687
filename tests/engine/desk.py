"""What is published, and what is wanted of it today: for tests of changes and edits."""

from __future__ import annotations

from bridge.engine.changes import Changed, Changes
from bridge.engine.propose import Wish
from bridge.engine.terms import Terms
from bridge.engine.update import Updated, update
from bridge.ledger import Ledger
from bridge.posts import Post, Span, SpanKind
from bridge.rendering import RenderOptions
from tests.changes import replace
from tests.engine.stage import ACCOUNT, FREE, SOURCE, Stage, post

EDITS = replace(FREE, edits=True)
ASKED = RenderOptions(date_stamp="none")


def wish(**changes: object) -> Wish:
    return replace(Wish(limits=EDITS, options=ASKED), **changes)


def mentioning(number: int) -> Post:
    text = "With @curator today"
    span = Span(start=5, end=13, kind=SpanKind.MENTION, target="curator", user_id="7")
    return replace(post(number), text=text, spans=(span,))


def linking(number: int, to: int) -> Post:
    url = f"https://twitter.com/museum/status/{1000 + to}"
    span = Span(start=6, end=6 + len(url), kind=SpanKind.LINK, target=url, post_id=str(1000 + to))
    return replace(post(number), text=f"After {url} again", spans=(span,))


class Desk:
    """A stage, and what is wanted of it today."""

    def __init__(self, ledger: Ledger, wanted: Wish | None = None) -> None:
        self.stage = Stage(ledger, EDITS)
        self.wish = wanted or wish()

    def publish(self, *posts: Post) -> None:
        self.stage.plan(posts, self.wish)
        self.stage.run_to_the_end()
        self.stage.time.sleep(60)

    def changes(self, *, adopted: bool = False) -> Changes:
        return Changes(self.stage.ledger, SOURCE, self.wish, ACCOUNT, adopted=adopted)

    def shown(self, *, adopted: bool = False) -> list[Changed]:
        return list(self.changes(adopted=adopted))

    def update(self, terms: Terms | None = None, *, adopted: bool = False) -> Updated:
        ports = self.stage.ports()
        queue = self.stage.ledger.queue
        hold = queue.hold(ACCOUNT, owner=ports.owner, now=self.stage.time.now(), seconds=600)
        done = update(ports, terms or Terms(), self.changes(adopted=adopted), hold)
        queue.release(hold)
        return done

    def mapped(self, handle: str = "@curator@museum.example") -> Desk:
        self.wish = replace(self.wish, handles={"@curator": handle})
        return self

    @property
    def texts(self) -> list[str | None]:
        return [status.text for status in self.stage.server.statuses]

    @property
    def edits(self) -> int:
        return self.stage.server.revised
