"""When may the next request be made? Windows and budgets as values; the user's pace is one more window. Pure.

`Budget` answers for the deliverer, `simulate` for the preview, the status and the progress line: with the
same meters, so that what was foretold is what happens.
"""

from bridge.pacing.budget import Budget, Reading
from bridge.pacing.calendar import Blackout
from bridge.pacing.gate import DELETE, LIVE, LOOK, READ, STATUS, UPLOAD, Need, Pace
from bridge.pacing.keeping import Keeping
from bridge.pacing.simulation import Schedule, simulate

__all__ = [
    "DELETE", "LIVE", "LOOK", "READ", "STATUS", "UPLOAD", "Blackout", "Budget", "Keeping", "Need", "Pace",
    "Reading", "Schedule", "simulate",
]  # fmt: skip
