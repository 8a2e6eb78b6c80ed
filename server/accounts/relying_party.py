"""For whom security keys are made: the name and address under which browsers know this server. Pure.

A key signs for one name and no other; that is its worth against pages that only look like ours. Browsers offer it on
secure pages with a name alone: https, or this machine's own ``localhost`` (W3C Web Authentication Level 2, 5.1.3 and
the definition of "RP ID"). The name comes from config.yaml, never from what a request claims.
"""

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_THIS_MACHINE: Final = "localhost"


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """``id`` is a host's name; ``origin`` what the browser's address line begins with."""

    id: str
    origin: str


def configured_party(address: str | None) -> RelyingParty | None:
    """Return whom keys are made for at a configured address; None where no browser would use one there."""
    try:
        parts = urlsplit(address or "")
        host = parts.hostname or ""
    except ValueError:  # half an IPv6 address
        return None
    is_secure = parts.scheme == "https" or host == _THIS_MACHINE
    return RelyingParty(host, f"{parts.scheme}://{parts.netloc.lower()}") if is_secure and is_name(host) else None


def party_at(origin: str, *, configured: RelyingParty | None) -> RelyingParty | None:
    """Return whom keys are asked for on a page at ``origin``; None where they cannot be used.

    ``localhost`` needs no configuration: only a program of the same machine can stand there.
    """
    here = configured_party(origin)
    return here if here is not None and (here == configured or here.id == _THIS_MACHINE) else None


def is_name(host: str) -> bool:
    """Whether a host is a name, not an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host)
    return False
