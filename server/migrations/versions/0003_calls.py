"""Calls of numbers to rooms"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ticket_call',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('ticket_id', sa.Uuid(), nullable=False),
    sa.Column('queue_id', sa.Uuid(), nullable=False),
    sa.Column('room_id', sa.Uuid(), nullable=False),
    sa.Column('local_day', sa.Date(), nullable=False),
    sa.Column('called_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('is_repeat', sa.Boolean(), nullable=False),
    sa.Column('is_priority', sa.Boolean(), nullable=False),
    sa.Column('had_choice', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['queue_id'], ['queue.id'], name=op.f('fk_ticket_call_queue_id')),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_ticket_call_room_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_call_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_call'))
    )
    with op.batch_alter_table('ticket_call', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_call_queue', ['queue_id', 'local_day', 'called_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_ticket_call_ticket_id'), ['ticket_id'], unique=False)
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.add_column(sa.Column('room_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('after_call', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f('fk_ticket_room_id'), 'room', ['room_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('fk_ticket_room_id'), type_='foreignkey')
        batch_op.drop_column('after_call')
        batch_op.drop_column('room_id')
    op.drop_table('ticket_call')
