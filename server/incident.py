"""What the log may keep of a failure nobody foresaw: where it happened and of what kind, never a row's content."""

import logging
import secrets
from typing import Final

from server.contract.logs import Failure

_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz"


def record(log: logging.Logger, error: BaseException, place: str | None) -> str:
    """Log a failure and return its incident number, which joins the log and what the person was told."""
    # Letters only: read out over the telephone, and no log takes it for somebody's number.
    incident = "".join(secrets.choice(_LETTERS) for _ in range(8))
    # Not as exc_info: a foreign handler would write the messages, and PostgreSQL quotes the failing row in its.
    log.error("incident %s at %s\n%s", incident, place, Failure(error), extra={"incident": incident, "endpoint": place})
    return incident
