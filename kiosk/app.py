"""The Flask application on the kiosk: one kiosk, its pages, and a health check."""

from pathlib import Path
from typing import Final

from flask import Flask, Response
from flask.typing import ResponseReturnValue
from pydantic import TypeAdapter

from kiosk.assembly import open_kiosk
from kiosk.config import KioskSettings
from kiosk.flow import Kiosk
from kiosk.screens import add_screens
from kiosk.status import KioskStatus

_STATUS: Final = TypeAdapter(KioskStatus)

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
        """Whether this process lives; a service manager restarts it when it does not answer."""
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> ResponseReturnValue:
        """Whether people can register here now; ``blocks`` are stable codes of what a technician has to mend."""
        blocks = sorted(kiosk.blocks)
        return {"status": "blocked" if blocks else "ok", "blocks": blocks}, 503 if blocks else 200

    @app.get("/status.json")
    def status() -> ResponseReturnValue:
        """All a technician sees, for monitoring: devices, outbox, dead letters, uncertain papers; no personal data."""
        found = kiosk.status()
        if found is None:
            return {"blocks": sorted(kiosk.blocks)}, 503
        return Response(_STATUS.dump_json(found), mimetype="application/json")

    add_screens(app, kiosk, settings)
    return app
