"""The queue of publications as the engine sees it: its modules under one name."""

from __future__ import annotations

from bridge.ledger.adoptions import Adoptions
from bridge.ledger.claims import Claims
from bridge.ledger.deliveries import Deliveries
from bridge.ledger.destinations import Destinations
from bridge.ledger.edits import Edits
from bridge.ledger.outlook import Outlook
from bridge.ledger.plans import Plans
from bridge.ledger.repairs import Repairs
from bridge.ledger.uploads import Uploads
from bridge.ledger.withdrawals import Withdrawals


class Queue(
    Destinations, Plans, Claims, Deliveries, Outlook, Edits, Repairs, Adoptions, Withdrawals, Uploads
):
    """Accounts and holds · plans · claim, abandoned, settle · what became of it and what is to · edits ·
    repairs · adoptions · taking back · uploads."""
