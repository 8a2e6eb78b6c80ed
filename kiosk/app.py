"""The Flask application on the kiosk: one kiosk, its pages, and a health check."""

from pathlib import Path
from typing import Final

from flask import Flask
from flask.typing import ResponseReturnValue

from kiosk.assembly import open_kiosk
from kiosk.config import KioskSettings
from kiosk.flow import Kiosk
from kiosk.screens import add_screens

ROOT: Final = Path(__file__).resolve().parent.parent


def create_app(settings: KioskSettings, kiosk: Kiosk | None = None) -> Flask:
    """Return the application around ``kiosk``; without one, open what ``settings`` name and start it.

    Called in the process that serves: threads and open devices do not survive a fork.
    """
    if kiosk is None:
        kiosk = open_kiosk(settings)
        kiosk.start()
    app = Flask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        static_url_path="/static",
    )
    app.extensions["kiosk"] = kiosk

    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        """Whether this process lives; whether it may register people is the technician's page."""
        return {"status": "ok"}

    add_screens(app, kiosk, settings)
    return app
