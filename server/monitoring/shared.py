"""Where the worker processes share their counters; imports nothing of the client library, which reads this first."""

import os
import shutil
from pathlib import Path
from typing import Final

VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
DIRECTORY: Final = "metrics"


def share_between_processes(data_dir: Path) -> None:
    """Have the counters of this process and its children kept in files, from zero on.

    Belongs before the first import of ``server.monitoring.metrics``.
    """
    directory = data_dir / DIRECTORY
    shutil.rmtree(directory, ignore_errors=True)  # of processes that have gone
    directory.mkdir(parents=True, mode=0o700)
    os.environ[VARIABLE] = str(directory)
