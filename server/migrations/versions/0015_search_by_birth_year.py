"""Search by birth year"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("patient", sa.Column("birth_year", sa.Integer()))
    op.execute("UPDATE patient SET birth_year = CAST(substr(born_on, 1, 4) AS INTEGER) WHERE born_on IS NOT NULL")
    op.create_index("ix_patient_birth_year", "patient", ["birth_year", "folded_name", "id", "merged_into_id"])
    op.drop_index("ix_patient_name", "patient")
    op.create_index("ix_patient_name", "patient", ["folded_name", "id", "merged_into_id"])


def downgrade() -> None:
    op.drop_index("ix_patient_name", "patient")
    op.create_index("ix_patient_name", "patient", ["folded_name", "id"])
    op.drop_index("ix_patient_birth_year", "patient")
    op.drop_column("patient", "birth_year")
