"""The one table of who may do what. What is not in it is denied."""

import enum
from collections.abc import Callable
from typing import TypeVar

from portal.access.models import Group

View = TypeVar("View", bound=Callable[..., object])


class Permission(enum.StrEnum):
    """Something one may do: thing, then act."""

    ACCESS_MANAGE = "access.manage"
    ACCESS_SEE_PEOPLE = "access.see-people"
    BULLETIN_CHOOSE_OWN = "bulletin.choose-own"
    DOCUMENT_SHARE = "document.share"
    FACTOR_MANAGE_OWN = "factor.manage-own"
    HANDBOOK_READ = "handbook.read"
    HANDBOOK_EDIT = "handbook.edit"
    VERSION_DESTROY = "version.destroy"
    """Decide on a request of another person; asking is a part of editing."""
    EDITION_TAKE_ALL = "edition.take-all"
    SEARCH_SEE_MISSES = "search.see-misses"
    SESSION_MANAGE_OWN = "session.manage-own"


PERMISSIONS: dict[Permission, frozenset[Group]] = {
    Permission.ACCESS_MANAGE: frozenset({Group.BEHEERDER}),
    Permission.ACCESS_SEE_PEOPLE: frozenset({Group.REDACTEUR}),
    Permission.BULLETIN_CHOOSE_OWN: frozenset(Group),
    Permission.DOCUMENT_SHARE: frozenset({Group.REDACTEUR, Group.BEHEERDER}),
    Permission.FACTOR_MANAGE_OWN: frozenset(Group),
    Permission.HANDBOOK_READ: frozenset(Group),
    Permission.HANDBOOK_EDIT: frozenset({Group.REDACTEUR}),
    Permission.VERSION_DESTROY: frozenset({Group.BEHEERDER}),
    Permission.EDITION_TAKE_ALL: frozenset({Group.REDACTEUR}),
    Permission.SEARCH_SEE_MISSES: frozenset({Group.REDACTEUR}),
    Permission.SESSION_MANAGE_OWN: frozenset(Group),
}


def public(view: View) -> View:
    """Open a view to everybody, signed in or not."""
    view.__dict__["portal_public"] = True
    return view


def requires(permission: Permission) -> Callable[[View], View]:
    """Open a view to people who hold a permission."""

    def mark(view: View) -> View:
        view.__dict__["portal_permission"] = permission
        return view

    return mark


def before_factor(view: View) -> View:
    """Open a view also to who still has to show their second factor; every other one stays shut until then."""
    view.__dict__["portal_before_factor"] = True
    return view


def asks_factor(view: View) -> View:
    """Let a view of risky actions ask for the second factor again when it was last shown too long ago.

    Put it on the page as well as on what its form is sent to: the page then asks first, and a form that was open too
    long is kept and goes on after it. ``factors.asking`` does the asking; its limit is ``factors.operations.FRESH``.
    """
    view.__dict__["portal_asks_factor"] = True
    return view


def uploads(files: int) -> Callable[[View], View]:
    """Let a view take so many files of ``PORTAL_MAX_UPLOAD``; every other request is at most 1 MB."""

    def mark(view: View) -> View:
        view.__dict__["portal_uploads"] = files
        return view

    return mark


def uploads_of(view: Callable[..., object]) -> int:
    """Return how many files a view takes."""
    return int(getattr(view, "portal_uploads", 0))


def is_public(view: Callable[..., object]) -> bool:
    """Whether a view says that it is for everybody."""
    return bool(getattr(view, "portal_public", False))


def is_before_factor(view: Callable[..., object]) -> bool:
    """Whether a view is open to who still has to show their second factor."""
    return bool(getattr(view, "portal_before_factor", False))


def does_ask_factor(view: Callable[..., object]) -> bool:
    """Whether a view asks for the second factor again."""
    return bool(getattr(view, "portal_asks_factor", False))


def permission_of(view: Callable[..., object]) -> Permission | None:
    """Return the permission a view asks for, or None when it does not say: then nobody may."""
    return getattr(view, "portal_permission", None)


def allows(groups: frozenset[Group], permission: Permission | None) -> bool:
    """Whether any of these groups holds the permission."""
    return permission is not None and bool(groups & PERMISSIONS.get(permission, frozenset()))
