"""The view (blik): what one request looks through. Made once, handed to every reading query."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from portal.access.models import Group, OrganisationKind, Person
from portal.lib import clock


@dataclass(frozen=True)
class View:
    """Whose eyes, which day, and what was known when (DESIGN section 3).

    ``on`` is the day whose handbook is asked for, ``known`` the moment up to which publications count, ``draft`` a
    draft release that lies on top. ``roles`` decide what is shown first and never what may be seen.
    """

    on: date
    known: datetime
    sees_regio: bool = False
    roles: tuple[str, ...] = ()
    draft: int | None = None

    @classmethod
    def of(cls, person: Person, now: datetime) -> "View":
        """Return the view of a person on this moment.

        Only people of organisations of kind regio, and redacteurs, see what is for the regio; beheerder and auditor
        have no reading right of their own.
        """
        regio = person.organisation.kind == OrganisationKind.REGIO or Group.REDACTEUR in person.groups
        return cls(on=clock.day_of(now), known=now, sees_regio=regio, roles=person.roles)

    @classmethod
    def of_anyone(cls, now: datetime) -> "View":
        """Return the view of someone who is not signed in, for the few facts that public pages show."""
        return cls(on=clock.day_of(now), known=now)

    @classmethod
    def of_everything(cls, now: datetime) -> "View":
        """Return the view of the installation itself, for export and checks."""
        return cls(on=clock.day_of(now), known=now, sees_regio=True)

    def as_role(self, role: str) -> "View":
        """Return the same view with the emphasis of one role ("Bekijk als"); it never shows more."""
        return replace(self, roles=(role,))
