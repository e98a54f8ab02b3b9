"""Ways to hand over a mail: a mail server, or the terminal in demonstration mode."""

import smtplib
import ssl
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import formatdate, make_msgid
from typing import TextIO
from urllib.parse import parse_qs, unquote, urlsplit

TIMEOUT_SECONDS = 15
ONE_CLICK = "List-Unsubscribe=One-Click"
"""What the form of a mail program holds when its reader wants no more of such mail."""


class Unfolded(UnstructuredHeader, BaseHeader):
    """A header on one line: Python would cut a long address in pieces that no mail program puts together again."""

    def fold(self, *, policy: Policy) -> str:
        """Return the whole header."""
        return f"{self.name}: {self}{policy.linesep}"


HEADERS = HeaderRegistry()
HEADERS.map_to_type("list-unsubscribe", Unfolded)
POLICY = SMTP.clone(header_factory=HEADERS)


def compose(*, sender: str, address: str, subject: str, text: str, unsubscribe: str = "") -> EmailMessage:
    """Return a plain mail; raises ValueError when an address or subject could smuggle in a header.

    A mail program offers ``unsubscribe`` as a button (RFC 2369), and may send the form itself (RFC 8058).
    """
    if any(c in value for value in (sender, address, subject, unsubscribe) for c in "\r\n\0"):
        raise ValueError("line breaks do not belong in a mail header")
    message = EmailMessage(policy=POLICY)
    message["From"], message["To"], message["Subject"] = sender, Address(addr_spec=address), subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=sender.rpartition("@")[2].strip("> "))
    message["Auto-Submitted"] = "auto-generated"
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = ONE_CLICK
    message.set_content(text)
    return message


class SmtpTransport:
    """Hands mail to the server of ``smtp://user:password@host:port`` (STARTTLS) or ``smtps://`` (TLS at once).

    ``smtp://host?starttls=no`` is for a relay on the same machine that offers no TLS.
    """

    def __init__(self, url: str, sender: str, context: ssl.SSLContext | None = None) -> None:
        """Remember where to; the connection is made for each delivery."""
        self._url, self._sender = urlsplit(url), sender
        self._starttls = parse_qs(self._url.query).get("starttls") != ["no"]
        self._context = context or ssl.create_default_context()

    def deliver(self, *, address: str, subject: str, text: str, unsubscribe: str = "") -> None:
        """Hand one mail over; raises OSError (smtplib's errors are) when the server does not take it."""
        message = compose(sender=self._sender, address=address, subject=subject, text=text, unsubscribe=unsubscribe)
        host = self._url.hostname or ""
        if self._url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self._url.port or 465, timeout=TIMEOUT_SECONDS, context=self._context
            )
        else:
            server = smtplib.SMTP(host, self._url.port or 587, timeout=TIMEOUT_SECONDS)
        with server:
            if self._url.scheme == "smtp" and self._starttls:
                server.starttls(context=self._context)
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
            server.send_message(message)


class TerminalTransport:
    """Prints mail, for the demonstration: nobody there has a mailbox."""

    def __init__(self, stream: TextIO) -> None:
        """Remember where to print."""
        self._stream = stream

    def deliver(self, *, address: str, subject: str, text: str, unsubscribe: str = "") -> None:
        """Print one mail; an address that stops it stands in the text too."""
        print(f"\n--- mail aan {address}: {subject}\n{text}\n---", file=self._stream, flush=True)
