"""The file system in memory, where there is one: nothing a test writes has to outlive the power."""

import os
import shutil
from pathlib import Path
from typing import Final

_ROOM: Final = 1 << 30
"""For databases, hospitals and what the tests themselves write, of all processes of a run."""


def find_memory() -> Path | None:
    """Return a directory in memory with room for a run, None where there is none."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or os.statvfs(memory).f_flag & os.ST_NOEXEC:  # a container's; tests write programs, too
        return None
    return memory if shutil.disk_usage(memory).free >= _ROOM else None
