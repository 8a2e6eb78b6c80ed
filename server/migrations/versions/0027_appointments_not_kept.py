"""Finding the appointments nobody came to once their day is over"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_BOOKED = sa.text("status = 'booked'")


def upgrade() -> None:
    op.create_index(
        "ix_appointment_booked", "appointment", ["due_on", "id"], sqlite_where=_BOOKED, postgresql_where=_BOOKED
    )


def downgrade() -> None:
    op.drop_index("ix_appointment_booked", "appointment")
