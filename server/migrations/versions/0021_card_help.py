"""Cards that wait at kiosks for what opens them, and the sealed passwords the desk sends there"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("kiosk_state") as batch_op:
        batch_op.add_column(sa.Column("card_wants", sa.String(), nullable=True))
    with op.batch_alter_table("kiosk_command") as batch_op:
        batch_op.add_column(sa.Column("sealed", sa.LargeBinary(), nullable=True))
    holds_secret = sa.text("sealed IS NOT NULL")
    op.create_index(
        op.f("ix_kiosk_command_sealed"),
        "kiosk_command",
        ["expires_at"],
        sqlite_where=holds_secret,
        postgresql_where=holds_secret,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_kiosk_command_sealed"), table_name="kiosk_command")
    with op.batch_alter_table("kiosk_command") as batch_op:
        batch_op.drop_column("sealed")
    with op.batch_alter_table("kiosk_state") as batch_op:
        batch_op.drop_column("card_wants")
