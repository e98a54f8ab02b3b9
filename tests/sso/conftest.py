"""A site whose organisation Hofstad Wonen has an identity provider, and that provider."""

from collections.abc import Iterator

import pytest

from portal.access.queries import organisation_by_name
from portal.audit.operations import SYSTEM
from portal.config import Config
from portal.sso.operations import Account, Rules, add_provider
from tests.conftest import NOW, Site, make_site
from tests.sso.provider import CLIENT, SECRET, Provider, running


@pytest.fixture
def partner_site(config: Config, small_url: str) -> Iterator[Site]:
    made = make_site(config, small_url, sso_allow_private=True)
    yield made
    made.database.engine.dispose()


@pytest.fixture
def provider(partner_site: Site) -> Iterator[Provider]:
    with running(partner_site.clock) as made:
        connect(partner_site, made, "hofstad")
        yield made


def connect(site: Site, provider: Provider, name: str, organisation: str = "Hofstad Wonen", **rules: object) -> None:
    """Add a provider to a site and switch it on."""
    domain = {"Hofstad Wonen": "hofstad.example", "Zorg Hofstad": "zorg-hofstad.example"}[organisation]
    with site.database.transaction() as session:
        found = organisation_by_name(session, organisation)
        assert found
        add_provider(
            session,
            site.app.extensions["portal_seal"],
            name=name,
            organisation=found,
            account=Account(provider.issuer, CLIENT, SECRET, is_private_key=False),
            rules=Rules(**{"domains": (domain,), "group_claim": "groups", **rules}),  # type: ignore[arg-type] # checked there
            enabled=True,
            allow_private=True,
            by=SYSTEM,
            at=NOW,
        )
