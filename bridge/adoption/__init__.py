"""What other tools have noted of the posts that they carried: their maps, told apart by their content."""

from __future__ import annotations

from bridge.adoption.maps import read_map
from bridge.adoption.told import Carried, Standing, Told

__all__ = ["Carried", "Standing", "Told", "read_map"]
