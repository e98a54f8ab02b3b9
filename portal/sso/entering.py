"""From a believed answer to a session: who this is, a new account where that is allowed, and what the claims give."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.access.models import MailDomain, Person, SignedInSession
from portal.access.people import add_person
from portal.access.queries import person_by_address, tidy_address
from portal.access.safeguards import one_at_a_time
from portal.access.sign_in import SignIn, open_session
from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.config import Config
from portal.factors import letters
from portal.factors.operations import Vault, tell
from portal.lib.errors import InvalidInput
from portal.lib.tokens import token_hash
from portal.sso.client import Told
from portal.sso.giving import sync, take_back
from portal.sso.mapping import Given, given_by, vouches_for_factor
from portal.sso.models import Identity, PartnerSession, Provider
from portal.sso.queries import identity_of
from portal.sso.refusals import Page, Reason, Refused
from portal.sso.tokens import Claims, is_incomplete

LONGEST_NAME = 120


@dataclass(frozen=True)
class Preview:
    """What an answer would do: sign in a person, make an account with an address, or be refused."""

    person: Person | None
    address: str
    refused: Page | None
    given: Given
    second_factor: bool


def preview(session: Session, provider: Provider, claims: Claims) -> Preview:
    """Return what an answer would do if people could come in by this provider; nothing is changed."""
    identity = identity_of(session, provider.issuer, claims["sub"])
    person = identity.person if identity else None
    address, refused = "", None
    if is_incomplete(claims):
        refused = Reason.INCOMPLETE.value
    elif person is None:
        try:
            address = address_in(session, provider, claims)
            if person_by_address(session, address) is not None:
                refused = Reason.KNOWN_ADDRESS.value
        except Refused as error:
            refused = error.reason.value
    return Preview(person, address, refused, given_by(provider, claims), vouches_for_factor(provider, claims))


def come_in(
    session: Session, config: Config, provider_id: int, told: Told, *, target: str, by: Actor, at: datetime
) -> SignIn:
    """Sign somebody in, making an account for who has none; raises Refused, and then nothing is changed."""
    one_at_a_time(session)
    provider = session.get_one(Provider, provider_id)
    _refuse_closed(provider)
    _refuse_incomplete(told.claims)
    identity = identity_of(session, provider.issuer, told.claims["sub"])
    if identity is None or identity.person is None:
        person = new_account(session, provider, told.claims, by=by, at=at)
        identity = identity or _new_identity(provider, told.claims["sub"], at)
        identity.person = person
        session.add(identity)
    person = identity.person
    if person.organisation_id != provider.organisation_id:
        raise Refused(Reason.OTHER_ACCOUNT, "organisation")
    if not person.is_active:
        raise Refused(Reason.CLOSED, "person")
    identity.last_seen_at = at
    session.flush()
    sync(session, provider, identity, person, told.claims, by=by, at=at)
    if told.with_next_secret:
        _take_over(session, provider, by=by, at=at)
    return _open(session, config, identity, provider, told.claims, target=target, by=by, at=at)


def _refuse_closed(provider: Provider) -> None:
    if provider.organisation.disabled_at is not None:
        raise Refused(Reason.CLOSED, "organisation")
    if provider.enabled_at is None:
        raise Refused(Reason.OFF)


def _refuse_incomplete(claims: Claims) -> None:
    if is_incomplete(claims):
        raise Refused(Reason.INCOMPLETE, "claims:elsewhere")


def keep_nothing(session: Session, provider_id: int, claims: Claims, *, by: Actor, at: datetime) -> None:
    """Take away what a provider gave to somebody about whom it does not tell everything any more.

    Commit it although they are refused: by another door they would still have those rights.
    """
    one_at_a_time(session)
    provider = session.get_one(Provider, provider_id)
    identity = identity_of(session, provider.issuer, claims["sub"])
    if identity is not None and identity.provider_id == provider.id:
        take_back(session, identity, by=Actor(None, by.address, by.agent), at=at)


def _open(
    session: Session,
    config: Config,
    identity: Identity,
    provider: Provider,
    claims: Claims,
    *,
    target: str,
    by: Actor,
    at: datetime,
) -> SignIn:
    factor, person = vouches_for_factor(provider, claims), identity.person
    assert person is not None  # noqa: S101 # come_in put one there; for the type checker
    token = open_session(
        session, config, person, link_id=None, by=by, at=at, factor_shown=factor, provider_id=provider.id
    )
    row = session.query(SignedInSession).filter_by(token_hash=token_hash(token)).one()
    session.add(PartnerSession(session_id=row.id, provider_id=provider.id, identity_id=identity.id))
    session.flush()
    return SignIn(token, person, target)


def address_in(session: Session, provider: Provider, claims: Claims) -> str:
    """Return the mail address a provider names, when it may speak for it; raises Refused.

    It may within its own domains, unless a domain belongs to another organisation by now. ``email_verified`` may be
    absent (Entra never sends it); anything but true is a no.
    """
    address = claims.get("email")
    if not isinstance(address, str) or "@" not in address or not tidy_address(address).isprintable():
        raise Refused(Reason.NO_ADDRESS, "email")
    domain = tidy_address(address).rpartition("@")[2]
    owner = session.get(MailDomain, domain) if domain in provider.domains else None
    if domain not in provider.domains or (owner and owner.organisation_id != provider.organisation_id):
        raise Refused(Reason.OUTSIDE, "domain")
    if "email_verified" in claims and claims["email_verified"] is not True and claims["email_verified"] != "true":
        raise Refused(Reason.UNVERIFIED, "email_verified")
    return tidy_address(address)


def new_account(session: Session, provider: Provider, claims: Claims, *, by: Actor, at: datetime) -> Person:
    """Add a person with the lowest right; raises Refused, also when the address has an account already."""
    address = address_in(session, provider, claims)
    if person_by_address(session, address) is not None:
        raise Refused(Reason.KNOWN_ADDRESS)
    name = claims.get("name")
    tidy = "".join(c for c in name if c.isprintable())[:LONGEST_NAME] if isinstance(name, str) else ""
    roles = [provider.role] if provider.role else []
    try:
        return add_person(
            session, address=address, organisation=provider.organisation, name=tidy, roles=roles, by=by, at=at
        )
    except InvalidInput as error:
        raise Refused(Reason.NO_ADDRESS, "email:form") from error


def wait_for_link(session: Session, provider_id: int, claims: Claims, *, at: datetime) -> None:
    """Keep that somebody at a provider has the address of an account, for a beheerder who may link the two."""
    provider = session.get_one(Provider, provider_id)
    identity = identity_of(session, provider.issuer, claims["sub"]) or _new_identity(provider, claims["sub"], at)
    owner = person_by_address(session, address_in(session, provider, claims))
    if owner is not None and owner.organisation_id == provider.organisation_id and identity.person_id is None:
        identity.waits_for, identity.last_seen_at = owner, at
        session.add(identity)
        session.flush()


def link(
    session: Session, vault: Vault, provider_id: int, claims: Claims, person_id: int, *, by: Actor, at: datetime
) -> None:
    """Tell that a signed-in person is this somebody at a provider; raises Refused when either belongs elsewhere."""
    one_at_a_time(session)
    provider, person = session.get_one(Provider, provider_id), session.get_one(Person, person_id)
    _refuse_closed(provider)
    _refuse_incomplete(claims)
    identity = identity_of(session, provider.issuer, claims["sub"]) or _new_identity(provider, claims["sub"], at)
    if person.organisation_id != provider.organisation_id or identity.person_id not in (None, person.id):
        raise Refused(Reason.OTHER_ACCOUNT, "link")
    join(session, vault, identity, person, provider, by=by, at=at)


def join(
    session: Session,
    vault: Vault,
    identity: Identity,
    person: Person,
    provider: Provider,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Make an identity that of a person, and write to that person about it."""
    identity.person, identity.waits_for = person, None
    session.add(identity)
    session.flush()
    record(session, Action.SSO_LINKED, by=by, subject=f"person:{person.id}", at=at, provider=provider.id)
    tell(session, vault, person, letters.added(vault.config, person, way_in(provider)), at)


def way_in(provider: Provider) -> str:
    """Return what letters call signing in by a provider."""
    return f"Aanmelden via {provider.organisation.name}"


def _new_identity(provider: Provider, subject: str, at: datetime) -> Identity:
    return Identity(
        provider=provider,
        issuer=provider.issuer,
        subject=subject,
        given_groups=[],
        given_roles=[],
        first_seen_at=at,
        last_seen_at=at,
    )


def _take_over(session: Session, provider: Provider, *, by: Actor, at: datetime) -> None:
    """Let the second secret be the only one: the provider no longer takes the first."""
    if provider.sealed_next_secret:
        provider.sealed_secret, provider.sealed_next_secret = provider.sealed_next_secret, None
        record(session, Action.SSO_CHANGED, by=by, subject=f"sso:{provider.id}", at=at, key="took-over")
