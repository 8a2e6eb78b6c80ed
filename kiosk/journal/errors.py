"""What can go wrong with the journal, by who acts on it.

* JournalError
  - JournalFull        no room on the disk: a technician frees space, then it goes on by itself
  - JournalBusy        another program holds the file: it passes, or somebody finds that program
  - JournalUnusable    damaged, wrong key, or a failed write: nothing is promised any more until a technician acts
"""

from typing import ClassVar


class JournalError(Exception):
    """The journal could not keep what it was given; nothing may be sent or printed."""

    code: ClassVar[str] = "journal"


class JournalFull(JournalError):
    """The disk is full; nothing was written."""

    code = "journal.disk_full"


class JournalBusy(JournalError):
    """Another program kept the file locked for longer than a patient should wait; nothing was written."""

    code = "journal.busy"


class JournalUnusable(JournalError):
    """The file cannot be trusted with one more visit."""

    code = "journal.unusable"
