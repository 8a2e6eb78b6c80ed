"""A gateway whose certificate has run out gets neither password nor patient."""

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from server.insurance.errors import GatewayUnavailable
from server.insurance.transport import Transport


def write_expired_certificate(path: Path) -> None:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gateway")])
    yesterday = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(yesterday - timedelta(days=365))
        .not_valid_after(yesterday)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def what_arrives(listener: socket.socket, context: ssl.SSLContext) -> bytes:
    connection, _ = listener.accept()
    try:
        with context.wrap_socket(connection, server_side=True) as secured:
            return secured.recv(65536)
    except OSError:  # the asker hung up during the handshake; SSLError is one of these
        return b""


def test_expired_certificate_is_unavailable_and_nothing_is_sent(tmp_path: Path) -> None:
    write_expired_certificate(tmp_path / "gateway.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "gateway.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        arrived = pool.submit(what_arrives, listener, context)
        transport = Transport(f"https://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(GatewayUnavailable, match="tls"):
            transport.post("/api/token/take", form={"password": "secret"})
        transport.close()
        assert arrived.result() == b""
