"""The pages at which a beheerder looks after the identity providers of partners."""

import json
from typing import Any

from flask import current_app, make_response, redirect, render_template, request, url_for
from joserfc.jwk import Key

from portal import db, lists, web
from portal.access import guard
from portal.access.models import STAFF, Organisation
from portal.access.permissions import asks_factor
from portal.access.queries import organisations as all_organisations
from portal.access.safeguards import one_at_a_time
from portal.admin.forms import NewProviderForm, RulesForm, SecretForm
from portal.admin.history import happenings
from portal.admin.partner_listings import account_of, given_in_words
from portal.admin.taking import identity_list, provider_list
from portal.admin.views import HIGHEST, blueprint, managing, ticked
from portal.factors import letters
from portal.factors.asking import vault
from portal.factors.operations import tell
from portal.flow.queries import roles_to_give
from portal.lib.errors import Conflict, InvalidInput, NotFound, PortalError
from portal.lib.tokens import Seal
from portal.sso import entering, operations
from portal.sso.client import signing_key
from portal.sso.leaving import after_sign_out, bind, bound_browser, leave, redirect_address
from portal.sso.mapping import ROLE
from portal.sso.models import AuthMethod, Identity, Provider, Purpose
from portal.sso.operations import Rules
from portal.sso.queries import accounts_linked, accounts_waiting, provider_by_name, refusals_of
from portal.sso.refusals import Refused


@blueprint.get("/sso")
@managing
def sso_list() -> str:
    """Every identity provider and whether people may come in by it."""
    listing = provider_list()
    asked = lists.asked_of(listing, request.args)
    found = lists.find(db.session(), listing, asked)
    return render_template("admin/sso.html", listing=listing, asked=asked, found=found)


@blueprint.get("/koppelingen")
@managing
def identity_links() -> str:
    """Who came by a provider, and who waits to be linked to their account."""
    listing = identity_list()
    asked = lists.asked_of(listing, request.args)
    found = lists.find(db.session(), listing, asked)
    return render_template(
        "admin/koppelingen.html", listing=listing, asked=asked, found=found, account_of=account_of, given=given_in_words
    )


@blueprint.route("/sso/nieuw", methods=["GET", "POST"])
@managing
@asks_factor
def sso_new() -> Any:
    """Add a provider, which stays off until it is switched on."""
    form, status = NewProviderForm(), 200
    form.offer_organisations(all_organisations(db.session()))
    if form.validate_on_submit():
        try:
            added = operations.add_provider(
                db.session(),
                _seal(),
                name=form.name.data or "",
                organisation=db.session().get_one(Organisation, int(form.organisation.data)),
                account=form.account(),
                rules=form.rules(),
                enabled=False,
                allow_private=web.config().sso_allow_private,
                by=guard.actor(),
                at=web.request_time(),
            )
            return _to_provider(added)
        except (Conflict, InvalidInput) as error:
            form[error.field].errors, status = [str(error)], error.status
    elif form.errors:
        status = 422
    return render_template("admin/sso_nieuw.html", form=form), status


@blueprint.get("/sso/<name>")
@managing
def sso_provider(name: str) -> str:
    """One provider: its rules, who came by it, who waits to be linked, and what happened."""
    return _provider_page(_provider(name))


@blueprint.route("/sso/<name>/wijzigen", methods=["GET", "POST"])
@managing
@asks_factor
def sso_change(name: str) -> Any:
    """Change for whom a provider speaks and what its claims give."""
    found, form, status = _provider(name), RulesForm(), 200
    form.offer(roles_to_give(db.session(), web.request_time()), kept=found.role)
    if not form.is_submitted():
        form.fill(Rules.of(found))
    elif form.validate():
        try:
            given = operations.checked(db.session(), form.given(), found.organisation)
            _refuse_unknown_roles(given)
            if _confirmed_rights(form, Rules.of(found), given):
                seen, by = form.seen.data or "", guard.actor()
                operations.change_rules(db.session(), found, given, seen=seen, by=by, at=web.request_time())
                return _to_provider(found)
            status = 422
        except (Conflict, InvalidInput) as error:
            status = error.status
            if error.field:
                form[error.field].errors = [str(error)]
    else:
        status = 422
    now = Rules.of(found)
    stored = now if form.seen.data != now.mark else None
    form.seen.data = now.mark
    return render_template("admin/sso_wijzigen.html", form=form, provider=found, stored=stored), status


@blueprint.route("/sso/<name>/sleutel", methods=["GET", "POST"])
@managing
@asks_factor
def sso_secret(name: str) -> Any:
    """Put a new secret or key beside the one in use."""
    found, form, status = _provider(name), SecretForm(), 200
    if form.validate_on_submit():
        try:
            secret = form.secret.data or ""
            operations.add_secret(db.session(), _seal(), found, secret, by=guard.actor(), at=web.request_time())
            return _to_provider(found)
        except InvalidInput as error:
            form.secret.errors, status = [str(error)], error.status
    elif form.errors:
        status = 422
    return render_template("admin/sso_sleutel.html", form=form, provider=found), status


@blueprint.post("/sso/<name>/aan")
@managing
@asks_factor
def sso_enable(name: str) -> Any:
    """Let people come in by a provider."""
    found = _provider(name)
    operations.enable(db.session(), found, by=guard.actor(), at=web.request_time())
    return _to_provider(found)


@blueprint.route("/sso/<name>/uit", methods=["GET", "POST"])
@managing
@asks_factor
def sso_disable(name: str) -> Any:
    """Ask, and then let nobody come in by a provider any more."""
    found = _provider(name)
    if request.method == "POST":
        operations.disable(db.session(), found, by=guard.actor(), at=web.request_time())
        return _to_provider(found)
    return render_template("admin/sso_uit.html", provider=found)


@blueprint.post("/sso/<name>/proef")
@managing
def sso_try(name: str) -> Any:
    """Begin a dry run: the beheerder signs in there and sees what the answer holds and would give."""
    found, browser = _provider(name), bound_browser()
    person_id = guard.person().id
    with db.database().reading() as session:  # of its own: nothing stays open while a provider is asked
        apart = session.get_one(Provider, found.id)
    db.session().rollback()
    try:
        address = leave(apart, Purpose.TRY, browser, person_id=person_id)
    except Refused as refused:
        return _provider_page(_provider(name), problem=refused), refused.status
    page = render_template("sso/verder.html", who=apart.organisation.name, address=address, purpose="try")
    return bind(make_response(page), browser)


@blueprint.post("/sso/<name>/koppelen/<int:number>")
@managing
@asks_factor
def sso_link(name: str, number: int) -> Any:
    """Link somebody at a provider to the account with the address they were refused for.

    The form names the account that the beheerder saw: whoever waits can come by again with another address meanwhile.
    """
    one_at_a_time(db.session())
    found = _provider(name)
    waiting = _identity(found, number)
    if waiting.waits_for is None or request.form.get("account") != str(waiting.waits_for_id):
        raise Conflict(
            "Deze koppeling is intussen gelegd, weggehaald of voor een ander account. Bekijk de lijst opnieuw."
        )
    entering.join(db.session(), vault(), waiting, waiting.waits_for, found, by=guard.actor(), at=web.request_time())
    return _to_links(found)


@blueprint.post("/sso/<name>/ontkoppelen/<int:number>")
@managing
@asks_factor
def sso_unlink(name: str, number: int) -> Any:
    """Take somebody at a provider from their account."""
    found, at = _provider(name), web.request_time()
    identity = _identity(found, number)
    person = identity.person
    operations.unlink(db.session(), identity, by=guard.actor(), at=at)
    if person is not None:
        tell(db.session(), vault(), person, letters.removed(web.config(), person, entering.way_in(found)), at)
    return _to_links(found)


def _provider_page(found: Provider, problem: Refused | None = None) -> str:
    return render_template(
        "admin/sso_aanbieder.html",
        provider=found,
        problem=problem,
        redirect_address=redirect_address(found),
        after_sign_out=after_sign_out(),
        public_key=_public_key(found),
        roles=roles_to_give(db.session(), web.request_time()),
        role_mark=ROLE,
        linked=accounts_linked(db.session(), found.id),
        waiting=accounts_waiting(db.session(), found.id),
        happenings=happenings(db.session(), f"sso:{found.id}", {}),
        refusals=happenings(db.session(), refusals_of(found), {}),
    )


def _public_key(found: Provider) -> str:
    """Return the public half of our key as the partner must register it; nothing when we use a secret."""
    if found.auth_method != AuthMethod.PRIVATE_KEY:
        return ""
    try:
        sealed = [one for one in (found.sealed_secret, found.sealed_next_secret) if one]
        keys: list[Key] = [signing_key(_seal().open(one)) for one in sealed]
    except (ValueError, PortalError):  # sealed with another key than that of this installation
        return ""
    return json.dumps({"keys": [key.as_dict(private=False, use="sig") for key in keys]}, indent=1)


def _confirmed_rights(form: RulesForm, now: Rules, given: Rules) -> bool:
    """Whether claims were made to give rights beyond reading on purpose: a box was ticked for exactly these."""
    more = ", ".join(f"{value}={target}" for _claim, value, target in sorted(_powers(given) - _powers(now)))
    return ticked(form.rights_confirmed, more, "Bevestig dat de aanbieder meer rechten mag geven.")


def _powers(rules: Rules) -> set[tuple[str, str, str]]:
    """Return which values of which claim give a right beyond reading."""
    mapping = (rules.mapping or {}) if rules.group_claim else {}
    return {(rules.group_claim, value, to) for value, given in mapping.items() for to in given if to in STAFF}


def _refuse_unknown_roles(rules: Rules) -> None:
    known = roles_to_give(db.session(), web.request_time())
    for target in (target for given in (rules.mapping or {}).values() for target in given):
        role = target.removeprefix(ROLE)
        if target.startswith(ROLE) and known and role not in known:
            raise InvalidInput(f"De rol '{role}' is er niet. Kies uit: {', '.join(known)}.", field="mapping")


def _provider(name: str) -> Provider:
    found = provider_by_name(db.session(), name)
    if found is None:
        raise NotFound
    return found


def _identity(provider: Provider, number: int) -> Identity:
    found = db.session().get(Identity, number) if number <= HIGHEST else None
    if found is None or found.provider_id != provider.id:
        raise NotFound
    return found


def _to_links(found: Provider) -> Any:
    return redirect(url_for("admin.identity_links", aanbieder=found.name), code=303)


def _to_provider(found: Provider) -> Any:
    return redirect(url_for("admin.sso_provider", name=found.name), code=303)


def _seal() -> Seal:
    seal: Seal = current_app.extensions["portal_seal"]
    return seal
