"""The ledger: posts, the queue of publications and their history, in one database.

SIGNATURES ARE FINAL; bodies are being written:

open_ledger(url: str, *, upgrade: bool | None = None) -> Ledger      url: sqlite:///PATH, sqlite:// (scratch), postgresql://...
upgrade(url: str) -> None · schema_version(url) -> str | None · head_version() -> str · backup(url, path: Path) -> Path
Ledger: .posts (posts.Posts) .queue (queue.Queue) .runs (runs.Runs) .close(); a context manager
bridge.ledger.owner: Owner, this_process() -> Owner, alive(owner) -> bool | None
bridge.ledger.rows: Hold, DestinationRow, Applied, Recorded, SourceRow, Counts, Delivery, EventRow, UploadRow, RunRow
"""
