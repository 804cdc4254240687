"""What the campaign has found, reduced: each with the seed that it was found by."""

from __future__ import annotations

import socket

from bridge.sandbox.server import Sandbox


def test_a_request_cut_off_by_its_sender_is_not_carried_out() -> None:
    """Seed 19, killed at `status.half`: half a text was posted. A proxy waits for the whole request."""
    with Sandbox(limits=False) as server:
        body = b"status=Thanks+for+the+planks&visibility=unlisted"
        head = (
            f"POST /api/v1/statuses HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.token}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as sender:
            sender.sendall(head.encode() + body[:20])
            sender.shutdown(socket.SHUT_WR)
            assert sender.recv(100) == b""
        assert not server.state.statuses
