"""``tiepdon-kiosk run``: the kiosk as a service."""

import os
import threading
import time
from pathlib import Path
from typing import Any, Final

import click
from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # publishes no types
from gunicorn.glogging import Logger as GunicornLogger  # type: ignore[import-untyped]  # publishes no types

from kiosk.app import create_app
from kiosk.cli.options import config_option
from kiosk.config import KioskSettings, read_kiosk_settings
from kiosk.flow import Kiosk
from kiosk.journal.errors import JournalError
from kiosk.journal.store import Journal
from server.contract import logs
from server.contract.binding import require_usable

THREADS: Final = 24
"""Each open page holds one thread for its event stream (at most 8, see kiosk/screens/events.py)."""

GRACE_S: Final = 5
"""How long requests may take to end after SIGTERM; a registration begun is finished by its own thread."""

_WATCH_S: Final = 0.2


@click.command("run", short_help="Serve the pages and drive the devices.")
@config_option
def command(config: Path) -> None:
    """Serve the kiosk's pages and drive its devices until stopped."""
    settings = read_kiosk_settings(config)
    require_usable("kiosk.bind", settings.kiosk.bind)
    _try_journal(settings.kiosk.data_dir)
    logs.set_up()
    KioskService(settings).run()


def _try_journal(data_dir: Path) -> None:
    """Tell the technician in a sentence why the kiosk will say that it is out of service; a log line holds the code."""
    try:
        Journal.open(data_dir).close()
    except JournalError as error:
        click.echo(f"{error.code}: {error}; until that is mended the kiosk is out of service", err=True)


class _Log(GunicornLogger):  # type: ignore[misc]  # gunicorn publishes no types
    """gunicorn's own lines among ours."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        logs.let_through("gunicorn.error")


class KioskService(BaseApplication):  # type: ignore[misc]  # gunicorn publishes no types
    """Gunicorn around one kiosk: one worker process, because one card reader has one owner; threads inside it."""

    def __init__(self, settings: KioskSettings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._settings.kiosk.bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "graceful_timeout": GRACE_S,
            "timeout": 30,
            "proc_name": "tiepdon-kiosk",
            # The heartbeat's file on a disk that stands still would have a healthy worker replaced.
            "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,  # noqa: S108 - of gunicorn's own naming
            "control_socket_disable": True,
            "logger_class": _Log,
            "accesslog": None,  # addresses and times of a patient's touches are nobody's business
            "post_worker_init": _end_streams_with_the_worker,
            "worker_exit": _close_kiosk,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called in the worker, after the fork: devices and threads would not survive it."""
        return create_app(self._settings)


def _end_streams_with_the_worker(worker: Any) -> None:
    """Let open event streams go as soon as the worker is asked to leave; it would wait out its grace for them."""

    def watch() -> None:
        while worker.alive:
            time.sleep(_WATCH_S)
        _kiosk_of(worker).let_go()

    threading.Thread(target=watch, name="end-of-worker", daemon=True).start()


def _close_kiosk(_arbiter: object, worker: Any) -> None:
    """End the kiosk's threads before the interpreter waits for them."""
    if worker.wsgi is not None:
        _kiosk_of(worker).close()


def _kiosk_of(worker: Any) -> Kiosk:
    kiosk = worker.wsgi.extensions["kiosk"]
    assert isinstance(kiosk, Kiosk)
    return kiosk
