"""Priority claims, mixing rules, one live number, expected waits, steps that can be undone"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

_SOLE = sa.text("superseded_at IS NULL AND status IN ('waiting', 'called', 'serving', 'missed', 'held')")


def upgrade() -> None:
    op.create_table('mixing_rule_change',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('facility_code', sa.String(), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('ordinary', sa.Integer(), nullable=False),
    sa.Column('counts_declared', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['facility_code'], ['facility.code'], name=op.f('fk_mixing_rule_change_facility_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mixing_rule_change'))
    )
    op.create_index(op.f('ix_mixing_rule_change_facility_code'), 'mixing_rule_change', ['facility_code'])
    op.create_table('priority_claim',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('encounter_id', sa.Uuid(), nullable=False),
    sa.Column('ground', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('declared_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('declared_by', sa.String(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(), nullable=True),
    sa.Column('reason', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['encounter_id'], ['encounter.id'], name=op.f('fk_priority_claim_encounter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_priority_claim')),
    sa.UniqueConstraint('encounter_id', 'ground', name=op.f('uq_priority_claim_encounter_id_ground'))
    )
    op.create_table('encounter_repeat',
    sa.Column('request_key', sa.Uuid(), nullable=False),
    sa.Column('encounter_id', sa.Uuid(), nullable=False),
    sa.Column('fingerprint', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['encounter_id'], ['encounter.id'], name=op.f('fk_encounter_repeat_encounter_id')),
    sa.PrimaryKeyConstraint('request_key', name=op.f('pk_encounter_repeat'))
    )
    op.create_index(op.f('ix_encounter_repeat_encounter_id'), 'encounter_repeat', ['encounter_id'])
    op.create_table('ticket_move',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('press_id', sa.Uuid(), nullable=False),
    sa.Column('ticket_id', sa.Uuid(), nullable=False),
    sa.Column('queue_id', sa.Uuid(), nullable=False),
    sa.Column('room_id', sa.Uuid(), nullable=True),
    sa.Column('act', sa.String(), nullable=False),
    sa.Column('status_before', sa.String(length=40), nullable=False),
    sa.Column('status_after', sa.String(length=40), nullable=False),
    sa.Column('room_id_before', sa.Uuid(), nullable=True),
    sa.Column('wanted_room_id_before', sa.Uuid(), nullable=True),
    sa.Column('after_call_before', sa.Integer(), nullable=True),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['queue_id'], ['queue.id'], name=op.f('fk_ticket_move_queue_id')),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_ticket_move_room_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_move_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_move'))
    )
    op.create_index(op.f('ix_ticket_move_ticket_id'), 'ticket_move', ['ticket_id'])
    op.create_index('ix_ticket_move_queue', 'ticket_move', ['queue_id', 'at'])
    with op.batch_alter_table('queue', schema=None) as batch_op:
        batch_op.add_column(sa.Column('usual_gap_s', sa.Integer(), nullable=True))
    with op.batch_alter_table('ticket_call', schema=None) as batch_op:
        batch_op.add_column(sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.add_column(sa.Column('wait_least_min', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('wait_most_min', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('priority', sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column('sole_patient_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('wanted_room_id', sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(op.f('fk_ticket_sole_patient_id'), 'patient', ['sole_patient_id'], ['id'])
        batch_op.create_foreign_key(op.f('fk_ticket_wanted_room_id'), 'room', ['wanted_room_id'], ['id'])
    op.create_index('uq_ticket_sole', 'ticket', ['sole_patient_id', 'queue_id', 'local_day'], unique=True, sqlite_where=_SOLE, postgresql_where=_SOLE)


def downgrade() -> None:
    op.drop_index('uq_ticket_sole', 'ticket')
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('fk_ticket_wanted_room_id'), type_='foreignkey')
        batch_op.drop_constraint(op.f('fk_ticket_sole_patient_id'), type_='foreignkey')
        for column in ('wanted_room_id', 'sole_patient_id', 'priority', 'wait_most_min', 'wait_least_min'):
            batch_op.drop_column(column)
    with op.batch_alter_table('ticket_call', schema=None) as batch_op:
        batch_op.drop_column('undone_at')
    with op.batch_alter_table('queue', schema=None) as batch_op:
        batch_op.drop_column('usual_gap_s')
    op.drop_table('ticket_move')
    op.drop_table('encounter_repeat')
    op.drop_table('priority_claim')
    op.drop_table('mixing_rule_change')
