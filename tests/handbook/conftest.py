"""What the tests of reading may ask for."""

from collections.abc import Iterator

import pytest

from portal.config import Config
from portal.publishing.content import Handbook
from tests.conftest import Site, Templates, make_site
from tests.handbook.six_releases import LATER, fill_with_six


@pytest.fixture
def six(config: Config, templates: Templates, engine: str, handbook: Handbook) -> Iterator[Site]:
    """Give an installation with six releases on top of the first, after all of them."""
    url = templates.copy(engine, "six", lambda database: fill_with_six(database, handbook))
    made = make_site(config, url)
    made.clock.moment = LATER
    yield made
    made.database.engine.dispose()
    templates.drop_copy(url)
