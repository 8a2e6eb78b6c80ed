"""The server's application: its parts put together, and nothing else."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final
from uuid import UUID

from flask import Flask

from server import api, health, openapi, pages, security
from server.accounts import administration_views as staff_views
from server.accounts import own_views as accounts_views
from server.accounts.sessions import find_open
from server.accounts.vault import Vault
from server.appointments import api as appointments_api
from server.appointments import views as appointments_views
from server.auditing import views as auditing_views
from server.board import views as board_views
from server.clock import Clock, SystemClock
from server.config import ServerSettings
from server.counter import views as counter_views
from server.db import Database
from server.desk import views as desk_views
from server.facilities import api as facilities_api
from server.facilities import views as facilities_views
from server.facilities.offered import OfferedNow
from server.fleet import api as fleet_api
from server.fleet import help_views as fleet_views
from server.group_commit import GroupCommit
from server.live import DatabaseFeed, Live
from server.monitoring import api as monitoring_api
from server.monitoring import requests
from server.outbox import views as outbox_views
from server.patients import views as patients_views
from server.portal import views as portal_views
from server.portal.guesses import Guesses
from server.printing import api as printing_api
from server.printing import views as printing_views
from server.queues import api as queues_api
from server.queues import views as queues_views
from server.reception import correction_views as reception_views
from server.registration import api as registration_api
from server.reports import views as reports_views
from server.right_of_way import RightOfWay
from server.snapshots import Snapshots
from server.wiring import open_database

ROOT: Final = Path(__file__).resolve().parent.parent


def create_app(settings: ServerSettings, *, database: Database | None = None, clock: Clock | None = None) -> Flask:
    """Return the server's WSGI application.

    It opens the configured database unless it is given one; ``extensions["db"]`` holds it, ``extensions["clock"]`` the
    clock, ``extensions["settings"]`` the settings and ``extensions["live"]`` the watcher behind the live pages.
    """
    app = Flask("server", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.extensions["settings"] = settings
    app.extensions["db"] = database or open_database(settings)
    app.extensions["right_of_way"] = right_of_way = RightOfWay()
    app.extensions["group_commit"] = GroupCommit(app.extensions["db"], give_way=right_of_way.give_way)
    app.extensions["snapshots"] = Snapshots(app.extensions["db"])
    app.extensions["clock"] = clock or SystemClock()
    app.extensions["vault"] = Vault(settings.server.data_dir)
    app.extensions["live"] = Live(
        DatabaseFeed(app.extensions["db"]), max_listeners=settings.server.live_pages, find_open=_open_sessions_of(app)
    )
    app.extensions["guesses"] = Guesses()
    requests.init_app(app)
    app.extensions["offered_now"] = OfferedNow(app.extensions["db"])
    pages.init_app(app)
    security.init_app(app)
    api.init_app(app)
    for part in (
        registration_api,
        queues_api,
        facilities_api,
        appointments_api,
        fleet_api,
        printing_api,
        openapi,
        health,
        monitoring_api,
    ):
        app.register_blueprint(part.bp)
    for area in (
        appointments_views,
        facilities_views,
        accounts_views,
        staff_views,
        fleet_views,
        reception_views,
        printing_views,
        desk_views,
        patients_views,
        counter_views,
        queues_views,
        board_views,
        portal_views,
        reports_views,
        auditing_views,
        outbox_views,
    ):
        app.register_blueprint(area.bp)
    return app


def _open_sessions_of(app: Flask) -> Callable[[Collection[UUID]], set[UUID]]:
    """Return the question which of some sessions have not ended."""
    limits = app.extensions["settings"].server.sessions.limits

    def find(session_ids: Collection[UUID]) -> set[UUID]:
        with app.extensions["db"].reading() as session:
            return find_open(session, session_ids, now=app.extensions["clock"].now(), limits=limits)

    return find
