"""Giving an organisation an identity provider."""

from portal.access.queries import organisation_by_name
from portal.audit.operations import SYSTEM
from portal.sso.operations import Account, Rules, add_provider
from tests.conftest import NOW, ORGANISATIONS, Site
from tests.sso.provider import CLIENT, SECRET


def connect(
    site: Site,
    issuer: str,
    name: str,
    organisation: str = "Hofstad Wonen",
    account: Account | None = None,
    **rules: object,
) -> None:
    """Add a provider to a site and switch it on; ``account`` when it knows the portal by another name or secret."""
    domain = ORGANISATIONS[organisation][1]
    with site.database.transaction() as session:
        found = organisation_by_name(session, organisation)
        assert found
        add_provider(
            session,
            site.app.extensions["portal_seal"],
            name=name,
            organisation=found,
            account=account or Account(issuer, CLIENT, SECRET, is_private_key=False),
            rules=Rules(**{"domains": (domain,), "group_claim": "groups", **rules}),  # type: ignore[arg-type] # checked there
            enabled=True,
            allow_private=True,
            by=SYSTEM,
            at=NOW,
        )
