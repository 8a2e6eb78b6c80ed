"""What a chip's proof said after its visit was sent, until the server has it."""

from datetime import datetime

from kiosk.journal.file import JournalFile, text_of
from kiosk.journal.records import UnsentProof
from server.contract.v1 import IdentityProved


class Proofs:
    """The proofs of this kiosk's visits."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def record(self, message: IdentityProved, now: datetime) -> None:
        """Keep what a chip's proof said later; nothing is kept for a visit that is not here or that was refused."""
        key = str(message.request_key)
        box = self._file.seal(message.model_dump_json(), f"proof:{key}")
        with self._file.transaction() as run:
            run.execute(
                "INSERT INTO proof (request_key, recorded_at, message) SELECT request_key, ?, ? FROM visit"
                " LEFT JOIN outcome USING (request_key)"
                " WHERE request_key = ? AND COALESCE(kind, 'registered') = 'registered'",
                (text_of(now), box, key),
            )

    def unsent(self) -> list[UnsentProof]:
        """Return the proofs that wait for the server and whose visit it has, oldest first."""
        with self._file.reading() as run:
            rows = run.execute(
                "SELECT seq, request_key, message FROM proof JOIN outcome USING (request_key)"
                " WHERE outcome.kind = 'registered'"
                " AND (NOT EXISTS (SELECT 1 FROM proof_outcome WHERE proof_outcome.seq = proof.seq)"
                " OR EXISTS (SELECT 1 FROM recalled_proof WHERE recalled_proof.seq = proof.seq AND taken_at IS NULL))"
                " ORDER BY seq"
            ).fetchall()
        return [
            UnsentProof(seq, IdentityProved.model_validate_json(self._file.unseal(box, f"proof:{key}")))
            for seq, key, box in rows
        ]

    def taken(self, seq: int, now: datetime) -> None:
        """Keep that the server has the proof."""
        self._settle(seq, now, "taken", None)

    def refused(self, seq: int, reason: str, now: datetime) -> None:
        """Keep that the server will never take this proof; it becomes a dead letter, visible to staff."""
        self._settle(seq, now, "refused", reason)

    def _settle(self, seq: int, now: datetime, kind: str, reason: str | None) -> None:
        with self._file.transaction() as run:
            run.execute(
                "INSERT INTO proof_outcome (seq, at, kind, reason) VALUES (?, ?, ?, ?) ON CONFLICT (seq) DO NOTHING",
                (seq, text_of(now), kind, reason),
            )
            run.execute("UPDATE recalled_proof SET taken_at = ? WHERE seq = ?", (text_of(now), seq))
