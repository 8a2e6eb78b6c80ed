"""What a facility is licensed for, and the insurance papers that visits show"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("facility") as batch_op:
        batch_op.add_column(sa.Column("technical_level", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("former_line", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("rating_points", sa.Integer(), nullable=True))
    op.create_table(
        "insurance_papers",
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("transfer_number", sa.String(), nullable=True),
        sa.Column("transfer_from", sa.String(), nullable=True),
        sa.Column("transfer_to", sa.String(), nullable=True),
        sa.Column("transfer_signed_on", sa.Date(), nullable=True),
        sa.Column("transfer_is_one_year", sa.Boolean(), nullable=False),
        sa.Column("circumstance", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_insurance_papers_encounter_id")),
        sa.PrimaryKeyConstraint("encounter_id", name=op.f("pk_insurance_papers")),
    )


def downgrade() -> None:
    op.drop_table("insurance_papers")
    with op.batch_alter_table("facility") as batch_op:
        batch_op.drop_column("rating_points")
        batch_op.drop_column("former_line")
        batch_op.drop_column("technical_level")
