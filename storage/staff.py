"""Staff: who may work the desk, their passwords (argon2id) and sessions, and the notes they keep on tickets."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, insert, select, update

from storage import audit
from storage.db import Tx, utc
from storage.tables import note, session, staff

ROLES = ("agent", "manager", "auditor")
SESSION_LIFE = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=2)
FREE_TRIES, LONGEST_PAUSE = 5, timedelta(minutes=15)
HASHER = PasswordHasher()  # RFC 9106's low-memory profile, argon2-cffi's default
# Verified against where there is no such mail, so that a stranger learns nothing from the time it takes.
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZSBmaXhlZCBzYWx0$1RaS0U1nGjq4yPUtJcNBG8pKAgbGmTYFBHhfi0vhNNo"


class StaffError(ValueError):
    """A staff member cannot be added or changed like that; the text says why."""


@dataclass(frozen=True, slots=True)
class Staff:
    """One member of staff. Roles: an agent works tickets, a manager also people, an auditor only looks."""

    id: str
    email: str
    name: str
    role: str

    @property
    def actor(self) -> str:
        """Their name in the audit trail."""
        return f"staff:{self.id}"


@dataclass(frozen=True, slots=True)
class Note:
    """A note on a ticket: for staff alone, never sent."""

    id: str
    staff_id: str
    at: datetime
    text: str


def add(tx: Tx, email: str, name: str, role: str, password: str, by: str) -> Staff:
    """Add a member of staff. Raises StaffError for an unknown role, a short password or a mail that is there."""
    email = email.strip().lower()
    if role not in ROLES:
        raise StaffError(f"the role must be one of: {', '.join(ROLES)}")
    _must_be_long(password)
    if "@" not in email or len(email) > 254:
        raise StaffError("that is no mail address")
    if _row(tx, email) is not None:
        raise StaffError("somebody with that mail is there already")
    one = Staff(tx.new_id(), email, name or email.partition("@")[0], role)
    row: dict[str, Any] = {"id": one.id, "lookup": tx.vault.lookup("staff", email), "role": role, "created_at": tx.now}
    row |= {"email_sealed": tx.vault.seal(f"staff.email:{one.id}", email), "failures": 0}
    row |= {"name_sealed": tx.vault.seal(f"staff.name:{one.id}", one.name), "password": HASHER.hash(password)}
    tx.conn.execute(insert(staff).values(**row))
    audit.record(tx, f"staff:{one.id}", "staff.added", by, role=role)
    return one


def set_password(tx: Tx, email: str, password: str, by: str) -> Staff:
    """Give a member of staff a new password and end their sessions. Raises StaffError: too short, or nobody there."""
    _must_be_long(password)
    row = _row(tx, email.strip().lower())
    if row is None:
        raise StaffError("nobody with that mail is here")
    values = {"password": HASHER.hash(password), "failures": 0, "failed_at": None}
    tx.conn.execute(update(staff).where(staff.c.id == row.id).values(**values))
    tx.conn.execute(session.delete().where(session.c.staff_id == row.id))
    audit.record(tx, f"staff:{row.id}", "staff.password", by)
    return _staff(tx, row)


def get(tx: Tx, staff_id: str) -> Staff:
    """The member of staff with this id. Raises sqlalchemy.exc.NoResultFound."""
    return _staff(tx, tx.conn.execute(select(staff).where(staff.c.id == staff_id)).one())


def everybody(tx: Tx) -> list[Staff]:
    """All members of staff who may work, in the order they came."""
    rows = tx.conn.execute(select(staff).where(staff.c.disabled_at.is_(None)).order_by(staff.c.id))
    return [_staff(tx, row) for row in rows]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A password held against the one on file. It lets nobody in: `sign_in` does."""

    staff_id: str | None
    right: bool


def weigh(tx: Tx, email: str, password: str) -> Weighed:
    """Hold a password against the one on file: a tenth of a second of argon2, the same whether or not there is one.

    Call it inside `Store.read()`: done in a write, it would hold up every webhook on SQLite.
    """
    row = _row(tx, email.strip().lower())
    try:
        given = password[:1024].encode("utf-8", "surrogatepass")
        right: bool = HASHER.verify(row.password if row else NOBODY, given)
    except (VerificationError, InvalidHashError):
        right = False
    return Weighed(row.id if row else None, right)


def sign_in(tx: Tx, weighed: Weighed) -> Staff | None:
    """Who signs in; None for a wrong mail or password, and during the pause that follows five wrong ones in a row.

    The pause grows with each further failure up to 15 minutes. It counts here, one after the other: guesses that were
    weighed side by side gain nothing.
    """
    row = tx.conn.execute(select(staff).where(staff.c.id == weighed.staff_id).with_for_update()).first()
    if row is None or row.disabled_at is not None or _paused(tx, row):
        return None
    right = weighed.right
    values = {"failures": 0, "failed_at": None} if right else {"failures": row.failures + 1, "failed_at": tx.now}
    tx.conn.execute(update(staff).where(staff.c.id == row.id).values(**values))
    audit.record(tx, f"staff:{row.id}", "staff.signed_in" if right else "staff.refused", f"staff:{row.id}")
    return _staff(tx, row) if right else None


def check_password(tx: Tx, email: str, password: str) -> Staff | None:
    """Weigh a password and sign in by it, in one transaction."""
    return sign_in(tx, weigh(tx, email, password))


def open_session(tx: Tx, staff_id: str) -> str:
    """A new session; returns its secret, of which only a keyed hash is stored."""
    secret = secrets.token_urlsafe(32)
    row: dict[str, Any] = {
        "lookup": tx.vault.lookup("session", secret),
        "staff_id": staff_id,
        "at": tx.now,
        "seen_at": tx.now,
    }
    tx.conn.execute(insert(session).values(**row))
    return secret


def of_session(tx: Tx, secret: str) -> Staff | None:
    """Who a session belongs to, while it lives: 12 hours at most, 2 hours without use."""
    found = tx.conn.execute(
        select(staff, session.c.at, session.c.seen_at)
        .join(session, session.c.staff_id == staff.c.id)
        .where(session.c.lookup.in_(tx.vault.lookups("session", secret)), staff.c.disabled_at.is_(None))
    ).first()
    if found is None:
        return None
    fresh = tx.now < utc(found.at) + SESSION_LIFE and tx.now < utc(found.seen_at) + SESSION_IDLE
    return _staff(tx, found) if fresh else None


def touch_session(tx: Tx, secret: str) -> None:
    """The session was used now."""
    mine = session.c.lookup.in_(tx.vault.lookups("session", secret))
    tx.conn.execute(update(session).where(mine).values(seen_at=tx.now))


def close_session(tx: Tx, secret: str) -> None:
    """Sign out."""
    tx.conn.execute(session.delete().where(session.c.lookup.in_(tx.vault.lookups("session", secret))))


def write_note(tx: Tx, ticket_id: str, author: Staff, text: str) -> str:
    """Keep an internal note on a ticket; returns its id."""
    one = tx.new_id()
    sealed = tx.vault.seal(f"note.text:{one}", text)
    row: dict[str, Any] = {"id": one, "ticket_id": ticket_id, "staff_id": author.id, "at": tx.now}
    tx.conn.execute(insert(note).values(**row, text_sealed=sealed))
    audit.record(tx, f"ticket:{ticket_id}", "ticket.note", author.actor, note=one)
    return one


def notes(tx: Tx, ticket_id: str) -> list[Note]:
    """The notes of a ticket, oldest first."""
    rows = tx.conn.execute(select(note).where(note.c.ticket_id == ticket_id).order_by(note.c.id))
    return [Note(r.id, r.staff_id, utc(r.at), tx.vault.open(f"note.text:{r.id}", r.text_sealed)) for r in rows]


def _must_be_long(password: str) -> None:
    if len(password) < 12:
        raise StaffError("the password needs at least 12 characters")


def _paused(tx: Tx, row: Row[Any]) -> bool:
    over = row.failures - FREE_TRIES
    if over < 0 or row.failed_at is None:
        return False
    pause: timedelta = min(timedelta(seconds=30) * 2 ** min(over, 8), LONGEST_PAUSE)
    return tx.now < utc(row.failed_at) + pause


def _row(tx: Tx, email: str) -> Row[Any] | None:
    return tx.conn.execute(select(staff).where(staff.c.lookup.in_(tx.vault.lookups("staff", email)))).first()


def _staff(tx: Tx, row: Row[Any]) -> Staff:
    email = tx.vault.open(f"staff.email:{row.id}", row.email_sealed)
    return Staff(row.id, email, tx.vault.open(f"staff.name:{row.id}", row.name_sealed), row.role)
