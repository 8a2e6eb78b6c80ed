"""What every answer and every request must satisfy, whichever page it belongs to.

* answers: headers that keep scripts, frames, caches and referrers out, on errors too (OWASP ASVS 5.0, 3.4)
* requests: who asks, may they (``server.accounts.access``, closed by default), did our own page send it (3.5), and
  for acts of weight: are they still there (7.5.3)

The cookie is SameSite=Strict, and a changing request must also carry a token made from the cookie's secret: a foreign
page can make a browser send the cookie, but cannot read it.
"""

import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from server.accounts.access import ACCESS, STEP_UP, WITHOUT_COOKIE, is_open, may
from server.accounts.limits import WARNED_BEFORE, SessionLimits
from server.accounts.service import note
from server.accounts.sessions import Staff, find_staff, touch
from server.accounts.step_up import ask_to_confirm
from server.api import clock, database
from server.config import ServerSettings
from server.contract.settings import Profile
from server.errors import Forbidden, Unauthenticated

CSRF_FIELD: Final = "csrf_token"
CSRF_HEADER: Final = "X-CSRF-Token"
# Set by a page's script on what it fetches by itself, so that an unattended desk is signed out all the same.
BACKGROUND_HEADER: Final = "X-Background"

_CONTENT_SECURITY_POLICY: Final = "; ".join(
    f"{directive} {source}"
    for directive, source in {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "media-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }.items()
)

_HEADERS: Final = {
    "Content-Security-Policy": _CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": with it browsers send "Origin: null" from our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_ONE_YEAR_S: Final = 365 * 24 * 3600
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FORM_TYPES: Final = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def init_app(app: Flask) -> None:
    """Put the guard before every request of ``app`` and the headers behind; the database is in its extensions."""
    app.before_request(_guard)
    app.after_request(_finish)
    app.context_processor(
        lambda: {
            "staff": g.get("staff"),
            "session_left_s": _session_left_s,
            "session_warned_s": WARNED_BEFORE.total_seconds(),
            "csrf_field": CSRF_FIELD,
            "csrf_token": csrf_token,
            "may": _may_here,
        }
    )


def signed_in() -> Staff:
    """Return who asks; raises Unauthenticated where a page for staff was reached without a session."""
    staff: Staff | None = g.get("staff")
    if staff is None:
        raise Unauthenticated("staff.not_signed_in")
    return staff


def csrf_token() -> str:
    """Return the token for this page's forms; a visitor without a cookie gets one with the answer."""
    if "new_cookie" not in g and _cookie() is None:
        g.new_cookie = secrets.token_urlsafe(32)
    return _csrf_token_for(g.get("new_cookie") or _cookie() or "")


def session_token() -> str | None:
    """Return the secret of this browser's cookie, whatever it is worth."""
    return _cookie()


def keep_session(token: str) -> None:
    """Send the browser the token of its new session with this answer."""
    g.new_cookie = token


def forget_session() -> None:
    g.new_cookie = None


def _guard() -> ResponseReturnValue | None:
    endpoint = request.endpoint
    if endpoint is None:
        return None  # no such page or method: the router's own answer follows
    access = ACCESS.get(endpoint)
    if access in WITHOUT_COOKIE or endpoint == "static":
        return None
    g.staff = _staff_of_request()
    if not is_open(endpoint):
        if g.staff is None:
            return _ask_to_sign_in()
        if not may(g.staff.role, endpoint):
            _note_refusal(g.staff, endpoint)
            raise Forbidden("staff.role")
        if unready := _unready(g.staff, endpoint):
            return redirect(url_for(unready))
    if request.method not in _SAFE_METHODS:
        _check_origin()
        _check_csrf_token()
    return ask_to_confirm(g.staff) if endpoint in STEP_UP else None


def _note_refusal(staff: Staff, endpoint: str) -> None:
    with database().begin() as session:
        note(
            session, "access.role-refused", staff.user_id, by=f"staff:{staff.username}", now=clock().now(),
            details={"endpoint": endpoint},
        )  # fmt: skip


def _staff_of_request() -> Staff | None:
    token = _cookie()
    if token is None:
        return None
    now = clock().now()
    with database().reading() as session:
        staff = find_staff(session, token, now=now, limits=_limits())
    is_background = BACKGROUND_HEADER in request.headers or request.headers.get("Accept") == "text/event-stream"
    if staff is not None and not is_background:
        return touch(database(), staff, now=now)
    return staff


def _limits() -> SessionLimits:
    settings: ServerSettings = current_app.extensions["settings"]
    return settings.server.sessions.limits


# What a person may do who has yet to make a password of their own, or to set up their second factor.
_ALWAYS: Final = frozenset(
    {"accounts.password_page", "accounts.change_password", "accounts.own_session", "accounts.sign_out"}
)
_SETTING_UP: Final = _ALWAYS | {
    "accounts.second_factor", "accounts.begin_second_factor", "accounts.confirm_second_factor"
}  # fmt: skip


def _unready(staff: Staff, endpoint: str) -> str | None:
    """Return the page where the person must do something before they can work; None when nothing is missing."""
    if staff.must_change_password:
        return None if endpoint in _ALWAYS else "accounts.password_page"
    settings: ServerSettings = current_app.extensions["settings"]
    if settings.profile is Profile.PRODUCTION and not staff.has_second_factor:
        return None if endpoint in _SETTING_UP else "accounts.second_factor"
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    wants_page = request.method == "GET" and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    if not wants_page:
        raise Unauthenticated("staff.not_signed_in")
    return redirect(url_for("accounts.sign_in_page", next=request.full_path.rstrip("?")))


def _check_origin() -> None:
    """Refuse what another site's page sent; an old browser sends neither header, and the token decides alone."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise Forbidden("csrf.origin")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("csrf.origin")


def _check_csrf_token() -> None:
    cookie = _cookie()
    if cookie is None:
        raise Forbidden("csrf.cookie")
    given = request.headers.get(CSRF_HEADER)
    if given is None and request.mimetype in _FORM_TYPES:
        given = request.form.get(CSRF_FIELD)
    if not hmac.compare_digest((given or "").encode(), _csrf_token_for(cookie).encode()):
        raise Forbidden("csrf.token")


def _csrf_token_for(cookie: str) -> str:
    return hmac.new(cookie.encode(), b"tiepdon csrf v1", hashlib.sha256).hexdigest()


def _may_here(endpoint: str) -> bool:
    staff: Staff | None = g.get("staff")
    return staff is not None and may(staff.role, endpoint)


def _session_left_s() -> float:
    return (signed_in().ends_at - clock().now()).total_seconds()


def _cookie_name() -> str:
    # __Host- demands Secure, which browsers accept over plain http for no address but their own machine's, if at all.
    return "__Host-tiepdon" if request.is_secure else "tiepdon"


def _cookie() -> str | None:
    return request.cookies.get(_cookie_name()) or None


def _finish(response: Response) -> Response:
    if "new_cookie" in g:
        _set_cookie(response, g.new_cookie)
    given = {name.lower() for name in response.headers.keys()}  # noqa: SIM118 - iterating gives pairs
    response.headers.extend([(name, value) for name, value in _HEADERS.items() if name.lower() not in given])
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = f"max-age={_ONE_YEAR_S}; includeSubDomains"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.add("Cookie")
    return response


def _set_cookie(response: Response, token: str | None) -> None:
    response.set_cookie(
        _cookie_name(),
        token or "",
        max_age=0 if token is None else None,  # otherwise it goes when the browser is closed
        path="/",
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )
    if token is None:
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
