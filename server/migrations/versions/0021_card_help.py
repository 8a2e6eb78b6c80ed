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


def downgrade() -> None:
    with op.batch_alter_table("kiosk_command") as batch_op:
        batch_op.drop_column("sealed")
    with op.batch_alter_table("kiosk_state") as batch_op:
        batch_op.drop_column("card_wants")
