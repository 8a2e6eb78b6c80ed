"""What can go wrong in the server, sorted by who acts on it; the HTTP status follows from the branch.

* ServerError
  - Unauthenticated        401  the device or person must show who they are
  - Forbidden              403  known, and not allowed; a technician or administrator acts
  - NotFound               404  nothing (or nothing the asker may see) has this key
  - Conflict               409  somebody else was faster, or still is: read again or repeat later
    - RequestInProgress         the same request is being worked on
    - StaleVersion              the row has changed since it was read
  - Refused                422  understood and impossible as it stands: a person must look
  - Unavailable            503  repeat later, with the same key; the outcome of this attempt is "nothing happened"

``code`` is stable: screens translate it, logs and tests key on it. No personal data stands in a message.
"""

from typing import ClassVar


class ServerError(Exception):
    """Base of all errors the server raises on purpose."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class Unauthenticated(ServerError):
    status = 401
    title = "Authentication required"


class Forbidden(ServerError):
    status = 403
    title = "Not allowed"


class NotFound(ServerError):
    status = 404
    title = "Not found"


class Conflict(ServerError):
    status = 409
    title = "Conflict"


class RequestInProgress(Conflict):
    """Another attempt with the same request key is still running."""

    def __init__(self) -> None:
        super().__init__("request.in_progress", "an attempt with this key is still running; repeat it later")


class StaleVersion(Conflict):
    """The row has changed since the caller read it."""

    def __init__(self, subject: str) -> None:
        super().__init__("version.stale", f"the {subject} has changed since it was read")


class Refused(ServerError):
    status = 422
    title = "Refused"


class Unavailable(ServerError):
    status = 503
    title = "Temporarily unavailable"
