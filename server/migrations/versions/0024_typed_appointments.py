"""A number of each appointment that can be typed"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty for letters that were printed without one: nobody could read it off their paper.
    with op.batch_alter_table("appointment") as batch_op:
        batch_op.add_column(sa.Column("short_code", sa.String(), nullable=True))
        name = op.f("uq_appointment_short_code_facility_code")
        batch_op.create_unique_constraint(name, ["short_code", "facility_code"])


def downgrade() -> None:
    with op.batch_alter_table("appointment") as batch_op:
        batch_op.drop_constraint(op.f("uq_appointment_short_code_facility_code"), type_="unique")
        batch_op.drop_column("short_code")
