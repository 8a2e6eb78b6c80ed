"""The thread that may block: what its callers see when it does."""

import threading
from collections.abc import Iterator

import pytest

from drivers.errors import CardRemoved, DeviceTimeout
from drivers.smartcard.worker import Worker

SOON_S = 0.05
WITHIN_S = 30.0


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker("test-worker")
    yield worker
    worker.close()


def test_results_and_errors_come_back(worker: Worker) -> None:
    assert worker.call(lambda: 42, WITHIN_S) == 42

    def removed() -> None:
        raise CardRemoved("gone")

    with pytest.raises(CardRemoved, match="gone"):
        worker.call(removed, WITHIN_S)
    assert worker.call(lambda: "still there", WITHIN_S) == "still there"


def test_everything_runs_in_the_one_thread(worker: Worker) -> None:
    names = {worker.call(lambda: threading.current_thread().name, WITHIN_S) for _ in range(3)}
    assert names == {"test-worker"}


def test_who_blocks_is_given_up_and_nobody_waits_behind_it(worker: Worker) -> None:
    free = threading.Event()
    with pytest.raises(DeviceTimeout, match=r"within 0\.05 s"):
        worker.call(free.wait, SOON_S)
    assert worker.is_stuck
    with pytest.raises(DeviceTimeout, match="still waits"):
        worker.call(lambda: 42, WITHIN_S)
    free.set()
    assert _comes_free(worker)
    assert worker.call(lambda: 42, WITHIN_S) == 42


def test_a_late_result_is_put_away_before_the_next_call(worker: Worker) -> None:
    free = threading.Event()
    closed: list[str] = []

    def open_late() -> str:
        free.wait(WITHIN_S)
        return "handle"

    with pytest.raises(DeviceTimeout):
        worker.call(open_late, SOON_S, undo=closed.append)
    worker.when_free(lambda: closed.append("afterwards"))
    assert closed == []
    free.set()
    assert _comes_free(worker)
    assert closed == ["handle", "afterwards"]


def test_a_result_in_time_is_not_put_away(worker: Worker) -> None:
    closed: list[str] = []
    assert worker.call(lambda: "handle", WITHIN_S, undo=closed.append) == "handle"
    worker.when_free(lambda: closed.append("at once"))
    worker.call(lambda: None, WITHIN_S)
    assert closed == ["at once"]


def test_a_late_error_is_nobodys(worker: Worker) -> None:
    free = threading.Event()

    def fail_late() -> None:
        free.wait(WITHIN_S)
        raise CardRemoved("gone")

    with pytest.raises(DeviceTimeout):
        worker.call(fail_late, SOON_S)
    free.set()
    assert _comes_free(worker)


def _comes_free(worker: Worker) -> bool:
    pause = threading.Event()
    for _ in range(3000):
        if not worker.is_stuck:
            return True
        pause.wait(0.01)
    return False
