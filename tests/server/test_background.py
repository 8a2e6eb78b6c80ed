"""The threads beside the requests go on whatever goes wrong, and end when they are told to."""

import threading
from collections.abc import Callable

import pytest

from server.background import Background
from server.errors import Unavailable

WITHIN_S = 20.0


def begin(work: Callable[[], float]) -> Background:
    threads = Background("errands", work, pause_s=0.01)
    threads.start()
    return threads


@pytest.mark.parametrize("trouble", [Unavailable("database.down", "no answer"), ValueError("a bad row")])
def test_a_piece_that_fails_is_told_and_the_next_one_begun(
    trouble: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    again = threading.Event()
    pieces = iter([trouble])

    def work() -> float:
        if (failure := next(pieces, None)) is not None:
            raise failure
        again.set()
        return 60.0

    threads = begin(work)
    assert again.wait(WITHIN_S)
    threads.stop(WITHIN_S)
    assert [record.getMessage().split()[0] for record in caplog.records] == ["errands"]


def test_a_resting_thread_ends_at_once_when_it_is_told() -> None:
    resting = threading.Event()

    def work() -> float:
        resting.set()
        return 3600.0

    threads = begin(work)
    assert resting.wait(WITHIN_S)
    threads.stop(WITHIN_S)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("errands")]
