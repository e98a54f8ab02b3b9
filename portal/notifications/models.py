"""The outbox."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base


class OutboxMessage(Base):
    """One mail to one address. What may hold a secret link is sealed, and is wiped once sent."""

    __tablename__ = "outbox_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    sealed_text: Mapped[str] = mapped_column(Text)
    sealed_unsubscribe: Mapped[str] = mapped_column(Text, default="")
    """The address that stops mail of this kind; empty when nobody asked for it or can stop it."""
    next_try_at: Mapped[datetime | None] = mapped_column(index=True)
    """When the worker may take it; None when it is sent, held back or given up."""
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(200), default="")
