"""Addresses that come back with a form, of the page to go on to."""

from urllib.parse import urlsplit


def local_address(address: str | None) -> str | None:
    """Return ``address`` when it is a path of this server; a foreign page must not use us as a springboard."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")) or not address.isprintable():
        return None
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc else None


def path_of(address: str | None, *, host: str) -> str | None:
    """Return path and query of a page of ``host``; None for another host's, and where there is none."""
    if not address:
        return None
    parts = urlsplit(address)
    if parts.netloc != host:
        return None
    return local_address(f"{parts.path}?{parts.query}" if parts.query else parts.path)
