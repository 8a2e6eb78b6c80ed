"""What can go wrong between us and the insurance gateway, sorted by who acts on it.

* GatewayError
  - GatewayUnavailable   no usable answer now: asked again by itself
    - CircuitOpen            it failed so often that it is left alone for a moment
  - GatewayRefused       it does not accept our account: a technician acts
"""

from typing import Final


class GatewayError(Exception):
    """Base of all; ``code`` is stable. No message holds personal data, a token or a query string."""

    code = "insurance.gateway"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GatewayUnavailable(GatewayError):
    """``reason``: ``connect``, ``timeout``, ``reset``, ``tls``, ``status_502``, ``not_json``, ``too_large``, ..."""

    code = "insurance.unavailable"


class CircuitOpen(GatewayUnavailable):
    """The gateway was not asked; ``retry_after_s`` says when a question is let through again."""

    code = "insurance.circuit_open"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("circuit_open")
        self.retry_after_s = retry_after_s


ACCOUNT_REFUSED: Final = "account refused with "


class GatewayRefused(GatewayError):
    """The account was refused with ``result_code`` (``401``, ``402``, ``403``)."""

    code = "insurance.refused"

    def __init__(self, result_code: str) -> None:
        super().__init__(f"{ACCOUNT_REFUSED}{result_code}")
        self.result_code = result_code
