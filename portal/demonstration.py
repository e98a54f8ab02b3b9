"""The people of the demonstration: read from ``content/demo.yaml``, offered as buttons, given a link each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from portal.access.models import Group, OrganisationKind
from portal.access.organisations import add_organisation
from portal.access.people import add_person
from portal.access.queries import organisation_by_name, person_by_address
from portal.access.sign_in import make_link
from portal.access.views import Guest
from portal.audit.operations import SYSTEM
from portal.config import Config
from portal.lib.yamlfile import load


@dataclass(frozen=True)
class GuestData:
    """One demonstration person with their organisation."""

    offered: Guest
    name: str
    roles: tuple[str, ...]
    groups: tuple[Group, ...]
    organisation: str
    kind: OrganisationKind
    domains: tuple[str, ...]


def load_guests(file: Path) -> list[GuestData]:
    """Return the demonstration people in a file, which is part of the program."""
    data = load(file.read_text(encoding="utf-8"))
    organisations = {row["naam"]: row for row in data["organisaties"]}
    return [
        GuestData(
            offered=Guest(row["sleutel"], row["email"], f"{row['naam']}, {row['organisatie']}"),
            name=row["naam"],
            roles=tuple(row["rollen"]),
            groups=tuple(Group(group) for group in row["groepen"]),
            organisation=row["organisatie"],
            kind=OrganisationKind(organisations[row["organisatie"]]["soort"]),
            domains=tuple(organisations[row["organisatie"]]["domeinen"]),
        )
        for row in data["personen"]
    ]


def set_up(session: Session, config: Config, guests: Sequence[GuestData], *, at: datetime) -> list[str]:
    """Add the people who are not there yet and return a line for each: key, address and a new sign-in link."""
    lines = []
    for guest in guests:
        person = person_by_address(session, guest.offered.address)
        if person is None:
            organisation = organisation_by_name(session, guest.organisation) or add_organisation(
                session, name=guest.organisation, kind=guest.kind, domains=guest.domains, by=SYSTEM, at=at
            )
            person = add_person(
                session,
                address=guest.offered.address,
                organisation=organisation,
                name=guest.name,
                roles=guest.roles,
                groups=guest.groups,
                by=SYSTEM,
                at=at,
            )
        url = make_link(session, config, person, by=SYSTEM, at=at)
        lines.append(f"{guest.offered.key} {guest.offered.address} {url}")
    return lines
