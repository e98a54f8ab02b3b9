"""Mail: written with the change, sealed until it is sent, delivered once, to a real SMTP server."""

import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from sqlalchemy import select

from portal.db import Database
from portal.lib.mail import SmtpTransport, compose
from portal.lib.tokens import Seal
from portal.notifications.models import OutboxMessage
from portal.notifications.operations import CLAIM, TRIES, deliver_due, queue
from tests.conftest import NOW, Site
from tests.running import free_port

SENDER = "handboek@regio.example"
SEAL = Seal("a key for tests only, 32 characters or more")


class Inbox:
    """A real SMTP server that keeps what it is given, or refuses when told to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse = False

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # named by aiosmtpd
        if self.refuse:
            return "451 later"
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox) -> Iterator[Controller]:
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


def transport(controller: Controller) -> SmtpTransport:
    return SmtpTransport(f"smtp://127.0.0.1:{controller.port}?starttls=no", SENDER)


def put(database: Database, text: str = "Uw code is ABCD2345.", *, held_back: bool = False) -> None:
    with database.transaction() as session:
        queue(session, SEAL, address="u@x.example", subject="Onderwerp é", text=text, at=NOW, held_back=held_back)


def rows(database: Database) -> list[OutboxMessage]:
    with database.reading() as session:
        return list(session.scalars(select(OutboxMessage)))


def test_a_mail_arrives_and_is_wiped(empty_site: Site, server: Controller, inbox: Inbox) -> None:
    put(empty_site.database)
    assert "ABCD2345" not in rows(empty_site.database)[0].sealed_text
    assert deliver_due(empty_site.database, transport(server), SEAL, NOW) == (1, 0)
    [mail] = inbox.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, "u@x.example", "Onderwerp é")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Uw code is ABCD2345." in mail.get_content()
    [row] = rows(empty_site.database)
    assert (row.sealed_text, row.outcome, row.sent_at) == ("", "verzonden", NOW)
    assert deliver_due(empty_site.database, transport(server), SEAL, NOW + timedelta(days=1)) == (0, 0)


def test_a_mail_says_where_a_mail_program_stops_it(empty_site: Site, server: Controller, inbox: Inbox) -> None:
    address = f"https://handboek.regio.example/toegang/berichten/{'0123456789' * 12}"
    with empty_site.database.transaction() as session:
        queue(session, SEAL, address="u@x.example", subject="S", text="T", unsubscribe=address, at=NOW)
    assert "berichten" not in rows(empty_site.database)[0].sealed_unsubscribe
    assert deliver_due(empty_site.database, transport(server), SEAL, NOW) == (1, 0)
    [mail] = inbox.mails
    assert dict(mail.raw_items())["List-Unsubscribe"] == f"<{address}>"  # as it was sent: whole, on one line
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert rows(empty_site.database)[0].sealed_unsubscribe == ""
    put(empty_site.database)
    deliver_due(empty_site.database, transport(server), SEAL, NOW)
    assert "List-Unsubscribe" not in inbox.mails[1]


def test_a_refused_mail_is_tried_again_later_and_given_up_in_the_end(
    empty_site: Site, server: Controller, inbox: Inbox
) -> None:
    put(empty_site.database)
    inbox.refuse = True
    now, tries = NOW, 0
    while rows(empty_site.database)[0].next_try_at is not None:
        assert deliver_due(empty_site.database, transport(server), SEAL, now) == (0, 1)
        assert deliver_due(empty_site.database, transport(server), SEAL, now) == (0, 0)
        now, tries = now + timedelta(days=1), tries + 1
    assert tries == TRIES
    assert inbox.mails == []


def test_a_server_that_is_away_loses_nothing(empty_site: Site, server: Controller, inbox: Inbox) -> None:
    put(empty_site.database)
    nowhere = SmtpTransport("smtp://127.0.0.1:9?starttls=no", SENDER)
    assert deliver_due(empty_site.database, nowhere, SEAL, NOW) == (0, 1)
    assert deliver_due(empty_site.database, transport(server), SEAL, NOW + timedelta(hours=1)) == (1, 0)
    assert len(inbox.mails) == 1


def test_two_workers_never_send_the_same_mail(empty_site: Site, server: Controller, inbox: Inbox) -> None:
    for number in range(6):
        put(empty_site.database, f"Bericht {number}")

    def run(_worker: int) -> tuple[int, int]:
        return deliver_due(empty_site.database, transport(server), SEAL, NOW)

    with ThreadPoolExecutor(3) as pool:
        sent = sum(done for done, _failed in pool.map(run, range(3)))
    assert sent == 6
    assert sorted(m.get_content().strip() for m in inbox.mails) == [f"Bericht {n}" for n in range(6)]


def test_a_worker_that_died_leaves_its_mail_to_another(empty_site: Site, server: Controller, inbox: Inbox) -> None:
    put(empty_site.database)

    class Killed(BaseException):
        """What kill -9 looks like from here: nothing after it runs."""

    class Dying:
        def deliver(self, *, address: str, subject: str, text: str, unsubscribe: str = "") -> None:
            raise Killed

    with pytest.raises(Killed):
        deliver_due(empty_site.database, Dying(), SEAL, NOW)
    assert deliver_due(empty_site.database, transport(server), SEAL, NOW) == (0, 0)
    assert deliver_due(empty_site.database, transport(server), SEAL, NOW + CLAIM) == (1, 0)
    assert len(inbox.mails) == 1


def test_a_mail_held_back_is_never_sent(empty_site: Site, server: Controller) -> None:
    put(empty_site.database, held_back=True)
    assert deliver_due(empty_site.database, transport(server), SEAL, NOW + timedelta(days=9)) == (0, 0)


def test_a_text_sealed_with_another_key_is_not_sent(empty_site: Site, server: Controller, inbox: Inbox) -> None:
    put(empty_site.database)
    other = Seal("another key, also of 32 characters or more")
    assert deliver_due(empty_site.database, transport(server), other, NOW) == (0, 1)
    assert inbox.mails == []


def test_tls_and_password_are_used(inbox: Inbox) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    seen: list[object] = []

    def check(_server: object, _session: object, _envelope: object, _kind: str, data: object) -> AuthResult:
        seen.append(data)
        return AuthResult(success=data == LoginPassword(b"portaal", b"ge heim"))

    controller = Controller(
        inbox,
        hostname="127.0.0.1",
        port=free_port(),
        tls_context=context,
        require_starttls=True,
        authenticator=check,
        auth_required=True,
    )
    controller.start()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    url = f"smtp://portaal:ge%20heim@127.0.0.1:{controller.port}"
    SmtpTransport(url, SENDER, trusting).deliver(address="u@x.example", subject="S", text="T")
    with pytest.raises(ssl.SSLCertVerificationError):
        SmtpTransport(url, SENDER).deliver(address="u@x.example", subject="S", text="T")
    controller.stop()
    assert len(inbox.mails) == 1
    assert len(seen) == 1


@pytest.mark.parametrize("field", ["address", "subject", "sender", "unsubscribe"])
def test_nobody_smuggles_in_a_header(field: str) -> None:
    values = {"sender": SENDER, "address": "u@x.example", "subject": "S", "unsubscribe": "https://x"}
    values[field] += "\r\nBcc: dief@x.example"
    with pytest.raises(ValueError, match="header"):
        compose(text="T", **values)
