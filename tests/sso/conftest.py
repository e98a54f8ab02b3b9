"""A site whose organisation Hofstad Wonen has an identity provider, and that provider."""

from collections.abc import Iterator

import pytest

from portal.config import Config
from tests.conftest import Site, make_site
from tests.sso.connecting import connect
from tests.sso.provider import Provider, running


@pytest.fixture
def partner_site(config: Config, small_url: str) -> Iterator[Site]:
    made = make_site(config, small_url, sso_allow_private=True)
    yield made
    made.database.engine.dispose()


@pytest.fixture
def provider(partner_site: Site) -> Iterator[Provider]:
    with running(partner_site.clock) as made:
        connect(partner_site, made.issuer, "hofstad")
        yield made
