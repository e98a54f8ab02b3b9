"""Eight editors save the same page and the same file at once: every conflict is shown, and no text is lost."""

import re
import threading
import time
from io import BytesIO

import pytest
from werkzeug.test import TestResponse

from portal.access.models import Group
from portal.access.people import add_person
from portal.access.queries import organisation_by_name
from portal.audit.operations import SYSTEM
from portal.publishing.drafts import draft_by_id, version_in
from tests.conftest import LONG, NOW, Site
from tests.desk.desk import Desk
from tests.desk.test_uploads import word_file
from tests.visitor import parse, words

PAGE, FORM = "OV-04", "FO-06"
EDITORS = 8
SECONDS = 60 if LONG else 4
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
        self.conflicts = 0
        self.faults: list[str] = []
        self._lock = threading.Lock()

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
        if self.code == FORM:
            file = (BytesIO(word_file(FORM, mark)), f"{FORM}.docx")
            taken = desk.press(path, path, "uploaden", bestand=file, wijziging=mark, voor="nieuw")
            assert taken.status_code == 303, taken.status_code
            return desk.press(path, path, "klaar", wijziging=mark, voor="nieuw")
        page = desk.page(path)
        text = page.get_element_by_id("blok-0").text or ""
        marks = sorted({*MARK.findall(text), *seen, mark})
        return desk.send(page, path, "klaar", **{"blok-0-tekst": " ".join(marks)}, wijziging=mark, voor="nieuw")

    def final(self) -> str:
        with self.site.database.reading() as session:
            draft = draft_by_id(session, int(self.draft.rpartition("/")[2]))
            version = version_in(session, draft, self.code)
            assert version
            return version.text or version.change_note


@pytest.mark.parametrize("code", [PAGE, FORM] if LONG else [PAGE])
def test_editors_at_once_lose_nothing(small_site: Site, code: str) -> None:
    storm = Storm(small_site, code)
    storm.rage()
    assert len(storm.written) >= EDITORS
    assert storm.conflicts
    found = set(MARK.findall(storm.final()))
    assert found == storm.written if code == PAGE else found <= storm.written
