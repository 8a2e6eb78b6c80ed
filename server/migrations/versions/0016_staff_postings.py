"""Where staff worked before, and the audit log by day"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_posting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("facility_code", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["facility_code"], ["facility.code"], name="fk_staff_posting_facility_code"),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name="fk_staff_posting_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_posting"),
    )
    op.create_index("ix_staff_posting_user_id", "staff_posting", ["user_id"])
    op.create_index("ix_staff_posting_facility_code", "staff_posting", ["facility_code"])
    op.create_index("ix_audit_line_at", "audit_line", ["at", "sequence"])


def downgrade() -> None:
    op.drop_index("ix_audit_line_at", "audit_line")
    op.drop_table("staff_posting")
