"""The ways on from each step; answers of one step with the same target share one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from portal.flow.models import END, Answer, Flow, Route, Step
from portal.flow.swimlane.text import LABEL_SIZE, text_width


@dataclass(frozen=True)
class Way:
    """One arrow out of a step. Its goal is a step of this route, a step of another route (``page``) or the end."""

    index: int
    source: int
    target: int | None
    page: Step | None
    label: str
    answers: tuple[tuple[str, Answer], ...]

    @property
    def is_back(self) -> bool:
        """Whether it leads back to an earlier step or to its own."""
        return self.target is not None and self.target <= self.source

    @cached_property
    def bundle(self) -> tuple[int | None, bool]:
        """Ways with the same bundle may run together: they end with the same arrowhead."""
        return (self.target, self.is_back)

    @cached_property
    def label_width(self) -> float:
        """The width of the label, 0 without one."""
        return max(24.0, text_width(self.label, LABEL_SIZE) + 11) if self.label else 0.0

    @property
    def tooltip(self) -> str:
        """What shows when the pointer rests on the line."""
        return "\n".join(f"{label}: {answer.when}" if label else answer.when for label, answer in self.answers)


def answer_labels(answers: Sequence[Answer]) -> tuple[str, ...]:
    """Return the short labels for the answers of one step: Ja, Nee or a letter, each only once."""
    if len(answers) < 2:
        return ("",) * len(answers)
    stems = [_yes_or_no(answer.when) for answer in answers]
    labels = []
    for place, stem in enumerate(stems):
        letter = _letter(stems[:place].count(stem))
        labels.append(letter if not stem else f"{stem} {letter}" if stems.count(stem) > 1 else stem)
    return tuple(labels)


def _yes_or_no(text: str) -> str:
    first = text.replace(",", " ").replace(":", " ").replace(".", " ").split()[:1]
    word = first[0].capitalize() if first else ""
    return word if word in ("Ja", "Nee") else ""


def _letter(place: int) -> str:
    return chr(ord("A") + place % 26) * (1 + place // 26)


def _joined(labels: Sequence[str]) -> str:
    row = [ord(label) for label in labels if len(label) == 1]
    if len(row) == len(labels) > 2 and all(after == before + 1 for before, after in pairwise(row)):
        return f"{labels[0]}-{labels[-1]}"
    return ", ".join(labels)


def ways_of(flow: Flow, route: Route) -> tuple[Way, ...]:
    """Return the ways on from every step of a route, in process order."""
    place_of = {step.id: place for place, step in enumerate(route.steps)}
    ways: list[Way] = []
    for source, step in enumerate(route.steps):
        goals: dict[str, list[tuple[str, Answer]]] = {} if step.answers else {END: []}
        for label, answer in zip(answer_labels(step.answers), step.answers, strict=True):
            goals.setdefault(answer.to, []).append((label, answer))
        for goal, answers in goals.items():
            target = place_of.get(goal)
            page = flow.steps[goal] if target is None and goal != END else None
            label = _joined([label for label, _ in answers])
            ways.append(Way(len(ways), source, target, page, label, tuple(answers)))
    return tuple(ways)
