"""Phones, related people, changes, merges and possible duplicates"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('duplicate_pair',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('facility_code', sa.String(), nullable=False),
    sa.Column('first_id', sa.Uuid(), nullable=False),
    sa.Column('second_id', sa.Uuid(), nullable=False),
    sa.Column('grounds', sa.JSON(), nullable=False),
    sa.Column('number_system', sa.String(length=40), nullable=True),
    sa.Column('status', sa.String(length=40), nullable=False),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(), nullable=True),
    sa.Column('reason', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['facility_code'], ['facility.code'], name=op.f('fk_duplicate_pair_facility_code')),
    sa.ForeignKeyConstraint(['first_id'], ['patient.id'], name=op.f('fk_duplicate_pair_first_id')),
    sa.ForeignKeyConstraint(['second_id'], ['patient.id'], name=op.f('fk_duplicate_pair_second_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duplicate_pair')),
    sa.UniqueConstraint('first_id', 'second_id', name=op.f('uq_duplicate_pair_first_id_second_id'))
    )
    with op.batch_alter_table('duplicate_pair', schema=None) as batch_op:
        batch_op.create_index('ix_duplicate_pair_list', ['facility_code', 'status', 'found_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_duplicate_pair_second_id'), ['second_id'], unique=False)
    op.create_table('patient_change',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('old_value', sa.String(), nullable=True),
    sa.Column('new_value', sa.String(), nullable=True),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['patient_id'], ['patient.id'], name=op.f('fk_patient_change_patient_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patient_change'))
    )
    with op.batch_alter_table('patient_change', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_patient_change_patient_id'), ['patient_id'], unique=False)
    op.create_table('patient_merge',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('survivor_id', sa.Uuid(), nullable=False),
    sa.Column('merged_id', sa.Uuid(), nullable=False),
    sa.Column('moved', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_reason', sa.String(), nullable=True),
    sa.Column('undone_by', sa.String(), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['merged_id'], ['patient.id'], name=op.f('fk_patient_merge_merged_id')),
    sa.ForeignKeyConstraint(['survivor_id'], ['patient.id'], name=op.f('fk_patient_merge_survivor_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patient_merge'))
    )
    with op.batch_alter_table('patient_merge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_patient_merge_merged_id'), ['merged_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_patient_merge_survivor_id'), ['survivor_id'], unique=False)
    op.create_table('related_person',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('relative_id', sa.Uuid(), nullable=True),
    sa.Column('relationship', sa.String(length=40), nullable=False),
    sa.Column('full_name', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=True),
    sa.Column('noted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('noted_by', sa.String(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['patient_id'], ['patient.id'], name=op.f('fk_related_person_patient_id')),
    sa.ForeignKeyConstraint(['relative_id'], ['patient.id'], name=op.f('fk_related_person_relative_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_related_person'))
    )
    with op.batch_alter_table('related_person', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_related_person_patient_id'), ['patient_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_related_person_relative_id'), ['relative_id'], unique=False)
    with op.batch_alter_table('patient', schema=None) as batch_op:
        batch_op.add_column(sa.Column('is_birth_estimated', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('phone', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('is_unidentified', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('merged_into_id', sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f('ix_patient_merged_into_id'), ['merged_into_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_patient_phone'), ['phone'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_patient_merged_into_id'), 'patient', ['merged_into_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('patient', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('fk_patient_merged_into_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_patient_phone'))
        batch_op.drop_index(batch_op.f('ix_patient_merged_into_id'))
        batch_op.drop_column('merged_into_id')
        batch_op.drop_column('is_unidentified')
        batch_op.drop_column('phone')
        batch_op.drop_column('is_birth_estimated')
    op.drop_table('related_person')
    op.drop_table('patient_merge')
    op.drop_table('patient_change')
    op.drop_table('duplicate_pair')
