"""What becomes of the work of editors who are closed off; nothing that they wrote is thrown away.

An unfinished change needs no mark: it is left behind for as long as its writer cannot come in (``drafts.left_edits``).
Any editor may go on with it; if nobody did, it is there again for its writer when they are let in again.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access.closing import Ended, when_closed_off
from portal.audit.operations import Actor
from portal.publishing.destruction import withdraw_requests
from portal.publishing.models import Edit


@when_closed_off
def let_work_go(session: Session, people: Collection[int], by: Actor, at: datetime) -> Iterable[Ended]:
    """Withdraw what these people asked to destroy, and leave what they had not finished to the other editors."""
    withdrawn = withdraw_requests(session, people, by=by, at=at)
    edits = session.scalar(select(func.count(Edit.id)).where(Edit.person_id.in_(people)))
    return [
        Ended(
            "destructions_withdrawn",
            "verzoek tot vernietigen, ingetrokken; de redactie ziet dat en kan het opnieuw vragen",
            "verzoeken tot vernietigen, ingetrokken; de redactie ziet dat en kan het opnieuw vragen",
            withdrawn,
        ),
        Ended(
            "edits_left",
            "wijziging die niet af is, nagelaten aan de redactie",
            "wijzigingen die niet af zijn, nagelaten aan de redactie",
            edits or 0,
        ),
    ]
