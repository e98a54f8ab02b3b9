"""What stays of the work of editors when their organisation leaves; nothing of it is thrown away."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access.leaving import Ended, LeftOpen, when_leaving
from portal.access.models import Organisation, Person
from portal.audit.operations import Actor
from portal.publishing.models import Edit
from portal.releases.models import Destruction


@when_leaving
def tell_open_work(session: Session, organisation: Organisation, _by: Actor, _at: datetime) -> Iterable[Ended]:
    """Count what its people did not finish.

    A request to destroy still waits for a beheerder: what must not exist does not get better by its asker leaving. An
    unfinished change is there again for its writer when they are let in again.
    """
    members = select(Person.id).where(Person.organisation_id == organisation.id)
    asked = select(func.count(Destruction.id)).where(Destruction.asked_by.in_(members), Destruction.outcome.is_(None))
    edits = select(func.count(Edit.id)).where(Edit.person_id.in_(members))
    return [
        LeftOpen(
            "destructions_waiting",
            "verzoek tot vernietigen, dat op het besluit van een beheerder wacht",
            "verzoeken tot vernietigen, die op het besluit van een beheerder wachten",
            session.scalar(asked) or 0,
        ),
        LeftOpen(
            "edits_kept",
            "wijziging die niet af is; alleen de schrijver ziet die, als u die weer toelaat",
            "wijzigingen die niet af zijn; alleen de schrijver ziet die, als u die weer toelaat",
            session.scalar(edits) or 0,
        ),
    ]
