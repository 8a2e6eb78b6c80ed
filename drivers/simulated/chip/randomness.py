"""Where a simulated chip takes its random numbers from; a test of the standard's worked examples scripts them."""

import secrets
from typing import Protocol


class Randomness(Protocol):
    def octets(self, count: int) -> bytes: ...

    def scalar(self, order: int) -> int:
        """Return a private key, 1 .. order - 1."""
        ...


class SystemRandomness:
    def octets(self, count: int) -> bytes:
        return secrets.token_bytes(count)

    def scalar(self, order: int) -> int:
        return secrets.randbelow(order - 1) + 1
