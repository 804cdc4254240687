"""Under which identity a source is kept: one account is one source, by whatever it was known first.

An archive knows the account's number, a feed only its name. Whichever comes first gives the key, and the
other joins it: else every post would be there, and be published, twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.errors import SourceError
from bridge.ledger.rows import SourceRow
from bridge.posts import Author
from bridge.sources.base import account_of, is_same_person


def known_as(owner: Author, known: Sequence[SourceRow]) -> tuple[str, Author]:
    """(account, owner), both as well as they are known. `SourceError`: the name fits several accounts."""
    found = [row for row in known if row.owner is not None and is_same_person(row.owner, owner)]
    if len(found) > 1:
        accounts = ", ".join(row.account for row in found)
        raise SourceError(
            f"@{owner.handle} may be any of {accounts}.", hint="Give the number of the account, not its name."
        )
    if not found or found[0].owner is None:
        return account_of(owner), owner
    row, before = found[0], found[0].owner
    better = owner if owner.id.isdigit() else before
    return row.account, Author(
        id=better.id, handle=owner.handle or before.handle, name=owner.name or before.name
    )
