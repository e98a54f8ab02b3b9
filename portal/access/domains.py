"""Mail domains: what can be one of an organisation.

Whoever has an address in a mail domain of an organisation can come in as one of its people, by an organisation link or
an identity provider. So a domain in which anybody may have an address is never of an organisation.
"""

import re
from collections.abc import Iterable

from sqlalchemy.orm import Session

from portal.access.models import MailDomain, Organisation
from portal.lib.errors import Conflict, InvalidInput

SHAPE = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
LONGEST = 253
PUBLIC = re.compile(
    r"""(^|\.)(
    (gmail|googlemail|hotmail|outlook|live|msn|yahoo|ymail|gmx|aol)\.((co|com)\.)?[a-z]{2,3}  # hotmail.nl, yahoo.co.uk
    |(icloud|me|mac|mail|email|protonmail|tuta|tutanota|fastmail|startmail|zohomail|yandex)\.com|(proton|pm)\.me
    |(ziggo|kpnmail|kpnplanet|planet|hetnet|home|xs4all|casema|chello|upcmail|quicknet|tele2|telfort|freedom|zeelandnet
    |wanadoo|orange|online|zonnet|versatel|tiscali|12move|solcon|caiway|hccnet|onsbrabantnet|xmsnet|dds|euronet)\.nl
    |(telenet|skynet)\.be|web\.de
    )$""",
    re.VERBOSE,
)
"""What people in the Netherlands have at home: of mail services, and of companies that sell internet access."""


def own_domains(session: Session, typed: Iterable[str], organisation: Organisation) -> tuple[str, ...]:
    """Return mail domains of an organisation as they are stored, each once.

    Raises InvalidInput when one cannot be a domain or is open to anybody, Conflict when one belongs to another.
    """
    domains = tuple(dict.fromkeys(domain.strip().lower().lstrip("@") for domain in typed))
    for domain in domains:
        if len(domain) > LONGEST or not SHAPE.fullmatch(domain):
            raise InvalidInput(f"'{domain}' is geen maildomein. Geef een domein zoals organisatie.nl.", field="domains")
        if PUBLIC.search(domain):
            raise InvalidInput(
                f"{domain} hoort bij een maildienst waar iedereen een adres kan krijgen. Al die mensen zouden dan in "
                "het handboek kunnen. Geef een domein dat van de organisatie zelf is, zoals organisatie.nl.",
                field="domains",
            )
        taken = session.get(MailDomain, domain)
        if taken and taken.organisation_id != organisation.id:
            owner = session.get_one(Organisation, taken.organisation_id)
            raise Conflict(f"Het maildomein {domain} hoort al bij {owner.name}.", field="domains")
    return domains
