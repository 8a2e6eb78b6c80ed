"""Second factors of the staff"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('staff_second_factor',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('sealed_secret', sa.LargeBinary(length=128), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_step', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['staff_user.id'], name=op.f('fk_staff_second_factor_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_staff_second_factor'))
    )
    op.create_table('staff_recovery_code',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('code_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['staff_user.id'], name=op.f('fk_staff_recovery_code_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_recovery_code')),
    sa.UniqueConstraint('user_id', 'code_hash', name=op.f('uq_staff_recovery_code_user_id_code_hash'))
    )
    # Whoever is signed in at this moment stays so; only sessions opened from now on can lack a code.
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('awaits_second_factor', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.alter_column('awaits_second_factor', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.drop_column('awaits_second_factor')
    op.drop_table('staff_recovery_code')
    op.drop_table('staff_second_factor')
