"""FLOW: the flow is whole, and every role finds in each of its steps what it needs."""

from collections.abc import Iterator

from portal.flow.models import END, Step
from portal.publishing.checks.book import Book, Problem
from portal.publishing.checks.shapes import FILE
from portal.publishing.checks.words import codes_in, repeated
from portal.releases.models import ItemKind


def _at(step: Step) -> str:
    return f"{FILE[ItemKind.FLOW]} {step.id}"


def flow_ids(book: Book) -> Iterator[Problem]:
    """Roles, routes and steps have ids of their own, and routes an order of their own."""
    data = book.data(ItemKind.FLOW)
    for part in ("rollen", "trajecten", "stappen"):
        for name in repeated(row["id"] for row in data[part]):
            yield f"{FILE[ItemKind.FLOW]} {name}", f"{name} staat vaker in {part}; geef elk een eigen id."
    for order in repeated(str(row["volgorde"]) for row in data["trajecten"]):
        yield FILE[ItemKind.FLOW], f"volgorde {order} staat bij meer trajecten; geef elk traject een eigen nummer."


def routes_exist(book: Book) -> Iterator[Problem]:
    """Every step is of a route that exists (check.py), and every route has a step."""
    for step in book.steps:
        if step.route not in book.flow.routes:
            yield _at(step), f"traject {step.route} bestaat niet; kies een traject uit de lijst trajecten."
    for route in book.flow.routes.values():
        if not route.steps:
            yield f"{FILE[ItemKind.FLOW]} {route.id}", "dit traject heeft geen stap; voeg er een toe of haal het weg."


def roles_exist(book: Book) -> Iterator[Problem]:
    """Every role a step names exists (check.py)."""
    for step in book.steps:
        for role in dict.fromkeys([*step.roles, *step.documents, *step.tasks, *step.how]):
            if role not in book.flow.roles:
                yield _at(step), f"rol {role} bestaat niet; kies een rol uit de lijst rollen."


def documents_exist(book: Book) -> Iterator[Problem]:
    """Every document a step gives exists (check.py)."""
    for step in book.steps:
        for code in step.documents_for(step.documents):
            if code not in book.codes:
                yield _at(step), f"document {code} bestaat niet; verbeter de code of voeg het document toe."


def documents_for_roles_in_step(book: Book) -> Iterator[Problem]:
    """Only a role in a step has documents there (check.py)."""
    for step in book.steps:
        for role in step.documents:
            if role not in step.roles:
                yield _at(step), f"{role} heeft documenten, maar doet niet mee; voeg de rol toe of haal dit weg."


def documents_for_portal_roles(book: Book) -> Iterator[Problem]:
    """Every role that uses the portal has a document in each of its steps (check.py; DESIGN section 1)."""
    for step, role in _portal_roles(book):
        if not step.documents.get(role):
            yield _at(step), f"{role} heeft geen document; noem bij documenten wat deze rol hier gebruikt."


def _portal_roles(book: Book) -> Iterator[tuple[Step, str]]:
    for step in book.steps:
        for role in dict.fromkeys(step.roles):
            if role in book.flow.roles and book.flow.roles[role].in_portal:
                yield step, role


def next_steps_exist(book: Book) -> Iterator[Problem]:
    """Every way on leads to a step or to the end (check.py)."""
    for step in book.steps:
        for answer in step.answers:
            if answer.to != END and answer.to not in book.flow.steps:
                yield _at(step), f"volgende stap {answer.to} bestaat niet; kies een stap of {END}."


def decisions_ask(book: Book) -> Iterator[Problem]:
    """Every decision has a question and at least two answers (check.py)."""
    for step in book.steps:
        if step.kind == "besluit" and (not step.question or len(step.answers) < 2):
            yield _at(step), "een besluit heeft een vraag en minstens twee antwoorden; vul vraag en volgende aan."


def ends_end(book: Book) -> Iterator[Problem]:
    """No step of kind einde leads on (check.py)."""
    for step in book.steps:
        if step.kind == "einde" and step.answers:
            yield _at(step), "een einde heeft geen volgende stap; haal die weg of kies een andere soort."


def others_go_on(book: Book) -> Iterator[Problem]:
    """Every other step leads on (check.py)."""
    for step in book.steps:
        if step.kind != "einde" and not step.answers:
            yield _at(step), f"deze stap heeft geen volgende stap; noem die bij volgende, of kies {END}."


def steps_reachable(book: Book) -> Iterator[Problem]:
    """Every step can be reached from the start (check.py)."""
    steps, seen, waiting = book.flow.steps, set[str](), [book.flow.start]
    while waiting:
        code = waiting.pop()
        if code in steps and code not in seen:
            seen.add(code)
            waiting.extend(answer.to for answer in steps[code].answers)
    if seen:
        for step in book.steps:
            if step.id not in seen:
                yield _at(step), f"geen weg leidt van {book.flow.start} hierheen; laat een andere stap hierheen wijzen."


def steps_named_by_route(book: Book) -> Iterator[Problem]:
    """Ids of steps begin with their route: KAN-07 is a step of KAN (DESIGN section 10, addresses)."""
    for step in book.steps:
        if step.route in book.flow.routes and step.id.rpartition("-")[0] != step.route:
            yield _at(step), f"de stap hoort bij traject {step.route}; laat haar id met {step.route}- beginnen."


def start_exists(book: Book) -> Iterator[Problem]:
    """There is a step where the flow begins (check.py)."""
    if book.flow.start not in book.flow.steps:
        yield FILE[ItemKind.FLOW], f"start {book.flow.start} bestaat niet; kies een stap uit de lijst stappen."


def tasks_for_portal_roles(book: Book) -> Iterator[Problem]:
    """Every role that uses the portal reads in each of its steps what it does (DESIGN section 1)."""
    for step, role in _portal_roles(book):
        if role not in step.tasks:
            yield _at(step), f"{role} heeft geen taak; schrijf bij wat_doet_wie wat deze rol hier doet."


def how_for_portal_roles(book: Book) -> Iterator[Problem]:
    """Every role that uses the portal reads in each of its steps how it does that."""
    for step, role in _portal_roles(book):
        if not step.how.get(role):
            yield _at(step), f"{role} heeft geen werkwijze; schrijf hoe deze rol hier te werk gaat."


def texts_for_roles_in_step(book: Book) -> Iterator[Problem]:
    """Only a role in a step has a task and a way of working there."""
    for step in book.steps:
        for key, texts in (("wat_doet_wie", step.tasks), ("werkwijze", step.how)):
            for role in texts:
                if role not in step.roles:
                    yield _at(step), f"{role} staat bij {key}, maar doet niet mee; voeg de rol toe of haal dit weg."


def mentioned_documents_given(book: Book) -> Iterator[Problem]:
    """Documents named in a way of working are given to that role in that step."""
    for step in book.steps:
        for role, sentences in step.how.items():
            given = set(step.documents.get(role, ()))
            for code in dict.fromkeys(codes_in(" ".join(sentences))):
                if code in book.codes and code not in given:
                    yield _at(step), f"de werkwijze van {role} noemt {code}; geef dit document ook bij documenten."


def parents_exist(book: Book) -> Iterator[Problem]:
    """Roles fall under a role that exists and itself falls under none (DOMAIN section 2)."""
    for role in book.flow.roles.values():
        if role.under is not None and (role.under not in book.flow.roles or book.flow.roles[role.under].under):
            sentence = f"valt_onder {role.under} kan niet; kies een rol die bestaat en zelf nergens onder valt."
            yield f"{FILE[ItemKind.FLOW]} {role.id}", sentence


def roles_once(book: Book) -> Iterator[Problem]:
    """Roles take part in a step once: as the responsible one or as involved."""
    for step in book.steps:
        for role in repeated(step.roles):
            yield _at(step), f"{role} staat vaker bij verantwoordelijk en betrokken; noem elke rol één keer."
