"""Which browser may speak in a waiting room: the numbers are everybody's to read, the hospital's voice is not.

An administrator gives displays a key as an address that holds it behind ``#``: browsers send that part to no server, so
it stands in no log on the way. The page hands the key in once and it comes back as a cookie that no script can read.
"""

from typing import Final

from flask import Response, current_app, request

from server.accounts.tokens import Scope, authenticate_system
from server.api import clock, database
from server.config import ServerSettings
from server.contract.settings import Profile
from server.errors import Forbidden, Unauthenticated

_COOKIE: Final = "tiepdon-display"
_KEPT_S: Final = 365 * 24 * 3600  # the longest life of a key


def check_key(key: str, facility: str) -> None:
    """Raise Unauthenticated for what is no key to the voice of ``facility``, or none any more."""
    try:
        owner = authenticate_system(database(), key, scope=Scope.CALLS_SPEAK, now=clock().now())
    except Forbidden as error:
        raise Unauthenticated("display.key_ended", "revoked, expired, or a key to something else") from error
    if owner.facility != facility:
        raise Unauthenticated("display.key_foreign", "a key to another hospital's displays")


def may_speak(facility: str) -> bool:
    """Whether this browser may speak; in a trial every one that opens the page may, without a key."""
    settings: ServerSettings = current_app.extensions["settings"]
    if settings.profile is not Profile.PRODUCTION:
        return True
    try:
        check_key(request.cookies.get(_COOKIE, ""), facility)
    except Unauthenticated:
        return False
    return True


def keep_key(response: Response, key: str) -> None:
    response.set_cookie(
        _COOKIE, key, max_age=_KEPT_S, path="/board", secure=request.is_secure, httponly=True, samesite="Strict"
    )
