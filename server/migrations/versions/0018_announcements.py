"""What was spoken in the waiting rooms"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("facility_code", sa.String(), nullable=False),
        sa.Column("display", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["ticket_call.id"], name="fk_announcement_call_id"),
        sa.ForeignKeyConstraint(["facility_code"], ["facility.code"], name="fk_announcement_facility_code"),
        sa.PrimaryKeyConstraint("call_id", "area", name="pk_announcement"),
    )
    op.create_index("ix_announcement_area", "announcement", ["facility_code", "area", "began_at"])


def downgrade() -> None:
    op.drop_table("announcement")
