"""Share links: one document, for whoever has the link, until it is over (DESIGN section 6).

``what_is_shared`` is the one place that decides what a share link shows; page and file both ask it, at every request.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import Session

from portal.access.models import Organisation, Person, PersonGroup
from portal.access.permissions import PERMISSIONS, Permission
from portal.access.sign_in import link_url
from portal.audit.models import Action
from portal.audit.operations import Actor, record
from portal.config import Config
from portal.lib import clock
from portal.lib.errors import Gone, NotFound
from portal.lib.tokens import new_token, token_hash
from portal.links.invitations import LIFE_DAYS, life_of
from portal.links.models import ShareLink, ShareSession
from portal.releases.models import Item, ItemKind, Version
from portal.releases.queries import history, item_in_force, withdrawal_of
from portal.releases.view import View

SESSION_LIFE = timedelta(hours=8)
"""How long a browser may show a document after the button: a working day, and never longer than its link."""
ASK_NEW = "Vraag een nieuwe link aan degene die u deze stuurde."
IS_OVER = (
    f"Deze link werkt niet meer: zij is verlopen of ingetrokken, of het document wordt niet meer gedeeld. {ASK_NEW}"
)
NOT_OPEN_HERE = "Dit document is in deze browser niet (meer) open. Open de link die u kreeg opnieuw en klik op de knop."


@dataclass(frozen=True)
class Shared:
    """What a share link shows today. ``status`` is as in ``releases.queries.Period``; withdrawn shows no text."""

    version: Version
    status: str

    @property
    def withdrawn(self) -> bool:
        """Whether the document went out of the handbook."""
        return self.status == "ingetrokken"


def maker_may() -> ColumnElement[bool]:
    """Return the condition under which the maker of a share link may still share; the command line always may.

    A link does not outlive the right to make it: whoever was closed off knows its address.
    """
    groups = [group.value for group in PERMISSIONS[Permission.DOCUMENT_SHARE]]
    may = (
        select(Person.id)
        .join(Organisation, Person.organisation_id == Organisation.id)
        .join(PersonGroup, PersonGroup.person_id == Person.id)
        .where(Person.id == ShareLink.made_by, PersonGroup.group.in_(groups))
        .where(Person.disabled_at.is_(None), Organisation.disabled_at.is_(None))
    )
    return or_(ShareLink.made_by.is_(None), exists(may))


def still_shares(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a share link works."""
    return ShareLink.revoked_at.is_(None), ShareLink.expires_at > now, maker_may()


def make_share(
    session: Session,
    config: Config,
    code: str,
    *,
    version: int | None = None,
    days: int = LIFE_DAYS,
    by: Actor,
    at: datetime,
) -> str:
    """Return the address of a new share link for a document, or always one version of it.

    Raises NotFound for what everybody signed in may not know of or is withdrawn, InvalidInput for too few or many days.
    """
    life, view = life_of(days), View.of_anyone(at)
    current = item_in_force(session, view, code)
    if current is None or current.item.kind != ItemKind.DOCUMENT:
        raise NotFound(f"Er is geen document '{code}' dat iedereen mag zien en dat nu geldt.")
    if version is not None and _period(session, view, code, version) is None:
        raise NotFound(f"Van {code} is geen versie {version} gepubliceerd.")
    token = new_token()
    link = ShareLink(
        token_hash=token_hash(token),
        item_id=current.item_id,
        version_number=version,
        made_by=by.person_id,
        created_at=at,
        expires_at=at + life,
    )
    session.add(link)
    session.flush()
    subject = f"document:{code}"
    record(session, Action.SHARE_MADE, by=by, subject=subject, at=at, link=link.id, version=version, days=days)
    return link_url(config, token)


def share_by_token(session: Session, token: str) -> ShareLink | None:
    """Return the share link of a key, whether it still works or not."""
    return session.scalars(select(ShareLink).where(ShareLink.token_hash == token_hash(token))).first()


def what_is_shared(session: Session, link: ShareLink, now: datetime) -> Shared:
    """Return what a share link shows. Raises Gone when the link is over or the document was closed to outsiders."""
    if session.scalar(select(ShareLink.id).where(ShareLink.id == link.id, *still_shares(now))) is None:
        raise Gone(_why_over(link, now))
    view, code = View.of_anyone(now), link.item.code
    if withdrawal := withdrawal_of(session, view, code):
        return Shared(withdrawal, "ingetrokken")
    if link.version_number is not None:
        found = _period(session, view, code, link.version_number)
        if found is None:
            raise Gone(IS_OVER)
        return found
    current = item_in_force(session, view, code)
    if current is None:
        raise Gone(IS_OVER)
    return Shared(current, "geldig")


def _why_over(link: ShareLink, now: datetime) -> str:
    """Tell whoever has a link when it was revoked or ended; of its document and its maker nothing."""
    if link.revoked_at:
        return f"Deze link is ingetrokken op {clock.time_in_words(link.revoked_at)}. {ASK_NEW}"
    if link.expires_at <= now:
        return f"Deze link werkte tot {clock.time_in_words(link.expires_at)}. {ASK_NEW}"
    return IS_OVER


def _period(session: Session, view: View, code: str, number: int) -> Shared | None:
    periods = (p for p in history(session, view, code) if p.version.number == number)
    readable = (p for p in periods if not p.version.withdrawn and p.version.destroyed_at is None)
    return next((Shared(p.version, p.status_on(view.on)) for p in readable), None)


def open_share(session: Session, token: str, *, by: Actor, at: datetime) -> tuple[ShareLink, str]:
    """Open a share link in a browser, and count it; return the link and the secret for the browser's cookie.

    Raises Gone when it is over, also when it is revoked at this very moment.
    """
    link = share_by_token(session, token)
    if link is None:
        raise Gone(IS_OVER)
    shown = what_is_shared(session, link, at)
    counted = session.scalar(
        update(ShareLink)
        .where(ShareLink.id == link.id, *still_shares(at))
        .values(uses=ShareLink.uses + 1, last_used_at=at)
        .returning(ShareLink.id)
    )
    if counted is None:
        raise Gone(IS_OVER)
    secret = new_token()
    expires = min(at + SESSION_LIFE, link.expires_at)
    row = ShareSession(token_hash=token_hash(secret), share_link_id=link.id, created_at=at, expires_at=expires)
    session.add(row)
    session.flush()
    number = shown.version.number
    subject = f"document:{link.item.code}"
    record(session, Action.SHARE_OPENED, by=by, subject=subject, at=at, link=link.id, version=number)
    return link, secret


def opened(session: Session, number: int, secret: str, now: datetime) -> tuple[ShareLink, Shared]:
    """Return the share link that a browser opened, and what it shows now.

    Raises Gone when that is over, with why when the link itself is: then opening it again is no use.
    """
    row = session.scalars(
        select(ShareSession).where(ShareSession.token_hash == token_hash(secret), ShareSession.share_link_id == number)
    ).first()
    if row is None:
        raise Gone(NOT_OPEN_HERE)
    shown = what_is_shared(session, row.link, now)
    if row.ended_at or row.expires_at <= now:
        raise Gone(NOT_OPEN_HERE)
    return row.link, shown


def shares_of(session: Session, item: Item, now: datetime) -> list[ShareLink]:
    """Return the share links of an item that still work, the newest first."""
    query = select(ShareLink).where(ShareLink.item_id == item.id, *still_shares(now)).order_by(ShareLink.id.desc())
    return list(session.scalars(query))


def revoke_share(session: Session, link: ShareLink, *, by: Actor, at: datetime) -> int:
    """Stop a share link; what is open in a browser is refused from the next request on. Return how many that were."""
    if link.revoked_at is None:
        link.revoked_at = at
        record(session, Action.SHARE_REVOKED, by=by, subject=f"document:{link.item.code}", at=at, link=link.id)
    live = select(func.count(ShareSession.id)).where(ShareSession.expires_at > at, ShareSession.ended_at.is_(None))
    count = session.scalar(live.where(ShareSession.share_link_id == link.id)) or 0
    session.execute(
        update(ShareSession)
        .where(ShareSession.share_link_id == link.id, ShareSession.ended_at.is_(None))
        .values(ended_at=at)
    )
    return count


def forget_shares(session: Session, now: datetime) -> None:
    """End rows of share sessions whose time is over; they hold nothing that is needed later."""
    session.query(ShareSession).filter(ShareSession.expires_at < now - timedelta(days=1)).delete()
