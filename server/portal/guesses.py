"""Slips' codes that nobody has: how many one address may ask for, before it is told to wait.

No code of 100 random bits will ever be guessed; this keeps whoever tries from costing more than a look at a table, and
shows in ``/metrics`` as answers 429. Only codes that open nothing are counted, and only they are answered so: all
phones of a hospital may share one address, and a slip that is right is always shown. A display's area is no secret, so
the displays count nothing.
"""

import ipaddress
import math
from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

FREE: Final = 20
"""Mistyped codes and slips of a restored database, from a whole waiting room's network."""

ONE_MORE_EVERY: Final = timedelta(seconds=6)
_ADDRESSES: Final = 4096
"""Kept in each process, some 1 MB; the address that was quiet longest is forgotten for a new one."""


class Guesses:
    """A bucket of free misses for each address, filled again with time. For one process; any thread may ask."""

    def __init__(self) -> None:
        self._full_again: OrderedDict[str, datetime] = OrderedDict()  # when nothing will be left of the misses
        self._lock = Lock()

    def count(self, address: str, now: datetime) -> int | None:
        """Note one code of nobody; return after how many seconds to ask again once there were too many, else None."""
        subject = _subject(address)
        with self._lock:
            begins = max(self._full_again.pop(subject, now), now)
            too_long = begins + ONE_MORE_EVERY - (now + FREE * ONE_MORE_EVERY)
            if too_long > timedelta(0):  # what is refused adds nothing, or a patient would wait ever longer
                self._full_again[subject] = begins
                return math.ceil(too_long.total_seconds())
            self._full_again[subject] = begins + ONE_MORE_EVERY
            if len(self._full_again) > _ADDRESSES:
                self._full_again.popitem(last=False)
            return None


def _subject(address: str) -> str:
    """Return whom an address stands for: of IPv6 the network of 64 bits, in which one machine takes what it likes."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
