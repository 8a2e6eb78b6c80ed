"""Who may talk to the pages: this machine's own browser, from these very pages, and nothing it shows stays behind."""

import hmac
import secrets
from typing import Final

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": under it a browser sends "Origin: null" with a form, and the guard could not know its own page.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

LOOPBACK_HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_EXTENSION: Final = "tiepdon-page-token"


def install_guard(app: Flask, *, home: str, hosts: tuple[str, ...] = ()) -> None:
    """Guard every route of ``app``; a form of an earlier process leads back to the endpoint ``home``.

    A host name that is neither this machine's own nor one of ``hosts`` is refused (DNS rebinding). A request that
    changes something must come from a page of ours (Sec-Fetch-Site, Origin) and carry this process's token.
    """
    app.extensions[_EXTENSION] = secrets.token_urlsafe(32)
    app.config.update(
        TRUSTED_HOSTS=[*LOOPBACK_HOSTS, *hosts], MAX_CONTENT_LENGTH=64 * 1024, MAX_FORM_MEMORY_SIZE=64 * 1024
    )
    app.before_request(lambda: _check_request(home))
    app.after_request(_add_headers)
    app.jinja_env.globals["page_token"] = page_token


def page_token() -> str:
    """Return this process's token, for the hidden field ``token`` of every form."""
    token: str = current_app.extensions[_EXTENSION]
    return token


def _check_request(home: str) -> ResponseReturnValue | None:
    if request.method in _SAFE_METHODS:
        return None
    if not _is_same_origin():
        abort(403)
    if not hmac.compare_digest(request.form.get("token", "").encode(), page_token().encode()):
        # An honest page left over from before a restart of the kiosk: show what is so now, and do nothing.
        return redirect(url_for(home), 303)
    return None


def _is_same_origin() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("Origin")
    # A browser without both headers does not exist on a kiosk; a program on this machine still needs the token.
    return origin is None or origin == request.host_url.rstrip("/")


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
