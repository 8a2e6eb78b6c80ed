"""What of a kiosk's visits the server refused, as the kiosk tells it"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("kiosk_state", schema=None) as batch_op:
        batch_op.add_column(sa.Column("refused", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("kiosk_state", schema=None) as batch_op:
        batch_op.alter_column("refused", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("kiosk_state", schema=None) as batch_op:
        batch_op.drop_column("refused")
