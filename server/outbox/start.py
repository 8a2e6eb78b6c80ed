"""The outbox put to work in one server process."""

from server.clock import Clock
from server.config import ServerSettings
from server.db import Database
from server.outbox.client import HisClient
from server.outbox.config import read_token
from server.outbox.worker import OutboxSender, OutboxThread


def start_outbox(settings: ServerSettings, database: Database, clock: Clock) -> OutboxThread | None:
    """Return the running thread, None where no system is configured. Raises Refused without a token."""
    section = settings.server.his
    if section is None:
        return None
    client = HisClient(section, read_token(section, settings.server.data_dir))
    thread = OutboxThread(OutboxSender(database, client, now=clock.now))
    thread.start()
    return thread
