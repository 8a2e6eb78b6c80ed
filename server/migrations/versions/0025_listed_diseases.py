"""What else desks note for insurance: a listed disease, the living area on the card, an admission"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("insurance_papers") as batch_op:
        batch_op.add_column(sa.Column("disease_code", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("disease_name", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("disease_grounds", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("living_area", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("is_admitted", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("insurance_papers") as batch_op:
        batch_op.alter_column("is_admitted", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("insurance_papers") as batch_op:
        batch_op.drop_column("is_admitted")
        batch_op.drop_column("living_area")
        batch_op.drop_column("disease_grounds")
        batch_op.drop_column("disease_name")
        batch_op.drop_column("disease_code")
