"""Booked times count in the order of calls"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty where a facility has set its rule already: appointments change nothing there until somebody says so.
    with op.batch_alter_table("mixing_rule_change") as batch_op:
        batch_op.add_column(sa.Column("walk_ins_per_booked", sa.Integer(), nullable=True))
    with op.batch_alter_table("ticket") as batch_op:
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("ticket_call") as batch_op:
        batch_op.add_column(sa.Column("had_booked_choice", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("ticket_call") as batch_op:
        batch_op.drop_column("had_booked_choice")
    with op.batch_alter_table("ticket") as batch_op:
        batch_op.drop_column("due_at")
    with op.batch_alter_table("mixing_rule_change") as batch_op:
        batch_op.drop_column("walk_ins_per_booked")
