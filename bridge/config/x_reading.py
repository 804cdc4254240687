"""X's API as the settings want it: which token, which prices, whose purse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bridge.config.credentials import XToken
from bridge.config.settings import XApi
from bridge.config.values import prices
from bridge.config.x_key import StoredKey, choose
from bridge.engine.beginning import archived_until
from bridge.engine.identity import known_as
from bridge.engine.purse import MonthlyPurse
from bridge.engine.turn import LedgerTurn
from bridge.ledger import Ledger
from bridge.ledger.owner import this_process
from bridge.media.fetch import Fetcher
from bridge.posts import Author
from bridge.profile import Profile
from bridge.sources.twitter_api.asking import Api
from bridge.sources.twitter_api.timeline import Following, Timeline, introduced


@dataclass(frozen=True, slots=True, kw_only=True)
class XReading:
    table: XApi
    credentials: Path
    ledger: Ledger
    web: Fetcher
    now: Callable[[], datetime]

    def timeline(self, said: Author) -> Timeline:
        """Of the account that the settings name, as the account under which the ledger knows it."""
        known = self.ledger.posts.sources()
        _, owner = known_as(said, known)
        token = choose(self.credentials, owner)
        account, owner = known_as(introduced(owner, self.api(token, payer="names")), known)
        begun = self.ledger.posts.cursor(account, Timeline.stream) is not None
        after = None if begun else archived_until(self.ledger, account)
        api = self.api(token, payer=account)
        turn = LedgerTurn(self.ledger, account, Timeline.stream, owner=this_process(), now=self.now)
        return Timeline(owner, api, account=account, now=self.now, after=after, turn=turn)

    def follow(self, timeline: Timeline) -> None:
        """Ask after posts of the last days, too. Half of the budget is kept for what is new."""
        days = self.table.deletions_days
        if not days:
            return
        token = choose(self.credentials, timeline.owner)
        api = self.api(token, payer=f"deletions {timeline.account}", share=0.5)

        def standing() -> Sequence[str]:
            return self.ledger.posts.standing(timeline.account, self.now() - timedelta(days=days))

        timeline.follow(Following(standing, api))

    def profile(self, account: str, owner: Author) -> Profile:
        """What an account shows of itself. Half of the budget is kept for posts."""
        token = choose(self.credentials, owner)
        return self.api(token, payer=f"profile {account}", share=0.5).profile(owner.id)

    def api(self, token: XToken, *, payer: str, share: float = 1.0) -> Api:
        """`payer`: the source, or the command, whose questions these are; `share`: of the budget, up to which
        they may be asked."""
        price, limit = prices(self.table)
        server = self.table.server
        return Api(
            server,
            self.web,
            key=StoredKey(self.credentials, token, server=server, web=self.web, now=self.now),
            purse=MonthlyPurse(self.ledger.spending, limit=int(limit * share), payer=payer, now=self.now),
            prices=price,
            now=self.now,
        )
