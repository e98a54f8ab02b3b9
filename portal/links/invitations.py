"""Organisation links: an invitation that leads to an account of one's own, after proof of a mailbox (DESIGN section 6).

The proof is the sign-in mail every reader gets. An account is made when its link or code comes back, not before.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from portal.access.models import Organisation, SignedInSession, SignInLink
from portal.access.people import add_person, checked_address, is_at_home
from portal.access.queries import person_by_address
from portal.access.safeguards import one_at_a_time
from portal.access.sign_in import Entrance, ask, link_url
from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.config import Config
from portal.lib.errors import Gone, InvalidInput
from portal.lib.tokens import Seal, new_token, token_hash
from portal.links.models import OrganisationLink, OrganisationLinkUse

LIFE_DAYS = 30
LONGEST_DAYS = 365
IS_OVER = (
    "Deze uitnodiging werkt niet meer: zij is verlopen of ingetrokken. Hebt u al een account? Meld u dan aan met uw "
    "werkmailadres. Anders helpt het info- en meldpunt u verder."
)


def life_of(days: int) -> timedelta:
    """Return how long a link lives; raises InvalidInput outside 1 to 365 days."""
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(f"Een link werkt 1 tot {LONGEST_DAYS} dagen. Kies een aantal daartussen.", field="days")
    return timedelta(days=days)


def make_invitation(
    session: Session, config: Config, organisation: Organisation, *, days: int = LIFE_DAYS, by: Actor, at: datetime
) -> str:
    """Return the address of a new organisation link; the one before it stops, who came in by it stays in.

    Raises InvalidInput when the organisation is closed off, has no mail domains, or for too few or many days.
    """
    one_at_a_time(session)
    life = life_of(days)
    if organisation.disabled_at is not None:
        raise InvalidInput(f"{organisation.name} is afgesloten. Laat de organisatie eerst weer toe.")
    if not organisation.domains:
        raise InvalidInput(f"{organisation.name} heeft geen maildomein. Vul dat eerst in.")
    session.execute(
        update(OrganisationLink)
        .where(OrganisationLink.organisation_id == organisation.id, OrganisationLink.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    token = new_token()
    link = OrganisationLink(
        token_hash=token_hash(token),
        organisation_id=organisation.id,
        made_by=by.person_id,
        created_at=at,
        expires_at=at + life,
    )
    session.add(link)
    session.flush()
    subject = f"organisation:{organisation.id}"
    record(session, Action.INVITATION_MADE, by=by, subject=subject, at=at, link=link.id, days=days)
    return link_url(config, token)


def invitation_by_token(session: Session, token: str) -> OrganisationLink | None:
    """Return the organisation link of a key, whether it still works or not."""
    return session.scalars(select(OrganisationLink).where(OrganisationLink.token_hash == token_hash(token))).first()


def works(link: OrganisationLink, now: datetime) -> bool:
    """Whether somebody may come in by an organisation link now."""
    return link.revoked_at is None and link.expires_at > now and link.organisation.disabled_at is None


def ask_by_invitation(
    session: Session,
    entrance: Entrance,
    link: OrganisationLink,
    *,
    address: str,
    browser: str,
    by: Actor,
    at: datetime,
) -> None:
    """Send the sign-in mail to an address at the organisation, whether it has an account already or not.

    Raises Gone when the link is over, and InvalidInput when the address is outside the mail domains.
    """
    if not works(link, at):
        raise Gone(IS_OVER)
    tidy = checked_address(address)
    if not is_at_home(tidy, link.organisation):
        endings = " of ".join(f"@{domain.name}" for domain in link.organisation.domains)
        message = f"Deze uitnodiging is voor {link.organisation.name}. Vul een adres in dat eindigt op {endings}."
        raise InvalidInput(message, field="address")
    asked = ask(session, entrance, address=tidy, browser=browser, by=by, at=at, may_join=True)
    sealed = entrance.seal.close(tidy)
    session.add(OrganisationLinkUse(sign_in_link_id=asked.id, organisation_link_id=link.id, address=sealed))
    session.flush()


def admit(session: Session, seal: Seal, which: ColumnElement[bool], *, by: Actor, at: datetime) -> None:
    """Give whoever proved a mailbox by an invitation an account, and that account to the sign-in link they used.

    ``which`` finds the sign-in link. Nothing happens to one that is used, over, or was not asked for by an invitation.
    """
    found = session.execute(
        select(SignInLink, OrganisationLinkUse)
        .join(OrganisationLinkUse, OrganisationLinkUse.sign_in_link_id == SignInLink.id)
        .where(which, SignInLink.used_at.is_(None), SignInLink.expires_at > at)
    ).first()
    if found is None or found.OrganisationLinkUse.address is None:
        return
    sign_in_link, use = found.SignInLink, found.OrganisationLinkUse
    one_at_a_time(session)  # of two at once the second finds the account of the first
    invitation = use.link
    address = seal.open(use.address) if use.address else ""
    if not address or not is_at_home(address, invitation.organisation):
        return
    person = person_by_address(session, address)
    if person is None:
        person = add_person(session, address=address, organisation=invitation.organisation, by=by, at=at)
    if sign_in_link.person_id is None and person.is_active:
        sign_in_link.person_id = person.id
    use.address = None
    invitation.uses, invitation.last_used_at = OrganisationLink.uses + 1, at
    session.flush()
    subject = f"organisation:{invitation.organisation_id}"
    record(session, Action.INVITATION_USED, by=by, subject=subject, at=at, link=invitation.id, person=person.id)


def revoke_invitation(session: Session, link: OrganisationLink, *, by: Actor, at: datetime) -> int:
    """Stop an organisation link and end every session that came by it; return how many. Accounts stay."""
    if link.revoked_at is None:
        link.revoked_at = at
        subject = f"organisation:{link.organisation_id}"
        record(session, Action.INVITATION_REVOKED, by=by, subject=subject, at=at, link=link.id)
    came = select(OrganisationLinkUse.sign_in_link_id).where(OrganisationLinkUse.organisation_link_id == link.id)
    session.execute(
        update(SignInLink)
        .where(SignInLink.id.in_(came), SignInLink.used_at.is_(None), SignInLink.expires_at > at)
        .values(expires_at=at)
    )
    ended = session.scalars(
        update(SignedInSession)
        .where(SignedInSession.link_id.in_(came), SignedInSession.ended_at.is_(None))
        .values(ended_at=at)
        .returning(SignedInSession.id)
    )
    return len(ended.all())
