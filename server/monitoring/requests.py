"""One log line and one observation for each answered request.

The endpoint's name stands for the address, which may hold a slip's code, and the role for the person: who did what is
the audit log's business.
"""

import logging
import time
from typing import Final
from uuid import uuid4

from flask import Flask, Response, current_app, g, request

from server.accounts.sessions import Staff
from server.fleet.service import Device
from server.monitoring.metrics import Metrics

log = logging.getLogger(__name__)

REQUEST_HEADER: Final = "X-Request-Id"
# Asked every few seconds by machines: counted, and logged only when something is wrong.
_QUIET: Final = frozenset({"static", "health.alive", "health.ready", "monitoring.metrics"})
_UNKNOWN: Final = "unknown"


def init_app(app: Flask) -> None:
    """Watch every request of ``app``; belongs before whatever else hooks into it, so that all of it is measured."""
    app.extensions["metrics"] = Metrics()
    app.before_request(_begin)
    app.after_request(_note)


def _begin() -> None:
    g.began_s = time.perf_counter()
    g.request_id = uuid4()  # stands in the answer too, so that a complaint finds its line


def _note(response: Response) -> Response:
    seconds = time.perf_counter() - g.began_s
    endpoint = request.endpoint or _UNKNOWN
    # Anything may be asked for as a method; a monitor's label must not be.
    method = request.method if request.method in {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"} else _UNKNOWN
    metrics: Metrics = current_app.extensions["metrics"]
    metrics.observe(endpoint=endpoint, method=method, status=response.status_code, seconds=seconds)
    response.headers[REQUEST_HEADER] = str(g.request_id)
    if endpoint not in _QUIET or response.status_code >= 500:
        log.log(
            logging.WARNING if response.status_code >= 500 else logging.INFO,
            "request",
            extra={
                "request": g.request_id,
                "endpoint": endpoint,
                "method": method,
                "status": response.status_code,
                "duration_ms": round(seconds * 1000, 1),
                **_who(),
            },
        )
    return response


def _who() -> dict[str, object]:
    device: Device | None = g.get("device")
    staff: Staff | None = g.get("staff")
    if device is not None:
        return {"role": "kiosk", "device": device.id, "facility": device.facility}
    if staff is not None:
        return {"role": staff.role, "facility": staff.facility}
    return {"role": "nobody"}
