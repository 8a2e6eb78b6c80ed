"""The outbox put to work in one server process."""

from server.background import Background
from server.clock import Clock
from server.config import ServerSettings
from server.db import Database
from server.outbox.client import HisClient
from server.outbox.config import read_token
from server.outbox.worker import PAUSE_S, OutboxSender


def start_outbox(settings: ServerSettings, database: Database, clock: Clock) -> Background | None:
    """Return the running thread, None where no system is configured. Raises Refused without a token."""
    section = settings.server.his
    if section is None:
        return None
    client = HisClient(section, read_token(section, settings.server.data_dir))
    thread = Background("outbox", OutboxSender(database, client, now=clock.now).work, pause_s=PAUSE_S)
    thread.start()
    return thread
