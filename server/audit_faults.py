"""What a check of the audit log finds: a kind and the numbers of lines, put in words where somebody reads it. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FaultKind(StrEnum):
    """How the log differs from what was written; the codes stand in the log itself, in the lines of its checks."""

    MISSING = "missing"  # ``line`` is not there, the next one is ``other``
    LINK = "link"  # ``line`` does not follow from ``other``: one was removed, inserted or moved
    CONTENT = "content"  # ``line`` was changed
    REPLACED = "replaced"  # ``line`` is not the one that was witnessed
    GONE = "gone"  # ``line`` was witnessed, and is not there
    END = "end"  # the last line is ``line``, the head says ``other``
    HEADLESS = "headless"  # the last line is ``line``, and the head was taken away


_SENTENCES: Final = {
    FaultKind.MISSING: "line {line}: missing, the next one is {other}",
    FaultKind.LINK: "line {line}: does not follow from line {other}",
    FaultKind.CONTENT: "line {line}: its content does not match its seal",
    FaultKind.REPLACED: "line {line}: is not the one that was witnessed",
    FaultKind.GONE: "line {line}: was witnessed, and is gone",
    FaultKind.END: "end: the chain ends at line {line}, its head is line {other}",
    FaultKind.HEADLESS: "end: the chain ends at line {line}, its head is missing",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where the log does not hold."""

    kind: FaultKind
    line: int
    other: int | None = None

    def __str__(self) -> str:
        """Return the sentence for a terminal, where technicians read."""
        return _SENTENCES[self.kind].format(line=self.line, other=self.other)
