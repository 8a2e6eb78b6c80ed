"""Copies of slips that a kiosk prints for the desk, and which papers are uncertain"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "print_order",
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["command_id"], ["kiosk_command.id"], name=op.f("fk_print_order_command_id")),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_print_order_encounter_id")),
        sa.ForeignKeyConstraint(
            ["ticket_id", "copy"],
            ["ticket_reprint.ticket_id", "ticket_reprint.copy"],
            name=op.f("fk_print_order_ticket_id_copy"),
        ),
        sa.PrimaryKeyConstraint("command_id", name=op.f("pk_print_order")),
    )
    op.create_index(op.f("ix_print_order_encounter_id"), "print_order", ["encounter_id"])
    with op.batch_alter_table("kiosk_state", schema=None) as batch_op:
        batch_op.add_column(sa.Column("papers", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("kiosk_state", schema=None) as batch_op:
        batch_op.alter_column("papers", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("kiosk_state", schema=None) as batch_op:
        batch_op.drop_column("papers")
    op.drop_index(op.f("ix_print_order_encounter_id"), table_name="print_order")
    op.drop_table("print_order")
