"""Catalogue by payer, hours, rosters and closures of rooms; appointments; what a visit costs and who pays"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_FACILITY = {
    "appointment_early_days": "0",
    "appointment_late_working_days": "10",
    "appointment_grace_min": "30",
}


def upgrade() -> None:
    with op.batch_alter_table("facility") as batch_op:
        for name, value in _FACILITY.items():
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default=value))
        batch_op.add_column(sa.Column("visits_per_table", sa.Integer(), nullable=True))
    with op.batch_alter_table("clinic") as batch_op:
        batch_op.add_column(sa.Column("slot_min", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("slot_places", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("room") as batch_op:
        batch_op.add_column(sa.Column("tables", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("visits_per_table", sa.Integer(), nullable=True))
    with op.batch_alter_table("service") as batch_op:
        batch_op.add_column(sa.Column("for_sex", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("age_from", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("age_below", sa.Integer(), nullable=True))
    with op.batch_alter_table("service_price") as batch_op:
        batch_op.add_column(sa.Column("payer", sa.String(length=40), nullable=False, server_default="insured"))
        batch_op.add_column(sa.Column("source", sa.String(), nullable=True))
        batch_op.drop_constraint("pk_service_price", type_="primary")
        batch_op.create_primary_key("pk_service_price", ["service_id", "payer", "valid_from"])
    with op.batch_alter_table("encounter") as batch_op:
        batch_op.add_column(sa.Column("payer", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("price_vnd", sa.Integer(), nullable=True))
    op.create_table(
        "holiday",
        sa.Column("facility_code", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["facility_code"], ["facility.code"], name=op.f("fk_holiday_facility_code")),
        sa.PrimaryKeyConstraint("facility_code", "day", name=op.f("pk_holiday")),
    )
    op.create_table(
        "opening_hours",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.Time(), nullable=False),
        sa.Column("closes_at", sa.Time(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_opening_hours_iso_weekday")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinic.id"], name=op.f("fk_opening_hours_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "weekday", "opens_at", name=op.f("pk_opening_hours")),
    )
    op.create_table(
        "room_closure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_closure_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_closure")),
    )
    op.create_index("ix_room_closure_room", "room_closure", ["room_id", "ends_at"])
    op.create_table(
        "practitioner",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_code", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("licence", sa.String(), nullable=True),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["facility_code"], ["facility.code"], name=op.f("fk_practitioner_facility_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practitioner")),
        sa.UniqueConstraint("facility_code", "code", name=op.f("uq_practitioner_facility_code_code")),
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("session", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_duty_practitioner_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_duty_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
        sa.UniqueConstraint(
            "practitioner_id", "local_day", "session", name=op.f("uq_duty_practitioner_id_local_day_session")
        ),
    )
    op.create_index("ix_duty_day", "duty", ["local_day", "room_id"])
    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_code", sa.String(), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("practitioner_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("from_encounter_id", sa.Uuid(), nullable=True),
        sa.Column("encounter_id", sa.Uuid(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"], name=op.f("fk_appointment_encounter_id")),
        sa.ForeignKeyConstraint(["facility_code"], ["facility.code"], name=op.f("fk_appointment_facility_code")),
        sa.ForeignKeyConstraint(["from_encounter_id"], ["encounter.id"], name=op.f("fk_appointment_from_encounter_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_appointment_patient_id")),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_appointment_practitioner_id")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_appointment_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("code", name=op.f("uq_appointment_code")),
        sa.UniqueConstraint("encounter_id", name=op.f("uq_appointment_encounter_id")),
        sa.UniqueConstraint("from_encounter_id", name=op.f("uq_appointment_from_encounter_id")),
        sa.UniqueConstraint("request_key", name=op.f("uq_appointment_request_key")),
    )
    op.create_index("ix_appointment_day", "appointment", ["facility_code", "due_on", "starts_at", "id"])
    op.create_index(op.f("ix_appointment_patient_id"), "appointment", ["patient_id"])


def downgrade() -> None:
    for table in ("appointment", "duty", "practitioner", "room_closure", "opening_hours", "holiday"):
        op.drop_table(table)
    with op.batch_alter_table("encounter") as batch_op:
        batch_op.drop_column("price_vnd")
        batch_op.drop_column("payer")
    op.execute("DELETE FROM service_price WHERE payer <> 'insured'")  # the old key has one price of a day
    with op.batch_alter_table("service_price") as batch_op:
        batch_op.drop_constraint("pk_service_price", type_="primary")
        batch_op.create_primary_key("pk_service_price", ["service_id", "valid_from"])
        batch_op.drop_column("source")
        batch_op.drop_column("payer")
    with op.batch_alter_table("service") as batch_op:
        for name in ("age_below", "age_from", "for_sex"):
            batch_op.drop_column(name)
    with op.batch_alter_table("room") as batch_op:
        batch_op.drop_column("visits_per_table")
        batch_op.drop_column("tables")
    with op.batch_alter_table("clinic") as batch_op:
        batch_op.drop_column("slot_places")
        batch_op.drop_column("slot_min")
    with op.batch_alter_table("facility") as batch_op:
        for name in (*_FACILITY, "visits_per_table"):
            batch_op.drop_column(name)
