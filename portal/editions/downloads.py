"""What the log says of an edition that was handed out."""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.editions.bundle import EVERYTHING, READERS
from portal.editions.signing import SigningKey


def record_download(
    session: Session, number: int, data: bytes, key: SigningKey, *, everything: bool, by: Actor, at: datetime
) -> None:
    """Note which edition somebody got. With its hash and key it can be known again when the secret key is lost."""
    record(
        session,
        Action.EDITION_DOWNLOADED,
        by=by,
        subject=f"release:{number}",
        at=at,
        contents=EVERYTHING if everything else READERS,
        sha256=hashlib.sha256(data).hexdigest(),
        key=key.public.fingerprint,
    )
