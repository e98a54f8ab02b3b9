"""A step of the flow as an editor fills it in: what is said to each role, and with which documents.

Which steps there are, who takes part and where each answer leads makes one whole, that the diagrams are drawn from;
those come in as a file (``portal import``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from portal.flow.models import Role
from portal.publishing.checks.shapes import CODE
from portal.publishing.fields import COVENANT, GROUND, OPEN, Field, Way, each

PER_ROLE = ("wat_doet_wie", "werkwijze", "documenten")
"""The keys of a step that hold something for each role; their fields are called ``werkwijze-corporatie``."""


def step_fields(step: Mapping[str, Any], roles: Mapping[str, Role]) -> tuple[Field, ...]:
    """Return the fields of one step: those of the step, and three for each role in it."""
    taking_part = dict.fromkeys([step["verantwoordelijk"], *step["betrokken"]])
    return (
        Field("titel", "Titel"),
        *([Field("vraag", "Vraag", hint="De antwoorden daarop blijven zoals ze zijn.")] if step["vraag"] else []),
        Field("termijn", "Termijn", hint="Zoals: binnen 4 weken. Lezers zien dit bij Termijn.", optional=True),
        Field("klaar_als", "Klaar als", Way.TEXT, "Waaraan ziet u dat deze stap klaar is?", True, absent=True),
        *(one for role in taking_part for one in _role_fields(roles[role])),
        Field("huurder_vertellen", "Wat de huurder hoort", Way.LINES, "Eén zin per regel.", True, absent=True),
        Field("toelichting", "Toelichting", Way.TEXT, "Staat bij: Waar komt deze stap vandaan?", True, absent=True),
        COVENANT,
        GROUND,
        replace(OPEN, absent=True),
    )


def _role_fields(role: Role) -> tuple[Field, ...]:
    """Return the fields of one role; who uses the portal finds in each step a task, a way of working and a document."""
    task = Field(f"wat_doet_wie-{role.id}", f"{role.title}: de taak", Way.TEXT, "In één zin.")
    if not role.in_portal:
        return (replace(task, optional=True, absent=True),)
    return (
        task,
        Field(
            f"werkwijze-{role.id}",
            f"{role.title}: stap voor stap",
            Way.LINES,
            "Wat deze rol achter elkaar doet. Eén zin per regel, met de code van het document dat erbij hoort.",
        ),
        Field(
            f"documenten-{role.id}",
            f"{role.title}: documenten",
            Way.LINES,
            "Wat deze rol hier nodig heeft. Eén code per regel, zoals ZC-01.",
            fits=each(CODE),
            wrong="Schrijf elke code als ZC-01, één per regel.",
        ),
    )


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a step with what it holds for each role under the name of its field; another row is flat already."""
    return {**row, **{f"{key}-{role}": held for key in PER_ROLE for role, held in row.get(key, {}).items()}}


def with_typed(row: Mapping[str, Any], fields: Sequence[Field], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return a step, or another row, with what was typed; what is not asked for stays, in the order it had."""
    found: dict[str, Any] = {key: dict(held) if key in PER_ROLE else held for key, held in row.items()}
    for one in fields:
        key, _, role = one.key.partition("-")
        held = found.setdefault(key, {}) if role else found
        name, value = role or key, typed.get(one.key)
        if value or not one.absent:
            held[name] = value
        elif held.get(name):
            del held[name]
    return found


def unknown_documents(typed: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, str]:
    """Return by the name of the field which documents that were typed there are not in the handbook."""
    found = {}
    for name, codes in typed.items():
        if name.startswith("documenten-") and (missing := [code for code in codes or () if code not in known]):
            found[name] = (
                f"{' en '.join(missing)} staat niet in het handboek en niet in dit concept. Kijk de code na, of zet "
                "het nieuwe document eerst in hetzelfde concept."
            )
    return found
