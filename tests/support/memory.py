"""The file system in memory, where there is one: nothing a test writes has to outlive the power."""

import shutil
from pathlib import Path
from typing import Final

_ROOM: Final = 1 << 30
"""For a cluster with its log, and for the files of the other databases."""


def find_memory() -> Path | None:
    """Return a directory in memory with room for a run, None where there is none."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free >= _ROOM else None
