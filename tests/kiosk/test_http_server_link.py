"""The line to the server: what each answer, half answer and silence means for the act that was sent."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from kiosk.device_token import TOKEN_NAME, DeviceToken, NoToken
from kiosk.server import ActRefused, CuttableServer, DeviceRefused, HttpServer, ServerFault, ServerUnreachable
from server.contract.v1 import CallStaff, IdentityHeld
from tests.kiosk.kit import NOON, MemoryServer, TurnableClock, answer_to, command, facility_services, proof_of
from tests.support.certificates import self_signed

PATIENCE_S = 30.0  # of both ends, where an answer is expected: the machine may be busy


@dataclass
class ScriptedPeer:
    """A TCP peer that reads one request per connection and answers with fixed bytes; None hangs up without a word."""

    reply: bytes | None = b""
    hold_s: float = 0.0
    requests: list[bytes] = field(default_factory=list)
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            with peer:
                self._answer(peer)

    def _answer(self, peer: socket.socket) -> None:
        try:
            link = self.tls.wrap_socket(peer, server_side=True) if self.tls else peer
        except OSError:
            return  # the client did not believe us
        self.requests.append(_read_request(link))
        self._stopping.wait(self.hold_s)
        with suppress(ConnectionError):  # the client may have heard enough
            if self.reply is not None:
                link.sendall(self.reply)
            if self.tls:
                link.close()


def _read_request(peer: socket.socket) -> bytes:
    peer.settimeout(PATIENCE_S)
    request = b""
    while b"\r\n\r\n" not in request:
        request += peer.recv(65536)
    head, _, body = request.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += peer.recv(65536)
    return head + b"\r\n\r\n" + body


def http(status: int, body: str | bytes, kind: str = "application/json", length: int | None = None) -> bytes:
    content = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length or len(content)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + content


def problem(status: int, code: str) -> bytes:
    return http(status, json.dumps({"title": "x", "status": status, "code": code}), "application/problem+json")


@pytest.fixture
def peer() -> Iterator[ScriptedPeer]:
    made = ScriptedPeer()
    yield made
    made.close()


@pytest.fixture
def link(peer: ScriptedPeer) -> Iterator[HttpServer]:
    made = HttpServer(peer.url, facility="34999", token=lambda: "tdk_secret", timeout_s=PATIENCE_S)
    yield made
    made.close()


def test_a_registration_carries_key_token_and_message_and_returns_the_answer(
    peer: ScriptedPeer, link: HttpServer
) -> None:
    visit = command()
    answer = answer_to(visit)
    peer.reply = http(201, answer.model_dump_json())
    assert link.register(visit) == answer
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /api/v1/encounters HTTP/1.1"
    assert f"Idempotency-Key: {visit.request_key}" in lines
    assert "Authorization: Bearer tdk_secret" in lines
    assert type(visit).model_validate_json(body) == visit


def test_what_a_newer_server_adds_to_an_answer_is_passed_over(peer: ScriptedPeer, link: HttpServer) -> None:
    visit = command()
    answer = answer_to(visit)
    newer = answer.model_dump(mode="json") | {"greeting": "Xin chào"}
    newer["ticket"] |= {"lift": {"number": 2}}
    peer.reply = http(201, json.dumps(newer))
    assert link.register(visit) == answer


def test_the_facilitys_services_are_asked_for_by_its_code(peer: ScriptedPeer, link: HttpServer) -> None:
    peer.reply = http(200, facility_services().model_dump_json())
    assert link.services() == facility_services()
    assert peer.requests[0].startswith(b"GET /api/v1/facilities/34999/services HTTP/1.1")


def test_a_later_proof_is_put_under_the_key_of_its_visit(peer: ScriptedPeer, link: HttpServer) -> None:
    proof = proof_of(command())
    held = IdentityHeld(encounter_id=uuid4(), assurance=proof.evidence.assurance, reasons=())
    peer.reply = http(200, held.model_dump_json())
    assert link.tell_proof(proof) == held
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    path = f"/api/v1/encounters/by-request/{proof.request_key}/evidence"
    assert head.startswith(f"PUT {path} HTTP/1.1".encode())
    assert type(proof).model_validate_json(body) == proof


def test_a_call_for_help_is_sent(peer: ScriptedPeer, link: HttpServer) -> None:
    peer.reply = http(201, "{}")
    link.call_staff(CallStaff(request_key=uuid4(), step="problem", called_at=NOON))
    assert peer.requests[0].startswith(b"POST /api/v1/staff-calls HTTP/1.1")


ANSWER = answer_to(command()).model_dump_json()

# (what comes back, why nobody can know whether the act happened)
UNKNOWN_OUTCOMES: list[tuple[bytes | None, str]] = [
    (None, "hung up without a word, as a killed worker does"),
    (b"HTTP/1.1 201 Cre", "cut in the status line"),
    (http(201, ANSWER, length=len(ANSWER) + 10), "cut in the body"),
    (http(201, ANSWER[:-5]), "half a document"),
    (http(201, '{"visit_code": "x"}'), "another document"),
    (http(200, "<html>Please accept the terms</html>", "text/html"), "a captive portal"),
    (http(404, "<html>not found</html>", "text/html"), "a proxy in between; ours would have said why"),
    (http(302, ""), "a redirect is nothing of ours"),
    (http(502, "<html>bad gateway</html>", "text/html"), "nginx without its server"),
    (problem(500, "server.fault"), "may have failed after the commit"),
    (problem(503, "database.busy"), "says so itself"),
    (problem(409, "request.running"), "the first attempt is still running"),
    (problem(429, "too_many"), "asked too often"),
    (b"garbage\r\n\r\n", "no HTTP at all"),
    (http(201, b" " * (2 << 20)), "too long to be ours"),
]


@pytest.mark.parametrize(("reply", "reason"), UNKNOWN_OUTCOMES, ids=[reason for _, reason in UNKNOWN_OUTCOMES])
def test_no_clear_answer_is_an_unknown_outcome(
    peer: ScriptedPeer, link: HttpServer, reply: bytes | None, reason: str
) -> None:
    peer.reply = reply
    with pytest.raises(ServerUnreachable):
        link.register(command())


def test_a_fault_the_server_owns_up_to_is_told_from_a_lost_line(peer: ScriptedPeer, link: HttpServer) -> None:
    for reply in (problem(500, "server.fault"), problem(503, "database.busy"), problem(409, "request.running")):
        peer.reply = reply
        with pytest.raises(ServerFault):
            link.register(command())


def test_a_silent_server_is_unreachable_after_the_time_limit(peer: ScriptedPeer) -> None:
    peer.hold_s = 30
    link = HttpServer(peer.url, facility="34999", token=lambda: "tdk_secret", timeout_s=0.1)
    with pytest.raises(ServerUnreachable, match="Timeout"):
        link.services()
    link.close()


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    link = HttpServer(f"http://127.0.0.1:{port}", facility="34999", token=lambda: "tdk_secret", timeout_s=0.5)
    with pytest.raises(ServerUnreachable):
        link.services()


@pytest.mark.parametrize(("status", "code"), [(401, "device.unknown"), (403, "device.revoked")])
def test_a_kiosk_the_server_does_not_know_is_told_apart(
    peer: ScriptedPeer, link: HttpServer, status: int, code: str
) -> None:
    peer.reply = problem(status, code)
    with pytest.raises(DeviceRefused) as refusal:
        link.register(command())
    assert refusal.value.reason == code


@pytest.mark.parametrize(("status", "code"), [(400, "request.key_missing"), (422, "service.unknown")])
def test_a_refusal_of_ours_is_final(peer: ScriptedPeer, link: HttpServer, status: int, code: str) -> None:
    peer.reply = problem(status, code)
    with pytest.raises(ActRefused) as refusal:
        link.register(command())
    assert (refusal.value.status, refusal.value.reason) == (status, code)


def test_a_refusal_may_say_more_than_we_read(peer: ScriptedPeer, link: HttpServer) -> None:
    members = {"title": "x", "status": 422, "code": "service.unknown", "trace": "a1b2"}  # RFC 9457 section 3.2
    peer.reply = http(422, json.dumps(members), "application/problem+json")
    with pytest.raises(ActRefused) as refusal:
        link.register(command())
    assert refusal.value.reason == "service.unknown"


def test_a_slip_the_server_does_not_know_is_refused(peer: ScriptedPeer, link: HttpServer) -> None:
    peer.reply = problem(404, "slip.unknown")
    with pytest.raises(ActRefused) as refusal:
        link.show_slip("0123456789ABCDEFGHJK")
    assert (refusal.value.status, refusal.value.reason) == (404, "slip.unknown")


def test_no_patients_data_stand_in_an_errors_chain(peer: ScriptedPeer, link: HttpServer) -> None:
    peer.reply = http(201, json.dumps({"visit_code": "Nguyễn Văn Đức"}))
    with pytest.raises(ServerUnreachable) as error:
        link.register(command())
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__
    assert "Nguyễn" not in str(error.value)


@pytest.mark.parametrize(
    ("mode", "content", "code"),
    [
        (None, "", "kiosk.not_enrolled"),
        (0o600, " \n", "kiosk.not_enrolled"),
        (0o644, "tdk_secret", "kiosk.token_unusable"),  # brought by a copy that lost its mode
        (0o600, "mã", "kiosk.token_unusable"),
    ],
)
def test_a_kiosk_without_token_asks_nobody_and_says_what_to_mend(
    peer: ScriptedPeer, tmp_path: Path, mode: int | None, content: str, code: str
) -> None:
    if mode is not None:
        (tmp_path / TOKEN_NAME).write_text(content, encoding="utf-8")
        (tmp_path / TOKEN_NAME).chmod(mode)
    link = HttpServer(peer.url, facility="34999", token=DeviceToken(tmp_path, environment={}), timeout_s=0.5)
    with pytest.raises(DeviceRefused) as refusal:
        link.services()
    assert refusal.value.reason == code
    assert peer.requests == []


def test_only_the_hospitals_own_authority_is_believed(tmp_path: Path) -> None:
    ca, context = self_signed(tmp_path)
    peer = ScriptedPeer(http(200, facility_services().model_dump_json()), tls=context)
    try:
        secret = "tdk_secret"
        stranger = HttpServer(peer.url, facility="34999", token=lambda: secret, timeout_s=PATIENCE_S)
        with pytest.raises(ServerUnreachable, match="SSLError"):
            stranger.services()
        link = HttpServer(peer.url, facility="34999", token=lambda: secret, timeout_s=PATIENCE_S, ca=ca)
        assert link.services() == facility_services()
        stranger.close()
        link.close()
    finally:
        peer.close()
    assert len(peer.requests) == 1  # the stranger showed its token to nobody


class TestDeviceToken:
    def test_the_file_is_read_anew_after_an_enrolment(self, tmp_path: Path) -> None:
        token = DeviceToken(tmp_path, environment={})
        with pytest.raises(NoToken):
            token()
        path = tmp_path / "device.token"
        path.touch(mode=0o600)
        path.write_text("tdk_first\n")
        assert token() == "tdk_first"
        path.write_text("tdk_second\n")
        assert token() == "tdk_second"

    def test_the_environment_goes_first(self, tmp_path: Path) -> None:
        assert DeviceToken(tmp_path, environment={"TIEPDON_DEVICE_TOKEN": "tdk_env"})() == "tdk_env"


class TestCuttableServer:
    def test_a_cut_line_lets_nothing_through_and_a_mended_one_everything(self) -> None:
        server = MemoryServer(TurnableClock())
        line = CuttableServer(server)
        line.is_cut = True
        visit, call = command(), CallStaff(request_key=uuid4(), step="problem", called_at=NOON)
        for request in (
            lambda: line.register(visit),
            line.services,
            lambda: line.call_staff(call),
            lambda: line.tell_proof(proof_of(visit)),
            lambda: line.show_slip(visit.visit_code),
            lambda: line.note_copy(uuid4(), 1),
        ):
            with pytest.raises(ServerUnreachable):
                request()
        assert not server.requests
        line.is_cut = False
        answer = line.register(visit)
        line.call_staff(call)
        assert line.tell_proof(proof_of(visit)).encounter_id == answer.encounter_id
        assert line.show_slip(visit.visit_code).ticket == answer.ticket
        line.note_copy(answer.ticket.id, 1)
        assert server.copies == {answer.ticket.id: 1}
        assert line.services().facility == "34999"
        assert server.calls == [call]
