"""When called numbers count as missed by themselves, and the numbers that days leave open"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_OPEN = sa.text("status IN ('waiting', 'called', 'serving', 'held')")


def upgrade() -> None:
    op.create_table(
        "no_show_rule_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_code", sa.String(), nullable=False),
        sa.Column("after_min", sa.Integer(), nullable=True),
        sa.Column("after_calls", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["facility_code"], ["facility.code"], name=op.f("fk_no_show_rule_change_facility_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_no_show_rule_change")),
    )
    op.create_index(op.f("ix_no_show_rule_change_facility_code"), "no_show_rule_change", ["facility_code"])
    op.create_index("ix_ticket_open", "ticket", ["local_day", "status"], sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    op.drop_index("ix_ticket_open", "ticket")
    op.drop_table("no_show_rule_change")
