"""What a backup says of itself, so that the way back can be proved: sums, counts, the audit log's end, the keys."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from server.errors import Refused

MANIFEST: Final = "manifest.json"
KEYS_NOTE: Final = "KEYS.txt"
NAME_PREFIX: Final = "tiepdon-"
_CHUNK: Final = 1 << 20


class Manifest(BaseModel):
    """The file beside the copy. ``keys`` are fingerprints: the keys themselves are kept elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    made_at: AwareDatetime
    program: str
    kind: Literal["sqlite", "postgresql"]
    revision: str
    file: str
    sha256: str
    counts: Mapping[str, int]
    audit_head: str
    newest_visit_at: AwareDatetime | None
    keys: Mapping[str, str]
    encrypted_to: tuple[str, ...] = ()
    """Public keys (``age1...``); whose secret key is at hand can open the copy. Empty: the copy is plain."""

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Return the manifest of a backup; raises Refused when there is none or the copy is not what it says."""
        try:
            manifest = cls.model_validate_json((directory / MANIFEST).read_bytes())
        except FileNotFoundError as error:
            raise Refused("backup.absent", f"{directory} is no backup: it has no {MANIFEST}") from error
        except ValidationError as error:
            raise Refused("backup.damaged", f"{directory / MANIFEST} cannot be read") from error
        copy = directory / Path(manifest.file).name
        if not copy.exists() or sha256_of(copy) != manifest.sha256:
            raise Refused("backup.damaged", f"{copy} is missing or has changed since it was made: take another backup")
        return manifest


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def fingerprints(data_dir: Path) -> dict[str, str]:
    """Return a fingerprint for each key of an installation; the keys are random, so it tells nothing of them."""
    return {path.name: sha256_of(path)[:16] for path in sorted(data_dir.glob("*.key"))}


def name_at(instant: datetime) -> str:
    return f"{NAME_PREFIX}{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"
