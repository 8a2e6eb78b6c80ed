"""A gateway gets password and patient only when its certificate is of somebody we trust and has not run out."""

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.insurance.errors import GatewayUnavailable
from server.insurance.transport import Transport
from tests.support.certificates import self_signed

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def answer_once(listener: socket.socket, context: ssl.SSLContext) -> bytes:
    """Answer one request; return what arrived of it."""
    connection, _ = listener.accept()
    try:
        with context.wrap_socket(connection, server_side=True) as secured:
            arrived = b""
            while b"password=secret" not in arrived and (piece := secured.recv(65536)):
                arrived += piece
            secured.sendall(ANSWER)
            return arrived
    except OSError:  # the asker hung up during the handshake; SSLError is one of these
        return b""


@pytest.mark.parametrize(
    ("days_left", "is_trusted", "is_asked"),
    [
        (1, True, True),
        (-1, True, False),  # it ran out yesterday
        (1, False, False),  # of nobody we know
    ],
)
def test_nothing_is_sent_to_a_gateway_whose_certificate_cannot_be_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days_left: int, is_trusted: bool, is_asked: bool
) -> None:
    certificate, context = self_signed(tmp_path, days_left=days_left)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        arrived = pool.submit(answer_once, listener, context)
        transport = Transport(f"https://127.0.0.1:{listener.getsockname()[1]}")
        if is_asked:
            assert transport.post("/api/token/take", form={"password": "secret"}).status == 200
        else:
            with pytest.raises(GatewayUnavailable, match="tls"):
                transport.post("/api/token/take", form={"password": "secret"})
        transport.close()
        assert (b"password=secret" in arrived.result()) is is_asked
