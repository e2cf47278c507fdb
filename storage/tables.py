"""The tables. Columns ``…_sealed`` hold vault bytes, ``lookup`` columns keyed hashes; ids come from `Tx.new_id()`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC moment, on both engines."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Into the database: always UTC; a naive moment is a bug and raises ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Out of the database: SQLite drops the zone, so it is put back."""
        moment: datetime | None = value
        if moment is None:
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _id() -> Column[str]:
    return Column("id", String(24), primary_key=True)


def _ref(name: str, target: str, *, nullable: bool = False, index: bool = True) -> Column[str]:
    return Column(name, String(24), ForeignKey(f"{target}.id"), nullable=nullable, index=index)


# --- the queue ------------------------------------------------------------------------------------------------------

lane = Table(
    "lane",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("last", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("due", Double, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("token", String(32)),
)
Index(
    "ix_lane_waiting",
    lane.c.kind,
    lane.c.due,
    sqlite_where=lane.c.done < lane.c.last,
    postgresql_where=lane.c.done < lane.c.last,
)

item = Table(
    "item",
    metadata,
    Column("lane", String(80), ForeignKey("lane.key"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("dedup", String(120), nullable=False, unique=True),
    Column("body_sealed", LargeBinary, nullable=False),
    Column("status", String(8), nullable=False),
    Column("error", String(120), nullable=False, default=""),
    Column("at", Instant, nullable=False),
)

# --- people ---------------------------------------------------------------------------------------------------------

customer = Table(
    "customer",
    metadata,
    _id(),
    Column("lookup", String(64), nullable=False, unique=True),
    Column("number_sealed", LargeBinary, nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("language", String(8), nullable=False, default=""),
    Column("country", String(8), nullable=False, default=""),
    Column("paused_at", Instant),
    Column("created_at", Instant, nullable=False),
)

contact = Table(
    "contact",
    metadata,
    _id(),
    _ref("customer_id", "customer"),
    Column("kind", String(16), nullable=False),
    Column("lookup", String(64), nullable=False, index=True),
    Column("value_sealed", LargeBinary, nullable=False),
    Column("since", Instant, nullable=False),
    Column("source", String(40), nullable=False),
    UniqueConstraint("customer_id", "kind", "lookup"),
)

person = Table(
    "person",
    metadata,
    _id(),
    _ref("customer_id", "customer", nullable=True),
    Column("created_at", Instant, nullable=False),
)

address = Table(
    "address",
    metadata,
    _id(),
    _ref("person_id", "person"),
    Column("kind", String(16), nullable=False),
    Column("lookup", String(64), nullable=False),
    Column("value_sealed", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("kind", "lookup"),
)

optout = Table(
    "optout",
    metadata,
    # Kept by keyed hash alone: it must outlive the deletion of everything else, or the next import writes again.
    Column("kind", String(16), primary_key=True),
    Column("lookup", String(64), primary_key=True),
    Column("value_sealed", LargeBinary),
    Column("since", Instant, nullable=False),
    Column("lifted_at", Instant),
)

# --- talk -----------------------------------------------------------------------------------------------------------

conversation = Table(
    "conversation",
    metadata,
    _id(),
    Column("channel", String(16), nullable=False),
    _ref("address_id", "address"),
    Column("language", String(8), nullable=False),
    Column("slots_sealed", LargeBinary, nullable=False),
    Column("staff_since", Instant),
    Column("staff_reason", String(24), nullable=False, default=""),
    Column("created_at", Instant, nullable=False),
    Column("heard_at", Instant),
)
Index(
    "ix_conversation_with_staff",
    conversation.c.staff_since,
    sqlite_where=conversation.c.staff_since.is_not(None),
    postgresql_where=conversation.c.staff_since.is_not(None),
)

message = Table(
    "message",
    metadata,
    _id(),
    _ref("conversation_id", "conversation", index=False),
    Column("direction", String(3), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("at", Instant, nullable=False),
    Column("text_sealed", LargeBinary, nullable=False),
    Column("more_sealed", LargeBinary, nullable=False),
    Column("language", String(8), nullable=False, default=""),
    Column("names", JSON, nullable=False),
    Column("reading", JSON, nullable=False),
    Column("written_by", String(40), nullable=False, default=""),
    _ref("to_address_id", "address", nullable=True, index=False),
    Column("dedup", String(120), nullable=False, default=""),
    Column("provider_id", String(160), nullable=False, default="", index=True),
    Column("status", String(12), nullable=False),
    Column("rank", Integer, nullable=False, default=0),
    Column("error", String(40), nullable=False, default=""),
    Column("tries", Integer, nullable=False, default=0),
    Column("settled_at", Instant),
)
Index("ix_message_thread", message.c.conversation_id, message.c.id)
Index("ix_message_to", message.c.to_address_id, message.c.at)
Index("ix_message_failed", message.c.status, message.c.settled_at)

quarantine = Table(
    "quarantine",
    metadata,
    _id(),
    Column("channel", String(16), nullable=False),
    Column("dedup", String(120), nullable=False, unique=True),
    Column("reason", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("settled_at", Instant),
)

# --- tickets --------------------------------------------------------------------------------------------------------

ticket = Table(
    "ticket",
    metadata,
    _id(),
    Column("reference", String(16), nullable=False, unique=True),
    Column("right", String(16), nullable=False),
    Column("portable", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("escalated", Boolean, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("level", Integer, nullable=False),
    Column("needs", Integer, nullable=False),
    Column("regime", String(24), nullable=False),
    Column("statutory", Boolean, nullable=False),
    Column("law", String(200), nullable=False),
    Column("country", String(8), nullable=False, default=""),
    Column("received_at", Instant, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("target_on", Date, nullable=False),
    Column("closed_at", Instant),
    Column("channel", String(16), nullable=False),
    Column("language", String(8), nullable=False),
    _ref("assignee", "staff", nullable=True),
    _ref("person_id", "person"),
    _ref("customer_id", "customer", nullable=True),
    _ref("conversation_id", "conversation", nullable=True),
    _ref("message_id", "message", nullable=True, index=False),
    Column("detail_sealed", LargeBinary, nullable=False),
)
Index("ix_ticket_due", ticket.c.due_on, ticket.c.id)
Index(
    "ix_ticket_open",
    ticket.c.due_on,
    ticket.c.id,
    sqlite_where=ticket.c.closed_at.is_(None),
    postgresql_where=ticket.c.closed_at.is_(None),
)

clock = Table(
    "clock",
    metadata,
    _id(),
    _ref("ticket_id", "ticket"),
    Column("move", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("due_on", Date),
    Column("law", String(200), nullable=False, default=""),
    Column("by", String(40), nullable=False),
)

note = Table(
    "note",
    metadata,
    _id(),
    _ref("ticket_id", "ticket"),
    _ref("staff_id", "staff"),
    Column("at", Instant, nullable=False),
    Column("text_sealed", LargeBinary, nullable=False),
)

# --- proof ----------------------------------------------------------------------------------------------------------

challenge = Table(
    "challenge",
    metadata,
    _id(),
    _ref("conversation_id", "conversation"),
    _ref("asker_id", "address", index=False),
    Column("kind", String(16), nullable=False),
    Column("target", String(64), nullable=False),
    Column("target_sealed", LargeBinary, nullable=False),
    Column("known", Boolean, nullable=False),
    Column("threaded", Boolean, nullable=False),
    Column("contact_id", String(24)),
    _ref("customer_id", "customer", nullable=True, index=False),
    Column("code_hash", String(64), nullable=False),
    Column("sent", Boolean, nullable=False),
    Column("state", String(8), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    _ref("message_id", "message", nullable=True),
)
Index("ix_challenge_asker", challenge.c.asker_id, challenge.c.at)
Index("ix_challenge_target", challenge.c.target, challenge.c.at)

hold = Table(
    "hold",
    metadata,
    Column("target", String(64), primary_key=True),
    Column("known", Boolean, nullable=False),
    Column("until", Instant, nullable=False),
)

proof = Table(
    "proof",
    metadata,
    _id(),
    _ref("conversation_id", "conversation"),
    _ref("customer_id", "customer", nullable=True, index=False),
    Column("contact_id", String(24)),
    _ref("challenge_id", "challenge", nullable=True, index=False),
    Column("target", String(64), nullable=False, default=""),
    Column("method", String(16), nullable=False),
    Column("at", Instant, nullable=False),
)

# --- staff and record -----------------------------------------------------------------------------------------------

staff = Table(
    "staff",
    metadata,
    _id(),
    Column("lookup", String(64), nullable=False, unique=True),
    Column("email_sealed", LargeBinary, nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("role", String(12), nullable=False),
    Column("password", String(200), nullable=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("failed_at", Instant),
    Column("disabled_at", Instant),
    Column("created_at", Instant, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("lookup", String(64), primary_key=True),
    _ref("staff_id", "staff"),
    Column("at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("subject", String(60), nullable=False),
    Column("n", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("event", String(40), nullable=False),
    Column("data", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("subject", "n"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("subject", String(60), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
)
