"""The body of an HTTP answer, read within bounds of size and of time."""

import time
from collections.abc import Callable
from typing import Final, Protocol

_CHUNK: Final = 64 * 1024


class AnswerTooLong(Exception):
    """The body is longer than whoever answers as agreed would ever send."""


class AnswerTooSlow(Exception):
    """The body was not all there at the deadline."""


class Answer(Protocol):
    """What is asked of a library's response, its head read and its body not."""

    def read1(self, amt: int) -> bytes: ...

    def close(self) -> None: ...

    def release_conn(self) -> None: ...


def read_body(
    answer: Answer, *, longest_bytes: int, deadline: float, monotonic: Callable[[], float] = time.monotonic
) -> bytes:
    """Return the whole body and give the connection back; ``deadline`` is an instant of ``monotonic``.

    A socket's time limit starts anew with every byte, and asking for many bytes waits for all of them, so a peer that
    trickles could hold us for ever. What has come is therefore taken as it comes, against one deadline. A connection
    whose body was not read to its end is closed, for it would answer the next question with the rest of this one.

    Raises AnswerTooLong, AnswerTooSlow, and what the library raises.
    """
    body = bytearray()
    try:
        while chunk := answer.read1(_CHUNK):
            body += chunk
            if len(body) > longest_bytes:
                raise AnswerTooLong
            if monotonic() > deadline:
                raise AnswerTooSlow
    except BaseException:
        answer.close()
        raise
    finally:
        answer.release_conn()
    return bytes(body)
