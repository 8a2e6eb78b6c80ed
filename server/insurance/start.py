"""The checks of cards put to work in one server process."""

from server.background import Background
from server.clock import Clock
from server.config import ServerSettings
from server.db import Database
from server.insurance.config import read_credentials
from server.insurance.gateway import BhxhGateway
from server.insurance.sealing import Seal
from server.insurance.worker import PAUSE_S, CardChecker


def start_card_checks(settings: ServerSettings, database: Database, clock: Clock) -> Background | None:
    """Return the running threads, None where no gateway is configured. Raises Refused without a password."""
    section = settings.server.insurance
    if section is None:
        return None
    credentials = read_credentials(section, settings.server.data_dir)
    checker = CardChecker(
        database,
        BhxhGateway(section, credentials, now=clock.now),
        Seal.of(settings.server.data_dir),
        facilities=credentials,
        now=clock.now,
    )
    threads = Background("insurance", checker.work, pause_s=PAUSE_S, count=section.parallel)
    threads.start()
    return threads
