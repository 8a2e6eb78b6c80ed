"""The address a program listens at: how it is written, and whether this machine gives it."""

import errno
import socket
import time
from typing import Annotated, Final

from pydantic import AfterValidator

_FREED_WITHIN_S: Final = 5.0
"""How long the address of a program that was killed may still be held by the processes it left."""

_STEP_S: Final = 0.2


class AddressUnusable(Exception):
    """Nothing can listen at the configured address: another program does, or it is not this machine's."""

    code = "bind.unusable"


def _is_address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    is_host = host.startswith("[") == host.endswith("]") == (":" in host) and not set(host) & set(" /@")
    if not (colon and host and is_host and port.isascii() and port.isdecimal() and int(port) <= 65535):
        raise ValueError("must be HOST:PORT with a port up to 65535, e.g. 127.0.0.1:8000")
    return text


Address = Annotated[str, AfterValidator(_is_address)]
"""HOST:PORT. An IPv6 host stands in brackets; a port alone would listen at every address."""


def require_usable(key: str, address: str) -> None:
    """Raise AddressUnusable when nothing can listen at ``address``, the value of ``key`` in the configuration.

    Waits some seconds for whoever holds it: a program started anew after it was killed finds its workers leaving.
    """
    deadline = time.monotonic() + _FREED_WITHIN_S
    while (error := _try(address)) is not None:
        if error.errno != errno.EADDRINUSE or time.monotonic() >= deadline:
            advice = (
                "stop the program that uses it, or change the key"
                if error.errno == errno.EADDRINUSE
                else "name an address of this machine"
            )
            raise AddressUnusable(f"{key}: {address} cannot be used ({error.strerror}); {advice}")
        time.sleep(_STEP_S)


def _try(address: str) -> OSError | None:
    """Return why nothing can be bound to ``address``; None when it can."""
    host, _, port = address.rpartition(":")
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:  # a name nobody knows, too
        return error
    return None
