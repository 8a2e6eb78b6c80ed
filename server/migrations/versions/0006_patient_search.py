"""Patient search"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name == 'postgresql':
        for column in ('folded_name', 'born_on'):
            op.alter_column('patient', column, type_=sa.String(collation='C'))
    op.create_index('ix_patient_name', 'patient', ['folded_name', 'id'])
    op.create_index('ix_patient_born_on', 'patient', ['born_on'])
    op.create_index('ix_patient_identifier_value', 'patient_identifier', ['value'])


def downgrade() -> None:
    op.drop_index('ix_patient_identifier_value', 'patient_identifier')
    op.drop_index('ix_patient_born_on', 'patient')
    op.drop_index('ix_patient_name', 'patient')
    if op.get_context().dialect.name == 'postgresql':
        for column in ('folded_name', 'born_on'):
            op.alter_column('patient', column, type_=sa.String())
