"""Keep the hands that candidates raise, and the replies that proctors choose from.

Why: a hand that is raised in a room is seen or not, and one that is raised at home is seen by nobody. Nothing that
exists is changed; going down loses the hands and the replies.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "hands"
down_revision = "lockdown"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CAME_WITH = (
    ("监考员不能解释题意，请按题面作答。", "A proctor may not explain an item; please respond to it as it stands."),
    ("问题已上报，请先作答其他试题。", "This has been reported; please go on with the other items."),
    (
        "请检查键盘和鼠标的连接，仍不行请再次举手。",
        "Please check keyboard and mouse; if it does not help, raise your hand.",
    ),
    (
        "正在安排更换计算机，请在座位上等候，作答不会丢失。",
        "Another computer is on its way; what you have given is kept.",
    ),
    ("请继续作答，确实耽误的时间按规定补足。", "Please go on; time that was lost is made good by the rules."),
    ("请在座位上举手示意，由监考员陪同离场。", "Please raise your hand at your seat; a proctor will go with you."),
)


def _closed(name: str, *members: str) -> sa.Enum:
    return sa.Enum(*members, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "hand",
        sa.Column("id", ID, nullable=False),
        sa.Column("registration_id", ID, nullable=False),
        sa.Column("kind", _closed("handkind", "machine", "item_unclear", "proctor", "other"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", _closed("handstate", "waiting", "coming", "answered", "closed", "lowered"), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply_zh", sa.Text(), nullable=False),
        sa.Column("reply_en", sa.Text(), nullable=False),
        sa.Column("moved_by", ID, nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_hand_registration_id_registration")
        ),
        sa.ForeignKeyConstraint(["moved_by"], ["account.id"], name=op.f("fk_hand_moved_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand")),
    )
    up = sa.text("state IN ('waiting', 'coming')")
    op.create_index("uq_hand_up", "hand", ["registration_id"], unique=True, postgresql_where=up, sqlite_where=up)
    op.create_index("ix_hand_registration_id", "hand", ["registration_id"])
    replies = op.create_table(
        "canned_reply",
        sa.Column("id", ID, nullable=False),
        sa.Column("zh", sa.String(200), nullable=False),
        sa.Column("en", sa.String(200), nullable=False),
        sa.Column("made_by", ID, nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_canned_reply_made_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_reply")),
    )
    made_at = datetime(2026, 11, 22, tzinfo=UTC)
    op.bulk_insert(replies, [{"zh": zh, "en": en, "made_at": made_at} for zh, en in CAME_WITH])


def downgrade() -> None:
    """Undo."""
    op.drop_table("canned_reply")
    op.drop_index("ix_hand_registration_id", table_name="hand")
    op.drop_index("uq_hand_up", table_name="hand")
    op.drop_table("hand")
