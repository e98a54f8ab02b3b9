"""What a release tells its readers, each through their own view."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from sqlalchemy.orm import Session

from portal.access.models import Person
from portal.documents.models import CLOSED
from portal.flow.models import Flow, Step, flow_of
from portal.handbook.lens import CODE
from portal.handbook.timeline import Change, changes_of
from portal.releases.models import ItemKind, Release, Version
from portal.releases.queries import codes_known, single_in_force, versions_of
from portal.releases.view import View


@dataclass(frozen=True)
class Seen:
    """A release as those see it who may know of the same items."""

    flow: Flow
    changes: Sequence[Change]
    codes: frozenset[str]
    """Of the documents they may know of."""


@dataclass(frozen=True, eq=False)
class Bulletin:
    """What one release tells people with the same roles who may know of the same items: one for all of them."""

    release: Release
    effective_on: date
    roles: tuple[str, ...]
    seen: Seen

    @cached_property
    def own_roles(self) -> frozenset[str]:
        """The roles of these people with those that fall under them."""
        return frozenset(self.seen.flow.own_roles(self.roles))

    @property
    def titles(self) -> tuple[str, ...]:
        """How the roles of these people are called."""
        roles = self.seen.flow.roles
        return tuple(roles[role].title.partition(" (")[0] for role in self.roles if role in roles)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """The changes that these people must know of; minor ones change nothing in their work."""
        return tuple(change for change in self._own if not change.version.minor)

    @cached_property
    def improved(self) -> tuple[Change, ...]:
        """The minor changes in what these people use."""
        return tuple(change for change in self._own if change.version.minor)

    @property
    def _own(self) -> Sequence[Change]:
        return [one for one in self.seen.changes if one.roles is None or not self.own_roles.isdisjoint(one.roles)]

    def steps_of(self, change: Change) -> tuple[Step, ...]:
        """Return the steps of a change of the flow in which these people have a part."""
        found = [self.seen.flow.steps[code] for code in change.steps if code in self.seen.flow.steps]
        return tuple(step for step in found if not self.own_roles.isdisjoint(step.roles))

    def open_words(self, text: str) -> str:
        """Return a text in which the code of a document that these people may not know of is plain words."""
        return CODE.sub(lambda found: found[0] if found[0] in self.seen.codes else CLOSED, text)


class Announcement:
    """A release that is told to many: what people see alike is looked up once, however many they are."""

    def __init__(self, session: Session, release: Release, *, effective_on: date, at: datetime) -> None:
        """Remember the release, which may still be a draft, and from which day it holds."""
        self._session, self._release, self._effective_on, self._at = session, release, effective_on, at
        self._seen: dict[View, Seen | None] = {}
        self._bulletins: dict[View, Bulletin | None] = {}

    def bulletin(self, person: Person) -> Bulletin | None:
        """Return what the release tells a person; None when they get no mail about it.

        As far as they may know of it, it must hold a change that is not minor. Who asked for mail about their role
        gets none when nothing changes for it. A contact person does: colleagues in other roles turn to them.
        """
        own = View.of(person, self._at)
        draft = self._release.id if self._release.number is None else None
        view = replace(own, on=max(own.on, self._effective_on), draft=draft)
        if view not in self._bulletins:
            self._bulletins[view] = self._made(view)
        found = self._bulletins[view]
        return found if found is not None and (found.changes or person.is_contact) else None

    def _made(self, view: View) -> Bulletin | None:
        anyone = replace(view, roles=())
        if anyone not in self._seen:
            self._seen[anyone] = self._look(anyone)
        seen = self._seen[anyone]
        if seen is None or all(change.version.minor for change in seen.changes):
            return None
        return Bulletin(self._release, self._effective_on, view.roles, seen)

    def _look(self, view: View) -> Seen | None:
        session = self._session
        version = single_in_force(session, view, ItemKind.FLOW)
        if version is None:
            return None
        flow, versions = flow_of(version), versions_of(session, view, self._release)
        changes = changes_of(versions, flow, lambda one: session.get(Version, one.based_on or 0))
        return Seen(flow, changes, codes_known(session, view, ItemKind.DOCUMENT))
