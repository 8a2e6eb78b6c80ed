"""Every table of the server, in the one order in which models may refer to each other."""

from server import audit, feed
from server.accounts import models as accounts
from server.appointments import models as appointments
from server.backup import models as backup
from server.board import models as board
from server.coverage import models as coverage
from server.db import Base
from server.facilities import models as facilities
from server.fleet import models as fleet
from server.insurance import models as insurance
from server.outbox import models as outbox
from server.patients import models as patients
from server.printing import models as printing
from server.queues import models as queues
from server.registration import models as registration

__all__ = [
    "Base",
    "accounts",
    "appointments",
    "audit",
    "backup",
    "board",
    "coverage",
    "facilities",
    "feed",
    "fleet",
    "insurance",
    "outbox",
    "patients",
    "printing",
    "queues",
    "registration",
]
