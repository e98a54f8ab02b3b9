"""Eight editors save the same page and the same file at once: every conflict is shown, and no text is lost."""

import re
import threading
import time
from collections.abc import Callable
from io import BytesIO

import docx
import pytest
from werkzeug.test import TestResponse

from portal.access.models import Group
from portal.access.people import add_person
from portal.access.queries import organisation_by_name
from portal.audit.operations import SYSTEM
from portal.publishing.drafts import draft_by_id, version_in
from portal.releases.models import Version
from tests.conftest import LONG, NOW, Site
from tests.desk.desk import PATIENT, TAKE_IN, Desk
from tests.desk.test_uploads import word_file
from tests.visitor import parse, words

PAGE, FORM = "OV-04", "FO-06"
EDITORS = 8
SECONDS = 60 if LONG else 2
"""For the page, and again for the file."""
MARK = re.compile(r"regel-\d+-\d+")


class Storm:
    """Editors in threads of their own, all in one draft."""

    def __init__(self, site: Site, code: str) -> None:
        self.site, self.code = site, code
        with site.database.transaction() as session:
            home = organisation_by_name(session, "Regio Hofstad")
            assert home
            for number in range(EDITORS):
                address = f"storm{number}@regio-hofstad.example"
                add_person(session, address=address, organisation=home, groups=[Group.REDACTEUR], by=SYSTEM, at=NOW)
        first = Desk(site)
        self.draft = first.press("/redactie", "/uitgaven", titel="Storm").headers["Location"]
        self.written: set[str] = set()
        self.conflicts = self.busy = 0
        self.faults: list[str] = []
        self._lock = threading.Lock()
        self._all_here = threading.Barrier(EDITORS)

    def rage(self) -> None:
        threads = [threading.Thread(target=self._guarded, args=(number,)) for number in range(EDITORS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not self.faults, self.faults[:3]

    def _guarded(self, number: int) -> None:
        try:
            self._edit(number)
        except Exception as error:  # a thread's own failures are told by the test
            self.faults.append(repr(error))

    def _edit(self, number: int) -> None:
        desk = Desk(self.site, f"storm{number}@regio-hofstad.example")
        self._all_here.wait()
        end, count = time.monotonic() + SECONDS, 0
        while time.monotonic() < end:
            mark = f"regel-{number}-{count}"
            count += 1
            seen: set[str] = set()
            while True:
                path = desk.begin(self.code, self.draft.rpartition("/")[2])
                answer = self._save(desk, path, mark, seen)
                if answer.status_code == 303:
                    break
                if answer.status_code == 503:  # the database had no turn for this one: press again
                    with self._lock:
                        self.busy += 1
                    continue
                assert answer.status_code == 409, answer.status_code
                shown = parse(answer)
                assert "Beide teksten zijn bewaard" in words(shown)
                seen = set(MARK.findall(words(shown)))
                with self._lock:
                    self.conflicts += 1
                desk.send(shown, "/samen", "mijn")
            with self._lock:
                self.written.add(mark)

    def _save(self, desk: Desk, path: str, mark: str, seen: set[str]) -> TestResponse:
        """Save with the own mark and all that the editor has seen there: whoever reads before saving loses nothing."""
        page = desk.page(path)
        if self.code == FORM:
            seen = {*seen, *MARK.findall(words(page.get_element_by_id("voorbeeld")))}
            file = (BytesIO(word_file(FORM, " ".join(sorted({*seen, mark})))), f"{FORM}.docx")
            taken = desk.send(page, path, "uploaden", bestand=file, wijziging=mark, voor="nieuw")
            if taken.status_code != 303:
                return taken
            return desk.press(path, path, "klaar", wijziging=mark, voor="nieuw")
        text = page.get_element_by_id("blok-0").text or ""
        marks = sorted({*MARK.findall(text), *seen, mark})
        return desk.send(page, path, "klaar", **{"blok-0-tekst": " ".join(marks)}, wijziging=mark, voor="nieuw")

    def final(self) -> str:
        with self.site.database.reading() as session:
            draft = draft_by_id(session, int(self.draft.rpartition("/")[2]))
            version = version_in(session, draft, self.code)
            assert version
            return version.text or _words_of(version)


def _words_of(version: Version) -> str:
    assert version.original
    return "\n".join(one.text for one in docx.Document(BytesIO(version.original.data)).paragraphs)


@pytest.mark.parametrize("code", [PAGE, FORM])
def test_editors_at_once_lose_nothing(
    small_site: Site,
    code: str,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    monkeypatch.setattr(TAKE_IN, PATIENT)
    storm = Storm(small_site, code)
    storm.rage()
    assert len(storm.written) >= EDITORS
    assert storm.conflicts
    assert storm.busy < len(storm.written) / 10
    assert set(MARK.findall(storm.final())) == storm.written
    record_property("counted", (f"keer bewaard in de storm op {code}", len(storm.written)))
    record_property("counted", (f"botsingen in de storm op {code}, alle getoond", storm.conflicts))
