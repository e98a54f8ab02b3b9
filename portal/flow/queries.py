"""Reading the flow where only its roles matter."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from portal.flow.models import Role, flow_of
from portal.releases.models import ItemKind
from portal.releases.queries import single_in_force
from portal.releases.view import View


def roles_to_give(session: Session, at: datetime) -> Mapping[str, Role]:
    """Return the roles people can have, by id, as the flow in force names them; none while the handbook is empty."""
    version = single_in_force(session, View.of_anyone(at), ItemKind.FLOW)
    return {role.id: role for role in flow_of(version).roles.values() if role.in_portal} if version else {}
