"""Security keys of the staff, and what one of them is asked to sign"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_security_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("rp_id", sa.String(length=253), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("credential", sa.LargeBinary(length=4096), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("verifies_person", sa.Boolean(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_staff_security_key_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_security_key")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_staff_security_key_credential_id")),
    )
    op.create_index(op.f("ix_staff_security_key_user_id"), "staff_security_key", ["user_id"])
    with op.batch_alter_table("staff_session") as batch_op:
        batch_op.add_column(sa.Column("key_challenge", sa.LargeBinary(length=32), nullable=True))
        batch_op.add_column(sa.Column("key_challenge_for", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("key_challenge_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("staff_session") as batch_op:
        batch_op.drop_column("key_challenge_at")
        batch_op.drop_column("key_challenge_for")
        batch_op.drop_column("key_challenge")
    op.drop_index(op.f("ix_staff_security_key_user_id"), table_name="staff_security_key")
    op.drop_table("staff_security_key")
