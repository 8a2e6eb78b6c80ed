"""The kiosk's pages: what patients touch, what a technician looks at, and the simulator of the demo profile."""

from flask import Flask

from kiosk.config import KioskSettings
from kiosk.flow import Kiosk
from kiosk.screens.events import event_stream
from kiosk.screens.guard import install_guard
from kiosk.screens.patient import patient_pages
from kiosk.screens.simulator import simulator_pages
from kiosk.screens.technician import technician_pages


def add_screens(app: Flask, kiosk: Kiosk, settings: KioskSettings) -> None:
    """Add all pages to ``app``, guarded; the simulator only where the profile is the demo's."""
    host = settings.kiosk.bind.rpartition(":")[0]
    install_guard(app, home="patient.home", hosts=(host,))
    app.register_blueprint(patient_pages(kiosk, warning_s=settings.kiosk.limits.warning_s))
    app.register_blueprint(event_stream(kiosk))
    app.register_blueprint(technician_pages(kiosk, settings))
    if settings.is_demo:
        app.register_blueprint(simulator_pages(kiosk, language=settings.kiosk.language))
