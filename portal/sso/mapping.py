"""What the claims of a provider give: groups and roles, and whether the provider told them at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from portal.access.models import Group
from portal.lib.errors import InvalidInput
from portal.sso.models import Provider
from portal.sso.tokens import Claims, is_incomplete

ROLE = "rol:"


@dataclass(frozen=True)
class Given:
    """Groups and roles, in order. ``known`` is false, and both empty, when the provider did not tell them all."""

    known: bool
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


def given_by(provider: Provider, claims: Claims) -> Given:
    """Return what the claims give; "unknown" is apart from "none", and gives the lowest right."""
    if is_incomplete(claims):
        return Given(known=False)
    if not provider.group_claim:
        return Given(known=True)
    values = _values(claims, provider.group_claim)
    if values is None:
        return Given(known=False)
    targets = [target for value in values for target in provider.mapping.get(value, ())]
    groups = sorted({target for target in targets if not target.startswith(ROLE)})
    roles = dict.fromkeys(target.removeprefix(ROLE) for target in targets if target.startswith(ROLE))
    return Given(True, tuple(groups), tuple(roles))


def pairs_of(lines: Iterable[str]) -> dict[str, list[str]]:
    """Return a mapping from lines such as ``hh-redactie=redacteur``; the last = divides, a value may hold others."""
    found: dict[str, list[str]] = {}
    for line in lines:
        value, _, target = line.rpartition("=")
        found.setdefault(value.strip(), []).append(target.strip())
    return found


def checked_mapping(pairs: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return a mapping as it is stored; raises InvalidInput when it gives a group that does not exist."""
    names = [group.value for group in Group]
    for value, targets in pairs.items():
        for target in targets:
            if not value or not (target in names or target.startswith(ROLE)):
                words = f"'{value}={target}' kan niet. Geef een waarde, een = en een recht: {', '.join(names)}."
                raise InvalidInput(words, field="mapping")
    return {value: list(dict.fromkeys(targets)) for value, targets in pairs.items()}


def vouches_for_factor(provider: Provider, claims: Claims) -> bool:
    """Whether the provider says that a second factor was used, in a way that a beheerder decided to believe."""
    methods = claims.get("amr")
    told = [claims.get("acr"), *(methods if isinstance(methods, list) else ())]
    return any(isinstance(one, str) and one in provider.factor_values for one in told)


def _values(claims: Claims, name: str) -> list[str] | None:
    """Return the values of a claim, none when it is not there; None when it holds something else."""
    found = claims.get(name)
    if found is None and "." in name:
        found = claims
        for part in name.split("."):  # Keycloak: realm_access.roles
            found = found.get(part) if isinstance(found, Mapping) else None
    if found is None:
        return []
    values = [found] if isinstance(found, str) else found
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return None
    return values
