"""Hours of the invented hospital's clinics, over midnight too."""

from collections.abc import Iterable

import sqlalchemy as sa

from server.db import Database
from server.domain.catalogue import Hours
from server.facilities.models import Clinic, OpeningHours
from tests.server.hospital import FACILITY


def keep_hours(database: Database, hours: Iterable[Hours], clinic: str = "NOI") -> None:
    with database.begin() as session:
        clinic_id = session.scalars(sa.select(Clinic.id).filter_by(facility_code=FACILITY, code=clinic)).one()
        for one in hours:
            session.add(
                OpeningHours(clinic_id=clinic_id, weekday=one.weekday, opens_at=one.opens, closes_at=one.closes)
            )
