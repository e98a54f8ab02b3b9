"""What ends of links when an organisation leaves: its invitations, and what its people shared."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.closing import Ended
from portal.access.leaving import when_leaving
from portal.access.models import Organisation, Person
from portal.audit.operations import Actor
from portal.links.invitations import revoke_invitation
from portal.links.models import OrganisationLink, ShareLink
from portal.links.shares import revoke_share


@when_leaving
def end_links(session: Session, organisation: Organisation, by: Actor, at: datetime) -> Iterable[Ended]:
    """Revoke every link of an organisation and of its people that had not ended yet."""
    invitations = session.scalars(
        select(OrganisationLink)
        .where(OrganisationLink.organisation_id == organisation.id)
        .where(OrganisationLink.revoked_at.is_(None), OrganisationLink.expires_at > at)
    ).all()
    shares = session.scalars(
        select(ShareLink)
        .join(Person, Person.id == ShareLink.made_by)
        .where(Person.organisation_id == organisation.id)
        .where(ShareLink.revoked_at.is_(None), ShareLink.expires_at > at)
    ).all()
    for invitation in invitations:
        revoke_invitation(session, invitation, by=by, at=at)
    for share in shares:
        revoke_share(session, share, by=by, at=at)
    return [
        Ended("invitations", "uitnodigingslink", "uitnodigingslinks", len(invitations)),
        Ended("shares", "deellink", "deellinks", len(shares)),
    ]
