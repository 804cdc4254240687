"""The plan, shown: on a terminal, as JSON lines, and as one HTML file. Nothing here writes to a server."""

from bridge.preview.jsonl import JsonLines
from bridge.preview.page import PreviewPage
from bridge.preview.plan import Preview, preview_plan
from bridge.preview.summary import show

__all__ = ["JsonLines", "Preview", "PreviewPage", "preview_plan", "show"]
