"""Reading providers and who somebody is there."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from portal.access.models import MailDomain, Organisation, SignedInSession
from portal.access.queries import tidy_address
from portal.audit.models import Action, Event, EventOrigin
from portal.sso.models import Identity, PartnerSession, Provider

FAILURES_A_MINUTE = 120
"""From one network address. Hundreds of people share one at a partner, so it is far above what people cause."""


def provider_by_name(session: Session, name: str) -> Provider | None:
    """Return the provider with this name in its address."""
    return session.scalars(select(Provider).where(Provider.name == name)).first()


def providers(session: Session) -> list[Provider]:
    """Return all providers by organisation and name."""
    query = select(Provider).join(Organisation).order_by(Organisation.name, Provider.name)
    return list(session.scalars(query))


def open_providers(session: Session) -> list[Provider]:
    """Return the providers by which people may come in now, by organisation."""
    query = (
        select(Provider)
        .join(Organisation)
        .where(Provider.enabled_at.is_not(None), Organisation.disabled_at.is_(None))
        .order_by(Organisation.name, Provider.name)
    )
    return list(session.scalars(query))


def providers_of_address(session: Session, address: str) -> list[Provider]:
    """Return the open providers of the mail domain of an address; whether anybody has the address is never asked.

    Not one of an organisation that the domain no longer belongs to: nobody of it comes in there.
    """
    domain = tidy_address(address).rpartition("@")[2]
    owner = session.scalar(select(MailDomain.organisation_id).where(MailDomain.name == domain))
    of_domain = [provider for provider in open_providers(session) if domain in provider.domains]
    return [provider for provider in of_domain if owner in (None, provider.organisation_id)]


def identity_of(session: Session, issuer: str, subject: str) -> Identity | None:
    """Return who this is, by issuer and subject: the only thing that identifies a person (SECURITY section 0)."""
    query = select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)
    with_person = joinedload(Identity.person)  # so that who is known costs no more questions than who is not
    return session.scalars(query.options(with_person)).first()


def identities_of_person(session: Session, person_id: int) -> list[Identity]:
    """Return who a person is at providers."""
    query = select(Identity).where(Identity.person_id == person_id).options(joinedload(Identity.provider))
    return list(session.scalars(query))


def accounts_linked(session: Session, provider_id: int) -> int:
    """Return how many people at a provider are linked to an account."""
    return _count(session, provider_id, Identity.person_id.is_not(None))


def accounts_waiting(session: Session, provider_id: int) -> int:
    """Return how many people at a provider wait to be linked to the account with their address."""
    return _count(session, provider_id, Identity.person_id.is_(None) & Identity.waits_for_id.is_not(None))


def _count(session: Session, provider_id: int, condition: ColumnElement[bool]) -> int:
    query = select(func.count(Identity.id)).where(Identity.provider_id == provider_id, condition)
    return session.scalar(query) or 0


def provider_of_session(session: Session, signed_in: SignedInSession) -> Provider | None:
    """Return the provider by which a session began, if any."""
    query = select(Provider).join(PartnerSession).where(PartnerSession.session_id == signed_in.id)
    return session.scalars(query).first()


def refusals_of(provider: Provider) -> str:
    """Return what the log calls the refusals of a provider; changes of it stand under ``sso:`` and its number."""
    return f"sso-refused:{provider.id}"


def failed_too_often(session: Session, address: str, at: datetime) -> bool:
    """Whether more attempts failed from a network address in the last minute than people can cause."""
    enough = session.scalar(
        select(Event.at)
        .join(EventOrigin, EventOrigin.event_number == Event.number)
        .where(Event.action == Action.SSO_REFUSED.value, EventOrigin.address == address)
        .order_by(Event.number.desc())
        .offset(FAILURES_A_MINUTE - 1)
        .limit(1)
    )
    return enough is not None and at - enough < timedelta(minutes=1)
