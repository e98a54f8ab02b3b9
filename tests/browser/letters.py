"""What the portal mails, taken out of its outbox."""

import re

from portal.notifications.operations import deliver_due
from tests.conftest import Site


class Postbox:
    """A mail server that only remembers."""

    def __init__(self) -> None:
        """Start empty."""
        self.texts: list[str] = []

    def deliver(self, *, address: str, subject: str, text: str, unsubscribe: str = "") -> None:
        """Keep a mail."""
        self.texts.append(text)


def code_mailed(site: Site) -> str:
    """Deliver the outbox, which must hold one mail, and return the code in it."""
    box = Postbox()
    deliver_due(site.database, box, site.app.extensions["portal_seal"], site.clock())
    [text] = box.texts
    found = re.search(r"\b([A-Z2-9]{4}[ -]?[A-Z2-9]{4})\b", text)
    assert found, text
    return found[1]
