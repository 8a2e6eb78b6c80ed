"""Answers too long, too slow, or cut: nothing is made of them, and their connection serves no other question."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from server.contract.http_answer import AnswerTooLong, AnswerTooSlow, read_body


@dataclass
class Peer:
    """An answer whose pieces come one second apart."""

    pieces: Iterator[bytes]
    now_s: float = 100.0
    said: list[str] = field(default_factory=list)

    def read1(self, amt: int) -> bytes:
        self.now_s += 1
        return next(self.pieces, b"")[:amt]

    def close(self) -> None:
        self.said.append("closed")

    def release_conn(self) -> None:
        self.said.append("given back")

    def read(self, *, longest_bytes: int = 10, deadline: float = 110.0) -> bytes:
        return read_body(self, longest_bytes=longest_bytes, deadline=deadline, monotonic=lambda: self.now_s)


def cut_after(piece: bytes) -> Iterator[bytes]:
    yield piece
    raise ConnectionResetError


def test_an_answer_in_pieces_is_put_together_and_its_connection_kept() -> None:
    peer = Peer(iter((b"12345", b"67890")))
    assert peer.read() == b"1234567890"
    assert peer.said == ["given back"]


def test_an_answer_one_byte_too_long_is_refused_and_its_connection_closed() -> None:
    peer = Peer(iter((b"12345", b"678901", b"never asked for")))
    with pytest.raises(AnswerTooLong):
        peer.read()
    assert peer.said == ["closed", "given back"]
    assert next(peer.pieces) == b"never asked for"


def test_an_answer_that_trickles_past_the_deadline_is_refused_and_its_connection_closed() -> None:
    peer = Peer(iter([b"."] * 1000))
    with pytest.raises(AnswerTooSlow):
        peer.read(longest_bytes=1000, deadline=105.5)
    assert peer.said == ["closed", "given back"]
    assert peer.now_s == 106, "given up with the first piece after the deadline"


def test_a_cut_answer_closes_its_connection_and_says_what_happened() -> None:
    peer = Peer(cut_after(b"12"))
    with pytest.raises(ConnectionResetError):
        peer.read()
    assert peer.said == ["closed", "given back"]
