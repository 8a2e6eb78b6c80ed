"""How long to wait after too many wrong attempts, as pages say it."""

import math
from datetime import datetime

from server.accounts.texts import TEXTS
from server.pages import page_language
from server.texts import Texts


def seconds_until(until: datetime, now: datetime) -> int:
    """Return whole seconds, at least 1."""
    return max(1, math.ceil((until - now).total_seconds()))


def wait_words(until: datetime, now: datetime) -> str:
    """Return the sentence in the page's language; longer waits in minutes, and with whom to ask instead."""
    t, seconds = Texts(page_language(), TEXTS), seconds_until(until, now)
    if seconds < 120:
        return t("sign_in.delayed", seconds=seconds)
    return t("sign_in.delayed.long", minutes=math.ceil(seconds / 60))
