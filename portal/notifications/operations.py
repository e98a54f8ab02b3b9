"""Putting mail in the outbox, and delivering it."""

import logging
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.db import Database
from portal.lib.tokens import Seal
from portal.notifications.models import OutboxMessage

CLAIM = timedelta(minutes=2)
"""How long one worker keeps a message to itself; after a crash another one takes it."""
TRIES = 8
log = logging.getLogger(__name__)


class Transport(Protocol):
    """What carries a mail to its reader."""

    def deliver(self, *, address: str, subject: str, text: str, unsubscribe: str = "") -> None:
        """Hand the mail over; raises OSError when that fails. ``unsubscribe`` is an address that stops such mail."""


def queue(
    session: Session,
    seal: Seal,
    *,
    address: str,
    subject: str,
    text: str,
    at: datetime,
    unsubscribe: str = "",
    held_back: bool = False,
) -> OutboxMessage:
    """Put a mail in the outbox, in the transaction of the change it tells of.

    ``unsubscribe`` is an address that stops mail of this kind. A message held back is stored like any other and never
    delivered: an address that asks too often must cost the same writes as one that does not.
    """
    message = OutboxMessage(
        created_at=at,
        address=address,
        subject=subject,
        sealed_text=seal.close(text),
        sealed_unsubscribe=seal.close(unsubscribe) if unsubscribe else "",
        next_try_at=None if held_back else at,
        outcome="tegengehouden" if held_back else "",
    )
    session.add(message)
    return message


def deliver_due(database: Database, transport: Transport, seal: Seal, now: datetime) -> tuple[int, int]:
    """Deliver every mail whose time has come; return how many were sent and how many failed.

    A message is claimed before it is handed over, in a transaction of its own, so two workers never take the same one.
    """
    sent = failed = 0
    with database.reading() as session:
        due = list(session.scalars(select(OutboxMessage.id).where(OutboxMessage.next_try_at <= now)))
    for number in due:
        if not _claim(database, number, now):
            continue
        if _deliver(database, transport, seal, number, now):
            sent += 1
        else:
            failed += 1
    return sent, failed


def _claim(database: Database, number: int, now: datetime) -> bool:
    with database.transaction() as session:
        claimed = session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == number, OutboxMessage.next_try_at <= now)
            .values(next_try_at=now + CLAIM, tries=OutboxMessage.tries + 1)
            .returning(OutboxMessage.id)
        )
        return claimed.first() is not None


def _deliver(database: Database, transport: Transport, seal: Seal, number: int, now: datetime) -> bool:
    with database.reading() as session:
        message = session.get_one(OutboxMessage, number)
    try:
        transport.deliver(
            address=message.address,
            subject=message.subject,
            text=seal.open(message.sealed_text),
            unsubscribe=seal.open(message.sealed_unsubscribe) if message.sealed_unsubscribe else "",
        )
    except (OSError, ValueError) as error:
        log.warning("mail not delivered", extra={"message_id": number, "error": type(error).__name__})
        _postpone(database, number, now, type(error).__name__)
        return False
    with database.transaction() as session:
        row = session.get_one(OutboxMessage, number)
        row.sent_at, row.next_try_at, row.sealed_text, row.outcome = now, None, "", "verzonden"
        row.sealed_unsubscribe = ""
    return True


def _postpone(database: Database, number: int, now: datetime, reason: str) -> None:
    with database.transaction() as session:
        row = session.get_one(OutboxMessage, number)
        row.outcome = reason
        row.next_try_at = now + timedelta(seconds=30) * 2**row.tries if row.tries < TRIES else None
