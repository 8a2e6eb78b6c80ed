"""Checks of insurance cards"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("card_check",
    sa.Column("id", sa.Uuid(), nullable=False),
    sa.Column("encounter_id", sa.Uuid(), nullable=False),
    sa.Column("facility_code", sa.String(), nullable=False),
    sa.Column("local_day", sa.Date(), nullable=False),
    sa.Column("number", sa.String(), nullable=False),
    sa.Column("full_name", sa.String(), nullable=False),
    sa.Column("born_on", sa.String(), nullable=False),
    sa.Column("is_claimed", sa.Boolean(), nullable=False),
    sa.Column("attempts", sa.Integer(), nullable=False),
    sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("error", sa.String(), nullable=True),
    sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("result_code", sa.String(), nullable=True),
    sa.Column("status", sa.String(length=40), nullable=True),
    sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
    sa.Column("five_years_on", sa.Date(), nullable=True),
    sa.Column("living_area", sa.String(), nullable=True),
    sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_card_check_encounter_id")),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_card_check")),
    sa.UniqueConstraint("encounter_id", name=op.f("uq_card_check_encounter_id"))
    )
    with op.batch_alter_table("card_check", schema=None) as batch_op:
        batch_op.create_index("ix_card_check_due", ["local_day", "next_attempt_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("card_check", schema=None) as batch_op:
        batch_op.drop_index("ix_card_check_due")
    op.drop_table("card_check")
