"""First schema"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_head',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('sequence', sa.BigInteger(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.bulk_insert(sa.table('audit_head', sa.column('id'), sa.column('sequence'), sa.column('hash')), [{'id': 1, 'sequence': 0, 'hash': '0' * 64}])
    op.create_table('audit_line',
    sa.Column('sequence', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('subject_type', sa.String(), nullable=False),
    sa.Column('subject_id', sa.String(), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('previous_hash', sa.String(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_audit_line'))
    )
    op.create_table('facility',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('is_demo', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_facility'))
    )
    op.create_table('feed',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('facility_code', sa.String(), nullable=False),
    sa.Column('topic', sa.String(), nullable=False),
    sa.Column('subject_id', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feed')),
    sqlite_autoincrement=True
    )
    op.create_table('patient',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('full_name', sa.String(), nullable=False),
    sa.Column('folded_name', sa.String(), nullable=False),
    sa.Column('born_on', sa.String(), nullable=True),
    sa.Column('sex', sa.String(length=40), nullable=False),
    sa.Column('address', sa.String(), nullable=True),
    sa.Column('nationality', sa.String(), nullable=True),
    sa.Column('ethnicity', sa.String(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patient'))
    )
    op.create_table('staff_failed_sign_ins',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('scope', sa.String(length=32), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('last_failed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_failed_sign_ins')),
    sa.UniqueConstraint('scope', 'subject', name=op.f('uq_staff_failed_sign_ins_scope_subject'))
    )
    with op.batch_alter_table('staff_failed_sign_ins', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_failed_sign_ins_last_failed_at'), ['last_failed_at'], unique=False)

    op.create_table('clinic',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('facility_code', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['facility_code'], ['facility.code'], name=op.f('fk_clinic_facility_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clinic')),
    sa.UniqueConstraint('facility_code', 'code', name=op.f('uq_clinic_facility_code_code'))
    )
    op.create_table('kiosk',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('facility_code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('letter', sa.String(), nullable=False),
    sa.Column('token_hash', sa.String(), nullable=False),
    sa.Column('enrolled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['facility_code'], ['facility.code'], name=op.f('fk_kiosk_facility_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kiosk')),
    sa.UniqueConstraint('facility_code', 'letter', name=op.f('uq_kiosk_facility_code_letter')),
    sa.UniqueConstraint('facility_code', 'name', name=op.f('uq_kiosk_facility_code_name')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_kiosk_token_hash'))
    )
    op.create_table('patient_identifier',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('system', sa.String(length=40), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('valid_to', sa.DateTime(timezone=True), nullable=True),
    sa.Column('source', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['patient_id'], ['patient.id'], name=op.f('fk_patient_identifier_patient_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patient_identifier'))
    )
    with op.batch_alter_table('patient_identifier', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_patient_identifier_patient_id'), ['patient_id'], unique=False)
        batch_op.create_index('uq_patient_identifier_live', ['system', 'value'], unique=True, sqlite_where=sa.text('valid_to IS NULL'), postgresql_where=sa.text('valid_to IS NULL'))

    op.create_table('staff_user',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('username', sa.String(length=64), nullable=False),
    sa.Column('full_name', sa.String(length=200), nullable=False),
    sa.Column('role', sa.String(length=40), nullable=False),
    sa.Column('facility_code', sa.String(), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('password_changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['facility_code'], ['facility.code'], name=op.f('fk_staff_user_facility_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_user')),
    sa.UniqueConstraint('username', name=op.f('uq_staff_user_username'))
    )
    op.create_table('room',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('floor', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_room_clinic_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_room')),
    sa.UniqueConstraint('clinic_id', 'name', name=op.f('uq_room_clinic_id_name'))
    )
    op.create_table('service',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('facility_code', sa.String(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('withdrawn_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_service_clinic_id')),
    sa.ForeignKeyConstraint(['facility_code'], ['facility.code'], name=op.f('fk_service_facility_code')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service')),
    sa.UniqueConstraint('facility_code', 'code', name=op.f('uq_service_facility_code_code'))
    )
    op.create_table('staff_call',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('facility_code', sa.String(), nullable=False),
    sa.Column('kiosk_id', sa.Uuid(), nullable=False),
    sa.Column('request_key', sa.Uuid(), nullable=False),
    sa.Column('step', sa.String(), nullable=False),
    sa.Column('problem', sa.String(), nullable=True),
    sa.Column('called_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['facility_code'], ['facility.code'], name=op.f('fk_staff_call_facility_code')),
    sa.ForeignKeyConstraint(['kiosk_id'], ['kiosk.id'], name=op.f('fk_staff_call_kiosk_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_call')),
    sa.UniqueConstraint('request_key', name=op.f('uq_staff_call_request_key'))
    )
    with op.batch_alter_table('staff_call', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_call_facility_code'), ['facility_code'], unique=False)

    op.create_table('staff_familiar_address',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['staff_user.id'], name=op.f('fk_staff_familiar_address_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'address', name=op.f('pk_staff_familiar_address'))
    )
    op.create_table('staff_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['staff_user.id'], name=op.f('fk_staff_session_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_staff_session_token_hash'))
    )
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_session_user_id'), ['user_id'], unique=False)

    op.create_table('encounter',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('facility_code', sa.String(), nullable=False),
    sa.Column('patient_id', sa.Uuid(), nullable=False),
    sa.Column('service_id', sa.Uuid(), nullable=False),
    sa.Column('kiosk_id', sa.Uuid(), nullable=True),
    sa.Column('request_key', sa.Uuid(), nullable=False),
    sa.Column('fingerprint', sa.String(), nullable=False),
    sa.Column('visit_code', sa.String(), nullable=False),
    sa.Column('status', sa.String(length=40), nullable=False),
    sa.Column('cancel_reason', sa.String(), nullable=True),
    sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('local_day', sa.Date(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('assurance', sa.String(length=40), nullable=False),
    sa.Column('method', sa.String(), nullable=False),
    sa.Column('access', sa.String(), nullable=True),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('document_expires_on', sa.Date(), nullable=True),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('insurance_card', sa.String(), nullable=True),
    sa.Column('insurance_facility', sa.String(), nullable=True),
    sa.Column('insurance_from', sa.Date(), nullable=True),
    sa.Column('insurance_to', sa.Date(), nullable=True),
    sa.Column('unverified', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['facility_code'], ['facility.code'], name=op.f('fk_encounter_facility_code')),
    sa.ForeignKeyConstraint(['kiosk_id'], ['kiosk.id'], name=op.f('fk_encounter_kiosk_id')),
    sa.ForeignKeyConstraint(['patient_id'], ['patient.id'], name=op.f('fk_encounter_patient_id')),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_encounter_service_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_encounter')),
    sa.UniqueConstraint('request_key', name=op.f('uq_encounter_request_key')),
    sa.UniqueConstraint('visit_code', name=op.f('uq_encounter_visit_code'))
    )
    with op.batch_alter_table('encounter', schema=None) as batch_op:
        batch_op.create_index('ix_encounter_day', ['facility_code', 'local_day', 'arrived_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_encounter_patient_id'), ['patient_id'], unique=False)

    op.create_table('queue',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('facility_code', sa.String(), nullable=False),
    sa.Column('clinic_id', sa.Uuid(), nullable=False),
    sa.Column('room_id', sa.Uuid(), nullable=True),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('letter', sa.String(), nullable=False),
    sa.Column('is_open', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['clinic_id'], ['clinic.id'], name=op.f('fk_queue_clinic_id')),
    sa.ForeignKeyConstraint(['facility_code'], ['facility.code'], name=op.f('fk_queue_facility_code')),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_queue_room_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_queue')),
    sa.UniqueConstraint('facility_code', 'code', name=op.f('uq_queue_facility_code_code')),
    sa.UniqueConstraint('facility_code', 'letter', name=op.f('uq_queue_facility_code_letter'))
    )
    op.create_table('service_price',
    sa.Column('service_id', sa.Uuid(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('price_vnd', sa.Integer(), nullable=False),
    sa.CheckConstraint('price_vnd >= 0', name=op.f('ck_service_price_not_negative')),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_service_price_service_id')),
    sa.PrimaryKeyConstraint('service_id', 'valid_from', name=op.f('pk_service_price'))
    )
    op.create_table('encounter_issue',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('encounter_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('field', sa.String(), nullable=True),
    sa.Column('recorded', sa.String(), nullable=True),
    sa.Column('presented', sa.String(), nullable=True),
    sa.Column('raised_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.String(), nullable=True),
    sa.Column('decision', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['encounter_id'], ['encounter.id'], name=op.f('fk_encounter_issue_encounter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_encounter_issue'))
    )
    with op.batch_alter_table('encounter_issue', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_encounter_issue_encounter_id'), ['encounter_id'], unique=False)

    op.create_table('queue_counter',
    sa.Column('queue_id', sa.Uuid(), nullable=False),
    sa.Column('local_day', sa.Date(), nullable=False),
    sa.Column('last_number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['queue_id'], ['queue.id'], name=op.f('fk_queue_counter_queue_id')),
    sa.PrimaryKeyConstraint('queue_id', 'local_day', name=op.f('pk_queue_counter'))
    )
    op.create_table('queue_service',
    sa.Column('service_id', sa.Uuid(), nullable=False),
    sa.Column('queue_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['queue_id'], ['queue.id'], name=op.f('fk_queue_service_queue_id')),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_queue_service_service_id')),
    sa.PrimaryKeyConstraint('service_id', name=op.f('pk_queue_service'))
    )
    with op.batch_alter_table('queue_service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_queue_service_queue_id'), ['queue_id'], unique=False)

    op.create_table('ticket',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('encounter_id', sa.Uuid(), nullable=False),
    sa.Column('facility_code', sa.String(), nullable=False),
    sa.Column('queue_id', sa.Uuid(), nullable=False),
    sa.Column('local_day', sa.Date(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kiosk_letter', sa.String(), nullable=True),
    sa.Column('label', sa.String(), nullable=False),
    sa.Column('status', sa.String(length=40), nullable=False),
    sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('waiting_before', sa.Integer(), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['encounter_id'], ['encounter.id'], name=op.f('fk_ticket_encounter_id')),
    sa.ForeignKeyConstraint(['facility_code'], ['facility.code'], name=op.f('fk_ticket_facility_code')),
    sa.ForeignKeyConstraint(['queue_id'], ['queue.id'], name=op.f('fk_ticket_queue_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket'))
    )
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ticket_encounter_id'), ['encounter_id'], unique=False)
        batch_op.create_index('ix_ticket_line', ['queue_id', 'local_day', 'status', 'arrived_at'], unique=False)
        batch_op.create_index('uq_ticket_live', ['encounter_id'], unique=True, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
        batch_op.create_index('uq_ticket_offline', ['facility_code', 'kiosk_letter', 'local_day', 'number'], unique=True, sqlite_where=sa.text('kiosk_letter IS NOT NULL'), postgresql_where=sa.text('kiosk_letter IS NOT NULL'))
        batch_op.create_index('uq_ticket_online', ['queue_id', 'local_day', 'number'], unique=True, sqlite_where=sa.text('kiosk_letter IS NULL'), postgresql_where=sa.text('kiosk_letter IS NULL'))


def downgrade() -> None:
    with op.batch_alter_table('ticket', schema=None) as batch_op:
        batch_op.drop_index('uq_ticket_online', sqlite_where=sa.text('kiosk_letter IS NULL'), postgresql_where=sa.text('kiosk_letter IS NULL'))
        batch_op.drop_index('uq_ticket_offline', sqlite_where=sa.text('kiosk_letter IS NOT NULL'), postgresql_where=sa.text('kiosk_letter IS NOT NULL'))
        batch_op.drop_index('uq_ticket_live', sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index('ix_ticket_line')
        batch_op.drop_index(batch_op.f('ix_ticket_encounter_id'))

    op.drop_table('ticket')
    with op.batch_alter_table('queue_service', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_queue_service_queue_id'))

    op.drop_table('queue_service')
    op.drop_table('queue_counter')
    with op.batch_alter_table('encounter_issue', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_encounter_issue_encounter_id'))

    op.drop_table('encounter_issue')
    op.drop_table('service_price')
    op.drop_table('queue')
    with op.batch_alter_table('encounter', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_encounter_patient_id'))
        batch_op.drop_index('ix_encounter_day')

    op.drop_table('encounter')
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_session_user_id'))

    op.drop_table('staff_session')
    op.drop_table('staff_familiar_address')
    with op.batch_alter_table('staff_call', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_call_facility_code'))

    op.drop_table('staff_call')
    op.drop_table('service')
    op.drop_table('room')
    op.drop_table('staff_user')
    with op.batch_alter_table('patient_identifier', schema=None) as batch_op:
        batch_op.drop_index('uq_patient_identifier_live', sqlite_where=sa.text('valid_to IS NULL'), postgresql_where=sa.text('valid_to IS NULL'))
        batch_op.drop_index(batch_op.f('ix_patient_identifier_patient_id'))

    op.drop_table('patient_identifier')
    op.drop_table('kiosk')
    op.drop_table('clinic')
    with op.batch_alter_table('staff_failed_sign_ins', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_failed_sign_ins_last_failed_at'))

    op.drop_table('staff_failed_sign_ins')
    op.drop_table('patient')
    op.drop_table('feed')
    op.drop_table('facility')
    op.drop_table('audit_line')
    op.drop_table('audit_head')
