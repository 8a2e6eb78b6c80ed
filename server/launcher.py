"""Running the server under gunicorn, as ``tiepdon-server run`` does."""

import gc
import os
from typing import Any, Final

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # publishes no types
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # publishes no types
from gunicorn.glogging import Logger as GunicornLogger  # type: ignore[import-untyped]  # publishes no types
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]  # publishes no types

from server.app import create_app
from server.background import Background
from server.config import ServerSettings
from server.contract import logs
from server.insurance.start import start_card_checks
from server.monitoring.metrics import forget_process
from server.outbox.start import start_outbox
from server.queues.keeper import start_keeper

GRACEFUL_TIMEOUT_S: Final = 10
"""How long an open request may go on after SIGTERM; a kiosk repeats what is cut off."""


class _Log(GunicornLogger):  # type: ignore[misc]  # gunicorn publishes no types
    """gunicorn's own lines among ours; it writes none for a request, which is told by ``monitoring.requests``."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        logs.let_through("gunicorn.error")


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn publishes no types
    """gunicorn with our settings; each worker process makes its own application, and so its own connections."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        section = self._settings.server
        options: dict[str, Any] = {
            "bind": section.bind,
            "workers": section.workers,
            # Each open live page holds one thread; asleep, it costs some 50 kB and no time.
            "threads": section.threads + section.live_pages,
            "worker_class": "gthread",
            # A frozen process is replaced. A slow request is not stopped by this: every wait in it has its own limit.
            "timeout": 30,
            "graceful_timeout": GRACEFUL_TIMEOUT_S,
            "keepalive": 15,
            "limit_request_line": 4094,
            "limit_request_fields": 50,
            "proc_name": "tiepdon-server",
            "post_worker_init": _worker_is_ready,
            "worker_exit": _worker_leaves,
            "child_exit": lambda _, worker: forget_process(worker.pid),
            "logger_class": _Log,
            # The heartbeat's file on a disk that stands still would have healthy workers replaced.
            "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,  # noqa: S108 - of gunicorn's own naming
            "control_socket_disable": True,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app(self._settings)


def _worker_is_ready(worker: ThreadWorker) -> None:
    app: Flask = worker.wsgi
    # What is there by now stays for ever, and the collector need not walk through it again and again: 287 registrations
    # a second in place of 230 in one run of bench/boards.py, flat-out on SQLite.
    gc.freeze()
    # Open live pages go as soon as the worker is asked to leave; it would wait for them otherwise.
    app.extensions["live"].end_when_false(lambda: worker.alive)
    parts = app.extensions["settings"], app.extensions["db"], app.extensions["clock"]
    started = (start_card_checks(*parts), start_outbox(*parts), start_keeper(*parts))
    app.extensions["background"] = [threads for threads in started if threads is not None]


def _worker_leaves(_: Arbiter, worker: ThreadWorker) -> None:
    app: Flask | None = getattr(worker, "wsgi", None)  # none: it ended before it was ready
    background: list[Background] = app.extensions.get("background", []) if app is not None else []
    for threads in background:
        threads.stop()
