"""``/metrics``: open to the monitor that has the token, and to nobody else.

An address would be no proof: behind a proxy on the same machine every request comes from 127.0.0.1.
"""

import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from server import secret_files
from server.accounts.tokens import TOKEN_PREFIX, Scope, authenticate_system
from server.api import clock, database
from server.config import ServerSettings
from server.errors import Unauthenticated
from server.monitoring.gauges import DatabaseGauges
from server.monitoring.metrics import CONTENT_TYPE, Metrics

bp = Blueprint("monitoring", __name__)

TOKEN_VARIABLE: Final = "TIEPDON_METRICS_TOKEN"  # noqa: S105 - the name of a variable
TOKEN_FILE: Final = "metrics.token"  # noqa: S105 - the name of a file


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    facility = _facility_of_asker()
    counted: Metrics = current_app.extensions["metrics"]
    gauges = DatabaseGauges(database(), clock().now(), facility=facility)
    return Response(counted.page(gauges), content_type=CONTENT_TYPE)


def _facility_of_asker() -> str | None:
    """Return whose figures the asker may see, None for everybody's; raises Unauthenticated, Forbidden.

    The monitor of the whole server has the token of the data directory, that of one hospital a token an administrator
    made for it.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() == "bearer" and token.startswith(TOKEN_PREFIX):
        return authenticate_system(database(), token, scope=Scope.METRICS_READ, now=clock().now()).facility
    settings: ServerSettings = current_app.extensions["settings"]
    expected = metrics_token(settings.server.data_dir)
    if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), expected.encode()):
        raise Unauthenticated("metrics.token", f"send the token that stands in {TOKEN_FILE}: Authorization: Bearer")
    return None


def metrics_token(data_dir: Path) -> str:
    """Return the monitor's token: from the environment, else from a file only its owner can read, made if missing."""
    if token := os.environ.get(TOKEN_VARIABLE):
        return token
    made = secret_files.read_or_make(data_dir / TOKEN_FILE, lambda: f"{secrets.token_urlsafe(32)}\n".encode("ascii"))
    return made.decode("ascii").strip()
