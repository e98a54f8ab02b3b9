"""Coming in by a personal link or code, and the session that follows (DESIGN section 6).

A link or code is used by one atomic update, so of any number of simultaneous tries one wins. Asking for a link costs
the same for an address with an account and one without: the same queries, the same rows, one mail queued (ASVS V6.3.8).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from portal.access.models import Arrival, Person, SignedInSession, SignInLink
from portal.access.queries import person_by_address, tidy_address
from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.config import Config, SessionLife
from portal.lib.errors import Gone, TooMany
from portal.lib.tokens import Seal, keyed_hash, new_code, new_token, tidy_code, token_hash
from portal.notifications.operations import queue

LINK_LIFE = timedelta(minutes=10)
"""An emailed link or code is valid for ten minutes (ASVS V6.5.5)."""
HANDED_LINK_LIFE = timedelta(hours=8)
"""A link made on the command line or for the demonstration is handed over by a person, so it may wait for a morning."""
CODE_TRIES = 5
MAILS_AN_HOUR = 3
SEEN_EVERY = timedelta(minutes=5)
ARRIVAL_LIFE = timedelta(days=1)
TARGET_LENGTH = 500

LINK_IS_OVER = "Deze link is gebruikt of verlopen. Vraag een nieuwe link aan op de pagina Aanmelden."
CODE_IS_WRONG = "Deze code klopt niet of is verlopen. Controleer de code in uw mail, of vraag een nieuwe aan."
TOO_MANY_TRIES = "U hebt te vaak een verkeerde code ingevuld. Vraag een nieuwe code aan."


@dataclass(frozen=True)
class Letter:
    """What a sign-in mail must say: a link and a code for a known address, neither for an unknown one."""

    known: bool
    url: str
    code: str


@dataclass(frozen=True)
class Entrance:
    """What an installation brings to signing in: its settings, its seal, and how a letter becomes subject and text."""

    config: Config
    seal: Seal
    write: Callable[[Letter], tuple[str, str]]


@dataclass(frozen=True)
class SignIn:
    """The outcome of coming in: the secret for the browser's cookie, and the address the person asked for."""

    token: str
    person: Person
    target: str


def ask(
    session: Session,
    entrance: Entrance,
    *,
    address: str,
    browser: str,
    by: Actor,
    at: datetime,
    may_join: bool = False,
) -> SignInLink:
    """Queue a mail for this address: a link and a code when it has an account, "geen toegang" when not.

    ``may_join`` writes to an address without an account as to one that has it: it gets one when the link or code comes
    back, which is not for this module to see to. At most three an hour for one address are really sent; beyond that
    everything looks and costs the same. Returns the row of the link.
    """
    secret, tidy = entrance.config.secret_key, tidy_address(address)
    address_hash = keyed_hash(secret, "address", tidy)
    person = person_by_address(session, tidy)
    known = person is not None and person.is_active
    asked = session.scalar(
        select(func.count())
        .select_from(SignInLink)
        .where(SignInLink.address_hash == address_hash, SignInLink.created_at > at - timedelta(hours=1))
        .where(SignInLink.browser_hash.is_not(None))
    )
    token, code = new_token(), new_code()
    browser_hash = token_hash(browser)
    link = SignInLink(
        token_hash=token_hash(token),
        person_id=person.id if person and known else None,
        address_hash=address_hash,
        browser_hash=browser_hash,
        code_hash=keyed_hash(secret, "code", browser_hash, code),
        target=remembered(session, browser, at),
        created_at=at,
        expires_at=at + LINK_LIFE,
    )
    session.add(link)
    session.flush()
    welcome = known or (may_join and person is None)
    subject, text = entrance.write(Letter(welcome, link_url(entrance.config, token), code))
    held_back = (asked or 0) >= MAILS_AN_HOUR
    queue(session, entrance.seal, address=tidy, subject=subject, text=text, at=at, held_back=held_back)
    record(session, Action.SIGN_IN_ASKED, by=by, subject=f"address:{address_hash[:16]}", at=at, link=link.id)
    return link


def make_link(session: Session, config: Config, person: Person, *, by: Actor, at: datetime) -> str:
    """Return the address of a new sign-in link for a person, to hand over outside the mail; valid for eight hours."""
    token = new_token()
    link = SignInLink(
        token_hash=token_hash(token),
        person_id=person.id,
        address_hash=keyed_hash(config.secret_key, "address", person.email),
        created_at=at,
        expires_at=at + HANDED_LINK_LIFE,
    )
    session.add(link)
    session.flush()
    record(session, Action.LINK_MADE, by=by, subject=f"person:{person.id}", at=at, link=link.id)
    return link_url(config, token)


def link_url(config: Config, token: str) -> str:
    """Return the address of a sign-in link: under 200 characters and without a query, so mail filters keep it whole."""
    return f"{config.base_url}/toegang/{token}"


def use_link(session: Session, config: Config, *, token: str, browser: str, by: Actor, at: datetime) -> SignIn:
    """Come in by a link. Raises Gone when it is used, expired or unknown."""
    used = session.execute(
        update(SignInLink)
        .where(SignInLink.token_hash == token_hash(token), SignInLink.used_at.is_(None))
        .where(SignInLink.expires_at > at, SignInLink.person_id.is_not(None))
        .values(used_at=at)
        .returning(SignInLink.id)
    ).first()
    if used is None:
        raise Gone(LINK_IS_OVER)
    return _come_in(session, config, session.get_one(SignInLink, used.id), browser=browser, by=by, at=at)


def use_code(session: Session, config: Config, *, typed: str, browser: str, by: Actor, at: datetime) -> SignIn:
    """Come in by a code, in the browser that asked for it. Raises Gone for a wrong or old code, TooMany after five.

    A code for an address without an account fails like a wrong one.
    """
    browser_hash = token_hash(browser)
    open_links = list(
        session.scalars(
            select(SignInLink)
            .where(SignInLink.browser_hash == browser_hash, SignInLink.used_at.is_(None), SignInLink.expires_at > at)
            .order_by(SignInLink.id.desc())
        )
    )
    if not any(link.code_tries < CODE_TRIES for link in open_links):
        raise TooMany(TOO_MANY_TRIES) if open_links else Gone(CODE_IS_WRONG)
    code_hash = keyed_hash(config.secret_key, "code", browser_hash, tidy_code(typed))
    used = session.execute(
        update(SignInLink)
        .where(SignInLink.browser_hash == browser_hash, SignInLink.code_hash == code_hash)
        .where(SignInLink.used_at.is_(None), SignInLink.expires_at > at, SignInLink.person_id.is_not(None))
        .where(SignInLink.code_tries < CODE_TRIES)
        .values(used_at=at)
        .returning(SignInLink.id)
    ).first()
    if used is None:
        raise Gone(CODE_IS_WRONG)
    return _come_in(session, config, session.get_one(SignInLink, used.id), browser=browser, by=by, at=at)


def note_wrong_code(session: Session, *, browser: str, by: Actor, at: datetime) -> None:
    """Count a wrong code against every open link of this browser; after five none of them takes a code any more."""
    session.execute(
        update(SignInLink)
        .where(SignInLink.browser_hash == token_hash(browser), SignInLink.used_at.is_(None), SignInLink.expires_at > at)
        .values(code_tries=SignInLink.code_tries + 1)
    )
    record(session, Action.SIGN_IN_FAILED, by=by, subject="code", at=at)


def _come_in(session: Session, config: Config, link: SignInLink, *, browser: str, by: Actor, at: datetime) -> SignIn:
    person = session.get_one(Person, link.person_id)
    target = link.target or remembered(session, browser, at) or "/"
    token = open_session(session, config, person, link_id=link.id, by=by, at=at)
    return SignIn(token, person, target)


def open_session(
    session: Session,
    config: Config,
    person: Person,
    *,
    link_id: int | None,
    by: Actor,
    at: datetime,
    factor_shown: bool = False,
    provider_id: int | None = None,
) -> str:
    """Start a session and return its secret. Raises Gone for a closed-off person.

    Who needs a second factor is only half signed in by this, unless the way of coming in was one (``factor_shown``): a
    passkey, or a provider that asserts it (acr, amr) and whose word counts here. ``provider_id`` tells which identity
    provider let the person in.
    """
    if not person.is_active:
        raise Gone(LINK_IS_OVER)
    token, life = new_token(), life_of(config, person)
    row = SignedInSession(
        token_hash=token_hash(token),
        person_id=person.id,
        link_id=link_id,
        agent=by.agent[:200],
        created_at=at,
        last_seen_at=at,
        idle_until=at + life.idle,
        expires_at=at + life.total,
        factor_at=at if factor_shown else None,
    )
    session.add(row)
    person.last_signed_in_at = at
    session.flush()
    who = Actor(person.id, by.address, by.agent)
    way = {"link": link_id} if provider_id is None else {"provider": provider_id}
    record(session, Action.SIGN_IN_DONE, by=who, subject=f"session:{row.id}", at=at, **way)
    return token


def life_of(config: Config, person: Person) -> SessionLife:
    """Return how long a session of this person lasts: short for who may change things."""
    return config.staff_session if person.is_staff else config.reader_session


def seen(session: Session, config: Config, signed_in: SignedInSession, at: datetime) -> None:
    """Push the idle limit of a session forward."""
    idle_until = at + life_of(config, signed_in.person).idle
    session.execute(
        update(SignedInSession)
        .where(SignedInSession.id == signed_in.id, SignedInSession.ended_at.is_(None))
        .values(last_seen_at=at, idle_until=idle_until)
    )


def end_session(session: Session, *, number: int, person_id: int, by: Actor, at: datetime) -> bool:
    """End one session of this person; return whether it was theirs and still open."""
    ended = session.execute(
        update(SignedInSession)
        .where(SignedInSession.id == number, SignedInSession.person_id == person_id)
        .where(SignedInSession.ended_at.is_(None))
        .values(ended_at=at)
        .returning(SignedInSession.id)
    ).first()
    if ended:
        record(session, Action.SESSION_ENDED, by=by, subject=f"session:{number}", at=at)
    return ended is not None


def remember(session: Session, *, browser: str, target: str, at: datetime) -> None:
    """Keep on the server what a browser asked for before signing in, so that it works in another tab too."""
    if len(target) <= TARGET_LENGTH:
        session.execute(delete(Arrival).where(Arrival.browser_hash == token_hash(browser)))
        session.add(Arrival(browser_hash=token_hash(browser), target=target, at=at))
        session.flush()


def remembered(session: Session, browser: str, at: datetime) -> str | None:
    """Return what this browser asked for in the last day."""
    return session.scalars(
        select(Arrival.target)
        .where(Arrival.browser_hash == token_hash(browser), Arrival.at > at - ARRIVAL_LIFE)
        .order_by(Arrival.id.desc())
        .limit(1)
    ).first()


def forget_old(session: Session, at: datetime) -> None:
    """Remove arrivals and unused links whose time is over; used links stay, since a session refers to them."""
    session.execute(delete(Arrival).where(Arrival.at < at - ARRIVAL_LIFE))
    session.execute(
        delete(SignInLink).where(SignInLink.used_at.is_(None), SignInLink.expires_at < at - timedelta(days=1))
    )
