"""Words of names"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_STORE = """
INSERT INTO patient_name_word (birth_year, word, folded_name, patient_id)
SELECT DISTINCT birth_year, word, folded_name, id FROM ({words}) AS words WHERE word <> '' ORDER BY 1, 2, 3, 4
"""
_POSTGRESQL = """
    SELECT birth_year, folded_name, id, word FROM patient, regexp_split_to_table(folded_name, ' ') AS word
    WHERE birth_year IS NOT NULL
"""
_SQLITE = """
    WITH RECURSIVE split(birth_year, folded_name, id, word, rest) AS (
        SELECT birth_year, folded_name, id, '', folded_name || ' ' FROM patient WHERE birth_year IS NOT NULL
        UNION ALL
        SELECT birth_year, folded_name, id, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1)
        FROM split WHERE rest <> ''
    )
    SELECT * FROM split
"""


def upgrade() -> None:
    is_postgresql = op.get_context().dialect.name == "postgresql"
    text = sa.String(collation="C") if is_postgresql else sa.String()
    op.create_table(
        "patient_name_word",
        sa.Column("birth_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("word", text, nullable=False),
        sa.Column("folded_name", text, nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name="fk_patient_name_word_patient_id"),
        sa.PrimaryKeyConstraint("birth_year", "word", "folded_name", "patient_id", name="pk_patient_name_word"),
        sqlite_with_rowid=False,
    )
    op.execute(_STORE.format(words=_POSTGRESQL if is_postgresql else _SQLITE))
    if is_postgresql:
        op.execute("ANALYZE patient_name_word")


def downgrade() -> None:
    op.drop_table("patient_name_word")
