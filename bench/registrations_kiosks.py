"""The kiosks of ``bench/registrations.py``: one thread that sends ready-made bytes and reads no more than it must.

Kiosks are other machines in a hospital, so what they compute must not be taken from the server beside them. A thread
with ``http.client`` for each took 0.3 ms of a core for every request, and 32 of them fought for one lock of Python's.
"""

import json
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from server.contract.v1 import IDEMPOTENCY_HEADER, RegisterEncounter

SILENCE_S: Final = 30.0
_READ_AT_ONCE: Final = 65536

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered request; instants are of the monotonic clock."""

    key: str
    queue: str
    number: int
    asked_s: float
    answered_s: float


@dataclass(frozen=True, slots=True)
class Run:
    """What the kiosks were answered, how long it took them, and what they computed themselves."""

    answers: list[Answer]
    spent_s: float
    cpu_s: float


def times_sent(n: int) -> int:
    """Return how often the ``n``-th command is sent: one in ten is repeated, as by a kiosk that got no answer."""
    return 2 if n % 10 == 9 else 1


def register_all(address: Address, token: str, commands: Sequence[RegisterEncounter], kiosks: int) -> Run:
    """Send all commands from ``kiosks`` connections, every tenth one twice; each waits for its answer before the next.

    Raises RuntimeError for an answer that registers nobody, for a server that hangs up or says nothing for SILENCE_S.
    """
    requests = [[(str(one.request_key), _request(token, one))] * times_sent(n) for n, one in enumerate(commands)]
    with selectors.DefaultSelector() as selector:
        lines = [_Line(address, chain.from_iterable(requests[n::kiosks])) for n in range(kiosks)]
        began_s, began_cpu_s = time.monotonic(), time.process_time()
        for line in lines:
            if line.send_next():
                selector.register(line.socket, selectors.EVENT_READ, line)
        while selector.get_map():
            ready = selector.select(SILENCE_S)
            if not ready:
                raise RuntimeError(f"the server said nothing for {SILENCE_S:.0f} s")
            for key, _ in ready:
                line = key.data
                if line.has_read_answer() and not line.send_next():
                    selector.unregister(line.socket)
        spent_s, cpu_s = time.monotonic() - began_s, time.process_time() - began_cpu_s
    for line in lines:
        line.socket.close()
    return Run([answer for line in lines for answer in line.answers()], spent_s, cpu_s)


def _request(token: str, command: RegisterEncounter) -> bytes:
    body = command.model_dump_json().encode()
    head = (
        "POST /api/v1/encounters HTTP/1.1\r\n"
        "Host: tiepdon\r\n"
        "Content-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\n"
        f"{IDEMPOTENCY_HEADER}: {command.request_key}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


class _Line:
    """One kiosk's connection; what it is answered is looked into when all is over."""

    def __init__(self, address: Address, requests: Iterator[tuple[str, bytes]]) -> None:
        self.socket = socket.create_connection(address, timeout=SILENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests = requests
        self._read = b""
        self._answers: list[tuple[str, bytes, float, float]] = []

    def send_next(self) -> bool:
        """Send the next request; False when there is none."""
        following = next(self._requests, None)
        if following is None:
            return False
        self._key, request = following
        self._asked_s = time.monotonic()
        self.socket.sendall(request)
        return True

    def has_read_answer(self) -> bool:
        """Read what has come; whether that completes the answer."""
        received = self.socket.recv(_READ_AT_ONCE)
        if not received:
            raise RuntimeError("the server hung up in the middle of an answer")
        self._read += received
        head, end, content = self._read.partition(b"\r\n\r\n")
        if not end or len(content) < _content_length(head):
            return False
        self._answers.append((self._key, self._read, self._asked_s, time.monotonic()))
        self._read = b""
        return True

    def answers(self) -> Iterator[Answer]:
        for key, answer, asked_s, answered_s in self._answers:
            head, _, content = answer.partition(b"\r\n\r\n")
            if head.split(b" ", 2)[1] not in {b"200", b"201"}:
                raise RuntimeError(answer.decode())
            ticket = json.loads(content)["ticket"]
            yield Answer(key, ticket["queue"], ticket["number"], asked_s, answered_s)


def _content_length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0])  # raises ValueError where the answer does not say its length
