"""An editor's request killed at moments over its whole run: publishing, uploading many files, restoring a version."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from multiprocessing.connection import Connection
from typing import Any
from unittest.mock import patch

import pytest
from werkzeug.test import TestResponse

from portal.config import Config
from portal.db import Database
from portal.publishing.content import Handbook
from tests.conftest import LONG, Site, Templates, fill, make_site
from tests.desk.desk import PATIENT, TAKE_IN, Desk
from tests.desk.test_uploads import word_file
from tests.robust.killing import Killed, Ready, Work, all_gone, seconds, state, table, wait_until_alone
from tests.small import small

KILLS = {"publiceren": 8, "uploaden": 6, "terugzetten": 6}
TIMES = 10 if LONG else 1
"""Per kind of database: 20 kills, 200 in the long run."""
DRAFT, LATER_DRAFT = "Klaar om te publiceren", "Later"
PAGE, FORM = "OV-04", "FO-06"
COOKIE = "sessie"
FILES = {
    f"{FORM}.docx": word_file(FORM, "Met de roeiboot."),
    "BR-91 Brief.docx": word_file("BR-01", "Met de veldfiets."),
}


def changed(desk: Desk, draft: str, words: str) -> None:
    """Put a paragraph at the top of a page."""
    path = desk.begin(PAGE, draft)
    desk.press(path, path, "nieuw--1-alinea")
    desk.finish(path, **{"blok-0-tekst": words})


def prepare(site: Site) -> str:
    """Do what an editor did before: a second release, a draft with three changes, another draft; return the session."""
    desk = Desk(site)
    first = desk.press("/redactie", "/uitgaven", titel="Met de roeiboot").headers["Location"]
    changed(desk, number_of(first), "Met de roeiboot.")
    assert desk.publish(first).status_code == 303
    desk.press("/redactie", "/uitgaven", titel=LATER_DRAFT)
    draft = desk.press("/redactie", "/uitgaven", titel=DRAFT).headers["Location"]
    changed(desk, number_of(draft), "Met de veldfiets.")
    path = desk.begin(FORM, number_of(draft))
    desk.press(path, path, "uploaden", bestand=(BytesIO(word_file()), f"{FORM}.docx"))
    desk.finish(path)
    desk.finish(desk.touch(desk.begin("bedragen", number_of(draft))))
    cookie = desk.visitor.client.get_cookie(COOKIE)
    assert cookie
    return cookie.value


def number_of(draft: str) -> str:
    return draft.rpartition("/")[2]


def draft_called(desk: Desk, title: str) -> str:
    """Return the address of a draft, from the page that lists them."""
    found = desk.page("/redactie").xpath("//h3/a[normalize-space()=$title]", title=title)
    return str(found[0].get("href"))


def publish(desk: Desk, _path: str) -> str:
    return sent(desk.publish(draft_called(desk, DRAFT), ingang="1-1-2027"))


def upload(desk: Desk, path: str, files: dict[str, bytes]) -> str:
    given = [(BytesIO(data), name) for name, data in files.items()]
    concept = number_of(draft_called(desk, LATER_DRAFT))
    typed = {"concept": concept, "wijziging": "Overgenomen.", "voor": "nieuw"}
    answer = desk.press("/redactie/uploaden", "/uploaden", bestanden=given, **typed)
    assert "2 van 2 bestanden overgenomen" in answer.get_data(as_text=True)
    return path


def bring_back(desk: Desk, _path: str) -> str:
    concept = number_of(draft_called(desk, LATER_DRAFT))
    return sent(desk.press(f"/redactie/onderdelen/{PAGE}", "/terugzetten", versie="1", concept=concept))


def put_in(desk: Desk, path: str) -> str:
    return desk.finish(path, "Versie 1 is teruggezet.")


def publish_old(desk: Desk, draft: str) -> str:
    return sent(desk.publish(draft, titel="Teruggezet"))


def sent(answer: Any) -> str:
    assert answer.status_code == 303, answer.status_code
    return str(answer.headers["Location"])


Step = Callable[[Desk, str], str]
JOBS: dict[str, tuple[Callable[..., str], ...]] = {
    "publiceren": (publish,),
    "uploaden": (upload,),
    "terugzetten": (bring_back, put_in, publish_old),
}
WORDS = {1: ("oud", "nieuw"), 3: ("oud", "begonnen", "in het concept", "nieuw")}
"""What the handbook is after each request of a job, for the table."""


@dataclass(frozen=True)
class Installation:
    """A copy of the database, the session of an editor who had signed in before it was made, and files to upload."""

    config: Config
    url: str
    cookie: str
    files: dict[str, bytes]
    """Given along, for Word notes in a file when it was made."""

    def steps(self, job: str) -> tuple[Site, Desk, list[Step]]:
        """Give the application on it, the editor, and what they do."""
        site = make_site(self.config, self.url)
        desk = Desk.__new__(Desk)
        desk.visitor = site.visitor()
        desk.visitor.client.set_cookie(COOKIE, self.cookie)
        return site, desk, [partial(step, files=self.files) if step is upload else step for step in JOBS[job]]


def ready_for(installation: Installation, job: str) -> Work:
    """Do a job, and return what does it again, and tells when it sends the first form and has finished."""
    done(installation, job)
    return partial(work, installation, job)


@patch(TAKE_IN, PATIENT)
def work(installation: Installation, job: str, tell: Connection) -> None:
    """Do a job by its requests, telling of it."""
    _site, desk, steps = installation.steps(job)
    post = desk.visitor.client.post

    def telling(*given: Any, **named: Any) -> TestResponse:
        desk.visitor.client.post = post  # type: ignore[method-assign] # in this process only
        tell.send("begin")
        return post(*given, **named)

    desk.visitor.client.post = telling  # type: ignore[method-assign] # in this process only
    path = ""
    for step in steps:
        path = step(desk, path)
    tell.send("end")


@patch(TAKE_IN, PATIENT)
def done(installation: Installation, job: str) -> list[dict[str, Any]]:
    """Do a job in this process, and return what the handbook is before it and after each of its requests."""
    site, desk, steps = installation.steps(job)
    states, path = [state(installation.url)], ""
    for step in steps:
        path = step(desk, path)
        states.append(state(installation.url))
    site.database.engine.dispose()
    return states


@pytest.fixture
def copies(
    templates: Templates, engine: str, config: Config, handbook: Handbook, cookies: dict[str, str]
) -> Iterator[Callable[[], Installation]]:
    """Give what makes a copy of the installation to begin with; each copy goes when the next one is made."""
    made: list[str] = []

    def prepared(database: Database) -> None:
        fill(database, small(handbook))
        site = make_site(config, database.engine.url.render_as_string(hide_password=False))
        cookies[engine] = prepare(site)
        site.database.engine.dispose()

    def copy() -> Installation:
        if made:
            templates.drop_copy(made.pop())
        made.append(templates.copy(engine, f"editor-{os.getpid()}", prepared))
        return Installation(config, made[0], cookies[engine], FILES)

    yield copy
    templates.drop_copy(made[0])


@pytest.fixture(scope="module")
def cookies() -> dict[str, str]:
    """Give the session of the editor, by kind of database."""
    return {}


@pytest.mark.parametrize("job", KILLS)
def test_a_request_that_is_killed_leaves_the_old_or_the_new(
    copies: Callable[[], Installation],
    job: str,
    engine: str,
    record_property: Callable[[str, object], None],
) -> None:
    installation = copies()
    old = state(installation.url)
    found: list[tuple[bool, int, dict[str, Any]]] = []
    states: list[dict[str, Any]] = []
    parsers, kills = 0, KILLS[job] * TIMES
    with Ready(ready_for, installation, job) as ready:
        new = state(installation.url)
        assert copies() == installation
        during = seconds(Killed(ready).close)
        assert state(installation.url) == new
        for number in range(kills):
            share = number / (kills - 1)
            assert copies() == installation
            killed = Killed(ready)
            ended, children = killed.kill(during * share * 1.3)
            killed.close()
            parsers += len(children)
            assert all_gone(children), "what reads a file outlived the request"
            wait_until_alone(installation.url)
            found.append((ended, int(share * 10), state(installation.url)))
            if not states and found[-1][2] == old:  # once: to be the old one is to be it in every way
                states = done(installation, job)
    assert (states[0], states[-1]) == (old, new)
    words = WORDS[len(JOBS[job])]
    outcomes: Counter[tuple[str, int, str]] = Counter()
    for ended, share_of_ten, after in found:
        assert after in states, f"a mix at {share_of_ten}"
        word = words[states.index(after)]
        assert word == "nieuw" or not ended
        outcomes["na het antwoord" if ended else "tijdens het werk", share_of_ten, word] += 1
    assert not LONG or {word for _aimed, _share, word in outcomes} >= {"oud", "nieuw"}
    record_property("kills", table(f"{job}, {engine}", outcomes, words))
    if job == "uploaden":
        record_property("counted", ("bestandslezers die met hun verzoek eindigden", parsers))
