"""One-time codes: asked for in a conversation, sent to a contact, worth one proof.

Six digits, ten minutes, five tries, one use; kept as a keyed hash bound to its challenge, compared in constant time.
Nothing here tells the asker whether a contact is on file: an ask without a match leaves the same rows, counts toward
the same limits and takes the same steps, only `sent` is false.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, case, delete, func, insert, select, update

from storage import audit
from storage.addresses import same
from storage.db import Tx, upsert, utc
from storage.tables import challenge, hold, proof

LIFE = timedelta(minutes=10)
COOL_DOWN = timedelta(seconds=60)
MAX_TRIES = 5
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASKER_LIMITS = ((HOUR, 3), (DAY, 10))
# A target's limit is counted apart for askers who are on file for the same customer and for strangers, so that a
# stranger who floods a mailbox cannot use up the codes of its owner; together they stay at ten a day.
TARGET_LIMITS = ((HOUR, 3), (DAY, 5))
NOT_ME_HOLD = timedelta(hours=24)
OPEN = ("live", "none")  # states of a challenge that nothing has ended yet; `none`: no code left the house


@dataclass(frozen=True, slots=True)
class Target:
    """Where a code should go. `contact_id` and `customer_id` are those of the directory, None where nothing matched."""

    kind: str
    value: str
    deliver: bool
    contact_id: str | None = None
    customer_id: str | None = None
    known: bool = False  # the asker's own address is proved, and on file for the same customer
    threaded: bool = True  # asked in a thread the asker is seen to read; a first mail's From line is anybody's


@dataclass(frozen=True, slots=True)
class Asked:
    """A code was asked for. `code` is empty where none may be sent; nobody but the delivery may learn which."""

    challenge_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The asker has to wait: `seconds` until the next ask. `limit`: an hour or day is used up, not a mere cool-down."""

    seconds: int
    limit: bool


@dataclass(frozen=True, slots=True)
class Proved:
    """The right code: which challenge, and the contact it proves."""

    challenge_id: str
    kind: str
    contact_id: str | None
    customer_id: str | None


_ADD = insert(challenge)
_GET = select(challenge).where(challenge.c.id == bindparam("id"))
_LOCK = _GET.with_for_update()
_BY_MESSAGE = select(challenge).where(challenge.c.message_id == bindparam("message_id"))
_MESSAGE_OF = select(challenge.c.message_id).where(challenge.c.id == bindparam("id"))
# The one challenge that is open, else the newest: ids follow the clock, and a clock can be set back.
_NEWEST = (
    select(challenge)
    .where(challenge.c.conversation_id == bindparam("conversation_id"))
    .order_by(case((challenge.c.state.in_(OPEN), 0), else_=1), challenge.c.id.desc())
    .limit(1)
    .with_for_update()
)
_CHANGE = update(challenge).where(challenge.c.id == bindparam("this"))
_VOID = (
    update(challenge)
    .where(challenge.c.conversation_id == bindparam("conversation"), challenge.c.state.in_(OPEN))
    .values(state="void")
)
_HOLD = upsert(
    hold,
    lambda new: new.on_conflict_do_update(
        index_elements=["target"], set_={"until": new.excluded.until, "known": new.excluded.known}
    ),
)
_HELD = select(hold.c.known).where(hold.c.target == bindparam("target"), hold.c.until > bindparam("now"))
_SENT_TO = select(challenge).where(
    challenge.c.target.in_(bindparam("targets", expanding=True)),
    challenge.c.sent,
    challenge.c.state != "denied",
    challenge.c.at > bindparam("since"),
)
_ADD_PROOF = insert(proof)
_DROP_PROOF = delete(proof).where(proof.c.challenge_id == bindparam("challenge"))
_PROOFS = select(proof).where(proof.c.conversation_id == bindparam("conversation_id")).order_by(proof.c.id)
_ASKED_SINCE = (
    select(challenge.c.at)
    .where(challenge.c.asker_id == bindparam("asker_id"), challenge.c.threaded == bindparam("threaded"))
    .where(challenge.c.at > bindparam("since"))
    .order_by(challenge.c.at.desc())
)
_ASKED_LAST = select(func.max(challenge.c.at)).where(
    challenge.c.asker_id == bindparam("asker_id"),
    challenge.c.threaded == bindparam("threaded"),
    challenge.c.target == bindparam("target"),
    challenge.c.state != "used",
)
_SENT_SINCE = select(challenge.c.at).where(
    challenge.c.target == bindparam("target"),
    challenge.c.known == bindparam("known"),
    challenge.c.sent,
    challenge.c.at > bindparam("since"),
)


def ask(tx: Tx, conversation_id: str, asker_id: str, target: Target) -> Asked | Wait:
    """Make a new code and void the conversation's older ones, unless the asker has to wait first."""
    where = tx.vault.lookup(target.kind, same(target.kind, target.value))
    wait = _asker_wait(tx, asker_id, where, target.threaded)
    if wait:
        return wait
    void(tx, conversation_id)
    free = _target_free(tx, where, target.known)  # counted also where nothing is on file: the same steps
    deliver = target.deliver and free
    one, code = tx.new_id(), f"{secrets.randbelow(1_000_000):06d}"
    row: dict[str, Any] = {"id": one, "conversation_id": conversation_id, "asker_id": asker_id, "kind": target.kind}
    row |= {"target": where, "at": tx.now, "expires_at": tx.now + LIFE}
    row |= {"target_sealed": tx.vault.seal(f"challenge.target:{one}", target.value), "known": target.known}
    row |= {"threaded": target.threaded}
    row |= {"contact_id": target.contact_id, "customer_id": target.customer_id, "sent": deliver, "tries": 0}
    row |= {"code_hash": _digests(tx, one, code)[0], "state": "live" if deliver else "none"}
    tx.conn.execute(_ADD, row)
    event = "code.sent" if deliver else "code.not_sent"
    audit.record(tx, f"conversation:{conversation_id}", event, "bot", challenge=one)
    return Asked(one, code if deliver else "")


def delivered_by(tx: Tx, challenge_id: str, message_id: str) -> None:
    """Remember which message carries the code, so that a reply to it can be told from one to anything else."""
    tx.conn.execute(_CHANGE, {"this": challenge_id, "message_id": message_id})


def check(tx: Tx, conversation_id: str, code: str) -> Proved | None:
    """Try a code against the conversation's newest challenge. Wrong, old, used, locked and never sent are one: None."""
    row = tx.conn.execute(_NEWEST, {"conversation_id": conversation_id}).first()
    kept = row.code_hash if row else "0" * 64
    digests = _digests(tx, row.id if row else "none", code)
    fits = sum(hmac.compare_digest(digest, kept) for digest in digests) > 0
    alive = row is not None and row.state == "live" and row.tries < MAX_TRIES and tx.now < utc(row.expires_at)
    if row is not None and fits and alive:
        return _use(tx, row, "code")
    if row is not None:
        locked = row.state in OPEN and row.tries + 1 >= MAX_TRIES
        values = {"tries": row.tries + 1} | ({"state": "locked"} if locked else {})
        tx.conn.execute(_CHANGE, {"this": row.id, **values})
        event = "code.locked" if locked else "code.failed"
        audit.record(tx, f"conversation:{conversation_id}", event, "customer", challenge=row.id)
    return None


def confirm(tx: Tx, challenge_id: str) -> tuple[Proved, str, str] | None:
    """A code mail's link was confirmed: what it proves, its conversation and asker; None where it is no longer good."""
    row = tx.conn.execute(_LOCK, {"id": challenge_id}).first()
    if row is None or row.state != "live" or tx.now >= utc(row.expires_at):
        return None
    return _use(tx, row, "link"), row.conversation_id, row.asker_id


def void(tx: Tx, conversation_id: str) -> None:
    """No code asked for so far in this conversation counts any more."""
    if tx.conn.execute(_VOID, {"conversation": conversation_id}).rowcount:
        audit.record(tx, f"conversation:{conversation_id}", "code.void", "bot")


def deny(tx: Tx, message_id: str) -> str | None:
    """The one the code went to says "not me": it is void, and none goes there for 24 hours.

    Returns the conversation that asked for it; None where the message carried no code.
    """
    row = tx.conn.execute(_BY_MESSAGE, {"message_id": message_id}).first()
    return _deny(tx, row) if row else None


def deny_at(tx: Tx, kind: str, value: str) -> list[str]:
    """The same for every code that went to an address in the last 24 hours, said from that very address.

    Only for a channel that vouches for its sender. Returns the conversations that asked.
    """
    where = tx.vault.lookups(kind, same(kind, value))
    rows = tx.conn.execute(_SENT_TO, {"targets": where, "since": tx.now - NOT_ME_HOLD}).all()
    return [_deny(tx, row) for row in rows]


def message_of(tx: Tx, challenge_id: str) -> str | None:
    """The message that carried a challenge's code, if one was sent."""
    found: str | None = tx.conn.scalar(_MESSAGE_OF, {"id": challenge_id})
    return found


@dataclass(frozen=True, slots=True)
class Challenge:
    """What staff and the confirm page may know of a challenge; the code itself is nowhere."""

    id: str
    conversation_id: str
    kind: str
    state: str
    tries: int
    at: datetime
    expires_at: datetime


def get(tx: Tx, challenge_id: str) -> Challenge | None:
    """The challenge with this id, without its code or target."""
    row = tx.conn.execute(_GET, {"id": challenge_id}).first()
    if row is None:
        return None
    return Challenge(row.id, row.conversation_id, row.kind, row.state, row.tries, utc(row.at), utc(row.expires_at))


@dataclass(frozen=True, slots=True)
class Proof:
    """One contact that this conversation has proved. No contact: proved, but not matched to a record."""

    customer_id: str | None
    contact_id: str | None
    target: str  # keyed hash of the address
    method: str
    at: datetime


def proofs(tx: Tx, conversation_id: str) -> list[Proof]:
    """Everything proved in a conversation, oldest first."""
    rows = tx.conn.execute(_PROOFS, {"conversation_id": conversation_id})
    return [Proof(r.customer_id, r.contact_id, r.target, r.method, utc(r.at)) for r in rows]


def _deny(tx: Tx, row: Row[Any]) -> str:
    """What the code proved is proved no more, should somebody have used it already."""
    tx.conn.execute(_CHANGE, {"this": row.id, "state": "denied"})
    tx.conn.execute(_DROP_PROOF, {"challenge": row.id})
    tx.conn.execute(_HOLD[tx.engine], {"target": row.target, "known": row.known, "until": tx.now + NOT_ME_HOLD})
    audit.record(tx, f"conversation:{row.conversation_id}", "code.denied", "customer", challenge=row.id)
    return str(row.conversation_id)


def _use(tx: Tx, row: Row[Any], method: str) -> Proved:
    tx.conn.execute(_CHANGE, {"this": row.id, "state": "used"})
    kept: dict[str, Any] = {"id": tx.new_id(), "conversation_id": row.conversation_id, "challenge_id": row.id}
    kept |= {"customer_id": row.customer_id, "contact_id": row.contact_id, "target": row.target}
    tx.conn.execute(_ADD_PROOF, kept | {"method": method, "at": tx.now})
    audit.record(tx, f"conversation:{row.conversation_id}", "code.proved", "customer", method=method, challenge=row.id)
    return Proved(row.id, row.kind, row.contact_id, row.customer_id)


def _asker_wait(tx: Tx, asker_id: str, target: str, threaded: bool) -> Wait | None:
    # Asks by mails with a forged From line are counted apart: they must not use up the real sender's.
    who = {"asker_id": asker_id, "threaded": threaded}
    longest = max(span for span, _ in ASKER_LIMITS)
    times = tx.conn.scalars(_ASKED_SINCE, who | {"since": tx.now - longest}).all()
    for span, most in ASKER_LIMITS:
        within = [at for at in times if at > tx.now - span]
        if len(within) >= most:
            return Wait(_seconds(within[most - 1] + span - tx.now, span), limit=True)
    # Only a resend cools down: another contact, or the next step after a right code, is asked for at once.
    last = tx.conn.scalar(_ASKED_LAST, who | {"target": target})
    left = utc(last) + COOL_DOWN - tx.now if last else timedelta()
    return Wait(_seconds(left, COOL_DOWN), limit=False) if left > timedelta() else None


def _target_free(tx: Tx, target: str, known: bool) -> bool:
    """Whether a code may go there: nobody there said "not me", and the limits of the asker's pool are not used up."""
    held = tx.conn.scalars(_HELD, {"target": target, "now": tx.now}).all()
    longest = max(span for span, _ in TARGET_LIMITS)
    sent = tx.conn.scalars(_SENT_SINCE, {"target": target, "known": known, "since": tx.now - longest}).all()
    # What a stranger's denied ask holds back is strangers' asks; what a known asker's holds back is everybody's.
    if any(by_known or not known for by_known in held):
        return False
    return all(sum(at > tx.now - span for at in sent) < most for span, most in TARGET_LIMITS)


def _digests(tx: Tx, challenge_id: str, code: str) -> list[str]:
    """The code's hash under every key, the current one first: one asked for before a key rotation still counts."""
    text = f"{challenge_id}:{code}".encode("utf-8", "surrogatepass")
    return [hmac.new(key, text, hashlib.sha256).hexdigest() for key in tx.vault.keys("code")]


def _seconds(left: timedelta, most: timedelta) -> int:
    """Whole seconds, rounded up; never more than `most`, even where the clock was set back."""
    return max(1, math.ceil(min(left, most).total_seconds()))
