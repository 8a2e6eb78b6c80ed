"""Calls for help, until the server has heard them."""

from datetime import datetime
from uuid import UUID

from kiosk.journal.file import JournalFile, text_of
from server.contract.v1 import CallStaff


class Calls:
    """The calls from before this kiosk."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def record(self, call: CallStaff) -> None:
        """Keep a call before it is sent; harmless when it is kept already."""
        with self._file.transaction() as run:
            run.execute(
                "INSERT INTO staff_call (request_key, call) VALUES (?, ?) ON CONFLICT (request_key) DO NOTHING",
                (str(call.request_key), call.model_dump_json()),
            )

    def unsent(self) -> list[CallStaff]:
        """Return the calls that the server has not heard, oldest first."""
        with self._file.reading() as run:
            rows = run.execute("SELECT call FROM staff_call WHERE sent_at IS NULL ORDER BY seq").fetchall()
        return [CallStaff.model_validate_json(text) for (text,) in rows]

    def sent(self, request_key: UUID, now: datetime) -> None:
        with self._file.transaction() as run:
            run.execute("UPDATE staff_call SET sent_at = ? WHERE request_key = ?", (text_of(now), str(request_key)))
