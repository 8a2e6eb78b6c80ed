from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base


class ServerEpoch(Base):
    """Which life of the database this is: a new one begins when it goes back to a backup; one row.

    Kiosks that meet another epoch than before send again what the server may have lost.
    """

    __tablename__ = "server_epoch"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[UUID]
    began_at: Mapped[datetime]
