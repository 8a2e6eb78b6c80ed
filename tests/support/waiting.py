"""Waiting for a fact that another thread or process brings about."""

import time
from collections.abc import Callable


def wait_for(is_so: Callable[[], bool], timeout_s: float = 30.0) -> None:
    """Return as soon as ``is_so`` holds; fails after the time, which is for a machine busy with something else."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, f"not so within {timeout_s:g} s"
        time.sleep(0.01)
