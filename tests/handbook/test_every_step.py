"""For each of the 60 steps and each role in it: the task and every document, and each document really opens."""

import io
from collections.abc import Iterable
from typing import Any

import docx
import pytest
from lxml import html

from portal.documents.controls import controls
from portal.flow.models import Flow, read_flow
from portal.publishing.content import Handbook
from portal.releases.models import ItemKind
from tests.conftest import LONG, ROLES, Site
from tests.visitor import words


@pytest.fixture(scope="module")
def flow(handbook: Handbook) -> Flow:
    return read_flow(handbook.single(ItemKind.FLOW))


@pytest.fixture(scope="module")
def regio_codes(handbook: Handbook) -> set[str]:
    return {item.code for item in handbook.items if item.visibility == "regio"}


def some(things: Iterable[Any], engine: str) -> list[Any]:
    """Return all of them; on PostgreSQL, where the same code makes the same pages, a short run takes every fifth."""
    return list(things)[:: 5 if engine == "postgresql" and not LONG else 1]


def part_of(page: html.HtmlElement, role: str) -> html.HtmlElement:
    [part] = page.xpath(f"//section[@id='rol-{role}']")
    return part


@pytest.mark.parametrize("role", ROLES)
def test_a_person_of_a_role_finds_task_and_documents_at_every_step(
    site: Site, flow: Flow, regio_codes: set[str], role: str, engine: str
) -> None:
    visitor, sees_regio = site.signed_in(role), role in ("info_meldpunt", "urgentiebureau", "regio")
    own = [step for step in flow.steps.values() if role in step.roles]
    walked = 0
    for step in some(flow.steps.values() if LONG else own, engine):
        page = visitor.page(f"/stroomschema/{step.route}/{step.id}")
        for other in step.roles:
            if not flow.roles[other].in_portal:
                continue
            part = part_of(page, other)
            assert step.tasks[other] in words(part), f"{step.id} {other}"
            expected = {c for c in step.documents_for([other]) if sees_regio or c not in regio_codes}
            assert codes_linked(part) == expected, f"{step.id} {other}"
        if role in step.roles:
            walked += 1
            assert not part_of(page, role).xpath("ancestor::details"), f"{step.id}: {role} must unfold its own task"
    assert walked == len(own if LONG else some(own, engine)) > 0


def codes_linked(part: html.HtmlElement) -> set[str]:
    """Return the codes of the documents this part opens; each must have a download too."""
    opened = {h.split("?")[0].split("/")[2] for h in part.xpath(".//a/@href[starts-with(., '/documenten/')]")}
    for code in opened:
        assert part.xpath(f".//a[starts-with(@href, '/documenten/{code}/bestand')]"), code
    return opened


def test_every_portal_role_of_every_step_was_walked(flow: Flow) -> None:
    in_steps = {role for step in flow.steps.values() for role in step.roles if flow.roles[role].in_portal}
    assert in_steps == set(ROLES)
    assert len(flow.steps) == 60


def test_every_document_opens_and_downloads_with_its_fields(site: Site, handbook: Handbook, engine: str) -> None:
    visitor = site.signed_in("redacteur")
    for item in some(handbook.of_kind(ItemKind.DOCUMENT), engine):
        page = visitor.page(f"/documenten/{item.code}")
        assert item.content.data["titel"] in words(page.xpath("//h1")[0])
        answer = visitor.get(f"/documenten/{item.code}/bestand")
        assert answer.status_code == 200
        assert f"{item.code}-v1.docx" in answer.headers["Content-Disposition"]
        docx.Document(io.BytesIO(answer.data))
        found = {control.tag for control in controls(answer.data)}
        if item.content.original is not None:
            assert found == {control.tag for control in controls(item.content.original)}
        if item.content.data["invulbaar"]:
            assert len(found) >= 5, item.code


def test_nothing_in_the_flow_leads_nowhere(site: Site, flow: Flow, engine: str) -> None:
    visitor = site.signed_in("redacteur")
    seen: set[str] = set()
    pages = ["/stroomschema", *(f"/stroomschema/{route}" for route in flow.routes)]
    pages += [f"/stroomschema/{step.route}/{step.id}" for step in flow.steps.values()]
    for path in some(pages, engine):
        page = visitor.page(path)
        for href in page.xpath("//main//a/@href"):
            address, _, fragment = str(href).partition("#")
            if not address:
                assert page.xpath(f"//*[@id='{fragment}']"), f"{path} leads to #{fragment}"
            elif address.startswith("/"):
                seen.add(address)
    assert len(seen) > 50
    for address in some(sorted(seen), engine):
        assert visitor.get(address).status_code == 200, address


@pytest.mark.parametrize("code", ["HC-01", "HC-02", "HC-03"])
def test_the_legal_warning_stands_on_page_file_and_cards(site: Site, flow: Flow, code: str) -> None:
    visitor = site.signed_in("corporatie")
    assert "juridisch nalopen" in words(visitor.page(f"/documenten/{code}").xpath("//main")[0]).lower()
    file = docx.Document(io.BytesIO(visitor.get(f"/documenten/{code}/bestand").data))
    whole = " ".join(file.element.body.itertext())
    assert "juridisch nalopen" in whole.lower()
    assert whole.lower().index("juridisch nalopen") < 1500
    for step in flow.steps_of_document[code]:
        card = visitor.page(f"/stroomschema/{step.route}/{step.id}").xpath("//main")[0]
        assert "juridisch nalopen" in words(card).lower(), step.id
        assert code in words(card)


def test_the_card_says_what_the_flow_says(site: Site, flow: Flow, engine: str) -> None:
    visitor = site.signed_in("corporatie")
    for step in some(flow.steps.values(), engine):
        page = visitor.page(f"/stroomschema/{step.route}/{step.id}")
        card = words(page.xpath("//main")[0])
        for text in (step.title, step.question, step.term, step.done_when, step.remark, *step.tell_tenant):
            assert text is None or " ".join(text.split()) in card, f"{step.id}: {text}"
        for answer in step.answers:
            assert answer.when in card, f"{step.id}: {answer.when}"
        for code in (*step.open_points, *step.covenant):
            assert code in card, f"{step.id}: {code}"
        assert page.xpath(f"//a[contains(@href, 'subject=Vraag%20over%20stap%20{step.id}')]"), step.id


def test_a_document_opened_from_a_step_leads_back(site: Site) -> None:
    visitor = site.signed_in("uitvoeringsdienst")
    card = visitor.page("/stroomschema/KAN/KAN-07")
    href, *_ = card.xpath("//section[@id='rol-uitvoeringsdienst']//a[contains(@href, '/documenten/ZC-01?')]/@href")
    assert "/stroomschema/KAN/KAN-07" in visitor.page(str(href)).xpath("//main//a/@href | //nav//a/@href")
