"""Search indexes"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("ix_patient_born_on", "ix_patient_phone", "ix_patient_merged_into_id"):
        op.drop_index(name, "patient")
    op.create_index("ix_patient_born_on", "patient", ["born_on", "folded_name", "id", "merged_into_id"])
    for column in ("phone", "merged_into_id"):
        has_value = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_patient_{column}", "patient", [column], sqlite_where=has_value, postgresql_where=has_value
        )


def downgrade() -> None:
    for column in ("born_on", "phone", "merged_into_id"):
        op.drop_index(f"ix_patient_{column}", "patient")
        op.create_index(f"ix_patient_{column}", "patient", [column])
