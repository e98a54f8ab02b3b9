"""Reading who gets mail about changes."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from portal.access.models import Organisation, Person
from portal.access.permissions import Permission, allows


def recipients(session: Session) -> list[Person]:
    """Return everybody who gets mail about changes: who asked for it, and contact persons who did not stop it.

    Only people who may come in and read the handbook are among them; ``Person.gets_bulletins`` tells it of one.
    """
    rows = session.scalars(
        select(Person)
        .join(Person.organisation)
        .where(func.coalesce(Person.wants_bulletins, Person.is_contact))
        .where(Person.disabled_at.is_(None), Organisation.disabled_at.is_(None))
        .options(contains_eager(Person.organisation), selectinload(Person.role_rows), selectinload(Person.group_rows))
        .order_by(Person.id)
    )
    return [person for person in rows.unique() if allows(person.groups, Permission.HANDBOOK_READ)]
