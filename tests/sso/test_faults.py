"""Everything a provider, or somebody in between, can do wrong: each is refused and the next clean sign-in works."""

import json
import logging
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from joserfc.jwk import KeyParameters, RSAKey
from sqlalchemy import func, select

from portal.access.models import Person, SignedInSession
from portal.audit.models import Action, Event
from portal.audit.queries import verify
from portal.lib import fetch
from portal.sso.refusals import Reason
from tests.conftest import Site
from tests.sso.connecting import connect
from tests.sso.provider import CLIENT, SECRET, Provider, Reply, depart, ec, person, rsa, running, signed_with_secret
from tests.visitor import Visitor, parse, words

SLOW = 3.0
Fault = tuple[str, Reason, str, Callable[[Provider], None]]


def claim(**values: Any) -> Callable[[Provider], None]:
    """Give an ID token with other claims; None leaves one out."""

    def change(claims: dict[str, Any]) -> None:
        claims.update(values)
        for name in [name for name, value in values.items() if value is None]:
            del claims[name]

    return lambda provider: setattr(provider, "claims", change)


def later(name: str, seconds: int) -> Callable[[Provider], None]:
    return lambda provider: claim(**{name: int(provider.now().timestamp()) + seconds})(provider)


def reply(path: str, **answer: Any) -> Callable[[Provider], None]:
    return lambda provider: provider.replies.update({path: Reply(**answer)})


def signed_by(**changes: Any) -> Callable[[Provider], None]:
    def change(provider: Provider) -> None:
        for name, value in changes.items():
            setattr(provider, name, value(provider) if callable(value) else value)

    return change


def header(**values: Any) -> Callable[[Provider], None]:
    return lambda provider: setattr(provider, "header", lambda found: found.update(values))


def raw_header(**values: Any) -> Callable[[Provider], None]:
    """Put another header before a token than the one that was signed: one that no library would write."""
    text = urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")

    def change(found: dict[str, Any]) -> None:
        found["id_token"] = f"{text}.{found['id_token'].partition('.')[2]}"

    return lambda provider: setattr(provider, "tokens", change)


def token(change: Callable[[str], str]) -> Callable[[Provider], None]:
    """Change the ID token as it travels, so after it was signed."""
    return lambda provider: setattr(provider, "tokens", lambda f: f.update(id_token=change(f["id_token"])))


def other_claims(signed: str) -> str:
    """Return a token with its header and signature, about somebody else."""
    head, claims, signature = signed.split(".")
    told = json.loads(urlsafe_b64decode(claims + "=="))
    text = urlsafe_b64encode(json.dumps({**told, "sub": "s-2"}).encode()).decode().rstrip("=")
    return f"{head}.{text}.{signature}"


def userinfo(**values: Any) -> Callable[[Provider], None]:
    return lambda provider: setattr(provider, "userinfo", lambda found: found.update(values))


def metadata(**values: Any) -> Callable[[Provider], None]:
    return lambda provider: setattr(provider, "metadata", lambda found: found.update(values))


ANSWER, CLOCK, AWAY = Reason.ANSWER, Reason.CLOCK, Reason.UNREACHABLE
NO_ALGORITHM = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
TOKEN_FAULTS: list[Fault] = [
    ("another issuer", ANSWER, "iss", claim(iss="http://127.0.0.1:1")),
    ("issuer with a slash", ANSWER, "iss", lambda p: claim(iss=f"{p.issuer}/")(p)),
    ("no issuer", ANSWER, "iss", claim(iss=None)),
    ("another audience", ANSWER, "aud", claim(aud="iemand-anders")),
    ("a list of other audiences", ANSWER, "aud", claim(aud=["iemand-anders"])),
    ("audience that is a number", ANSWER, "aud", claim(aud=7)),
    ("no audience", ANSWER, "aud", claim(aud=None)),
    ("two audiences without azp", ANSWER, "azp", claim(aud=["handboek", "iemand-anders"])),
    ("two audiences for another azp", ANSWER, "azp", claim(aud=[CLIENT, "iemand-anders"], azp="iemand-anders")),
    ("another azp", ANSWER, "azp", claim(azp="iemand-anders")),
    ("issuer that is a list", ANSWER, "iss", lambda p: claim(iss=[p.issuer])(p)),
    ("nonce that is a list", ANSWER, "nonce", lambda p: claim(nonce=[p.asked["nonce"]])(p)),
    ("another nonce", ANSWER, "nonce", claim(nonce="x" * 43)),
    ("no nonce", ANSWER, "nonce", claim(nonce=None)),
    ("empty nonce", ANSWER, "nonce", claim(nonce="")),
    ("no subject", ANSWER, "sub", claim(sub=None)),
    ("empty subject", ANSWER, "sub", claim(sub="")),
    ("blank subject", ANSWER, "sub", claim(sub="  ")),
    ("long subject", ANSWER, "sub", claim(sub="s" * 256)),
    ("subject with an end in it", ANSWER, "sub", claim(sub="s-1\0")),
    ("subject that is a number", ANSWER, "sub", claim(sub=7)),
    ("expired", CLOCK, "exp", later("exp", -61)),
    ("no exp", CLOCK, "exp", claim(exp=None)),
    ("exp that is no number", CLOCK, "exp", claim(exp="morgen")),
    ("endless", CLOCK, "exp", claim(exp=float("inf"))),
    ("no iat", CLOCK, "iat", claim(iat=None)),
    ("iat that is no number", CLOCK, "iat", claim(iat="nu")),
    ("made in the future", CLOCK, "iat", later("iat", 61)),
    ("made before the attempt", CLOCK, "iat", later("iat", -61)),
    ("not valid yet", CLOCK, "nbf", later("nbf", 61)),
    ("another at_hash", ANSWER, "at_hash", claim(at_hash="x" * 22)),
    ("empty at_hash", ANSWER, "at_hash", claim(at_hash="")),
    (
        "at_hash of another access token",
        ANSWER,
        "at_hash",
        lambda p: setattr(p, "tokens", lambda f: f.update(access_token="een-ander")),
    ),
    ("at_hash that is a number", ANSWER, "at_hash", claim(at_hash=7)),
    ("amr that is no list", ANSWER, "amr", claim(amr="mfa")),
    ("unknown kid", ANSWER, "kid", header(kid="onbekend")),
    ("kid that is a number", ANSWER, "kid", raw_header(alg="RS256", kid=7)),
    ("another key under the same kid", ANSWER, "token:bad_signature", signed_by(signing=lambda p: rsa_like(p))),
    ("no algorithm", ANSWER, "alg", raw_header(alg="none")),
    ("nothing about an algorithm", ANSWER, "", raw_header(kid="eerste")),
    ("no algorithm and no signature", ANSWER, "alg", token(lambda t: f"{NO_ALGORITHM}.{t.split('.')[1]}.")),
    (
        "HS256 with the public key",
        ANSWER,
        "alg",
        token(lambda t: signed_with_secret(t, "eerste", rsa("eerste").as_pem(private=False))),
    ),
    ("HS256 with the client secret", ANSWER, "alg", token(lambda t: signed_with_secret(t, "eerste", SECRET.encode()))),
    ("no signature", ANSWER, "token:bad_signature", token(lambda t: f"{t.rpartition('.')[0]}.")),
    ("changed after it was signed", ANSWER, "token:bad_signature", token(other_claims)),
    (
        "a key of its own in the token",
        ANSWER,
        "kid",
        signed_by(
            signing=rsa("vals"),
            header=lambda _: lambda found: found.update(jwk=rsa("vals").as_dict(private=False)),
        ),
    ),
    ("encrypted", ANSWER, "token:", token(lambda t: f"{t}.YQ.YQ")),
    ("an access token", ANSWER, "typ", header(typ="at+jwt")),
    ("a critical header we do not know", ANSWER, "token:", raw_header(alg="RS256", kid="eerste", crit=["exp"], exp=1)),
    ("no ID token", ANSWER, "no-id-token", lambda p: setattr(p, "tokens", lambda found: found.pop("id_token"))),
    ("no access token", ANSWER, "no-access", lambda p: setattr(p, "tokens", lambda found: found.pop("access_token"))),
    ("half a token", ANSWER, "token:", lambda p: setattr(p, "tokens", lambda f: f.update(id_token="a.b"))),
    ("large token", ANSWER, "id-token-size", lambda p: setattr(p, "tokens", lambda f: f.update(id_token="a" * 70_000))),
    ("userinfo of another", Reason.OTHER_PERSON, "userinfo:sub", userinfo(sub="s-2")),
    ("userinfo of several", Reason.OTHER_PERSON, "userinfo:sub", userinfo(sub=["s-1", "s-2"])),
    ("userinfo of nobody", Reason.OTHER_PERSON, "userinfo:sub", lambda p: setattr(p, "userinfo", lambda f: f.clear())),
]
SERVER_FAULTS: list[Fault] = [
    (
        f"{what} at {path}",
        AWAY,
        detail,
        reply(path, **answer),
    )
    for path in ("/.well-known/openid-configuration", "/jwks", "/token", "/userinfo")
    for what, detail, answer in (
        ("HTML", "not-json", {"body": b"<html>Onderhoud</html>", "kind": "text/html"}),
        ("500", "status-500", {"status": 500}),
        ("too much", "too-large", {"body": b'{"a": "' + b"a" * fetch.LARGEST + b'"}'}),
        ("a list", "not-json", {"body": b"[]"}),
        ("a token", "not-json", {"body": b"a.b.c", "kind": "application/jwt"}),
        ("slow", "timeout", {"seconds": SLOW}),
        ("elsewhere", "redirect", {"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}}),
    )
]
DISCOVERY_FAULTS: list[Fault] = [
    (f"{what} in discovery", Reason.DESCRIPTION, f"discovery:{detail}", make_wrong)
    for what, detail, make_wrong in (
        ("another issuer", "issuer", metadata(issuer="http://127.0.0.1:1")),
        ("no issuer", "issuer", metadata(issuer=None)),
        ("the issuer with a slash", "issuer", lambda p: metadata(issuer=f"{p.issuer}/")(p)),
        ("a token address without https", "token_endpoint", metadata(token_endpoint="http://idp.example/token")),
        ("no address of keys", "jwks_uri", metadata(jwks_uri=None)),
        ("a script to sign in", "authorization_endpoint", metadata(authorization_endpoint="javascript:alert(1)")),
        ("userinfo that is a list", "userinfo_endpoint", metadata(userinfo_endpoint=["https://idp.example"])),
    )
]
KEY_FAULTS: list[Fault] = [
    ("no keys", ANSWER, "kid", signed_by(published=lambda _: [])),
    ("a key to encrypt with", ANSWER, "kid", signed_by(published=lambda _: [imported("eerste", {"use": "enc"})])),
    (
        "a key for another algorithm",
        ANSWER,
        "kid",
        signed_by(published=lambda _: [imported("eerste", {"alg": "PS256"})]),
    ),
    ("a key of another kind by that kid", ANSWER, "kid", signed_by(published=lambda _: [ec("eerste")])),
    ("another key by that kid", ANSWER, "token:bad_signature", signed_by(published=lambda p: [rsa_like(p)])),
]


def imported(name: str, more: KeyParameters) -> RSAKey:
    """Return a key that says more of itself."""
    return RSAKey.import_key(rsa(name).as_pem(private=True), {"kid": name, **more})


def rsa_like(provider: Provider) -> Any:
    """Return another key that calls itself what the right one does."""
    return RSAKey.import_key(rsa("vals").as_pem(private=True), {"kid": str(provider.key.kid)})


def reset(provider: Provider) -> None:
    fresh = Provider(provider.port, provider.now)
    for name in Provider.__dataclass_fields__:
        setattr(provider, name, getattr(fresh, name))


def forget(site: Site) -> None:
    """Let the process forget what it knows of the providers, as after an hour."""
    site.clock.forward(hours=2)


def count(site: Site, table: Any) -> int:
    with site.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def numbers(site: Site) -> tuple[int, int]:
    """Return how many sessions and people there are."""
    return count(site, SignedInSession), count(site, Person)


def last_refusal(site: Site) -> Mapping[str, Any]:
    with site.database.reading() as session:
        query = select(Event).where(Event.action == Action.SSO_REFUSED.value).order_by(Event.number.desc())
        found = session.scalars(query).first()
        assert found
        return found.details


@dataclass
class Try:
    """One attempt with a fault, in a browser in which nobody is signed in."""

    site: Site
    provider: Provider

    def refused(self, name: str, reason: Reason, detail: str, visitor: Visitor, answer: Any) -> None:
        assert answer.status_code != 303, f"{name} signed somebody in"
        page = words(parse(answer).xpath("//main")[0])
        assert answer.status_code == reason.value.status, f"{name}: {answer.status_code} {page}"
        assert reason.value.title.format(wie="Hofstad Wonen") in page, f"{name}: {page}"
        found = re.search(r"kenmerk ([A-Z0-9]{4}-[A-Z0-9]{4})", page)
        assert found, name
        told = last_refusal(self.site)
        assert told["reference"] == found[1], name
        assert detail in told["detail"], f"{name}: {told}"
        assert visitor.get("/").status_code == 303, f"{name} signed somebody in"

    def clean(self, name: str) -> None:
        reset(self.provider)
        visitor = self.site.visitor()
        answer = depart(visitor, self.provider).back()
        assert (answer.status_code, answer.headers.get("Location")) == (303, "/"), f"after {name}"
        assert visitor.get("/mijn-sessies").status_code == 200


@pytest.fixture
def trial(partner_site: Site, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Try:
    monkeypatch.setattr(fetch, "SECONDS", SLOW / 3)
    return Try(partner_site, provider)


def test_a_wrong_token_signs_nobody_in(trial: Try, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "portal"):
        for name, reason, detail, make_wrong in TOKEN_FAULTS:
            visitor = trial.site.visitor()
            journey = depart(visitor, trial.provider)
            make_wrong(trial.provider)
            before = numbers(trial.site)
            trial.refused(name, reason, detail, visitor, journey.back())
            assert numbers(trial.site) == before, name
            trial.clean(name)
            trial.site.clock.forward(seconds=70)  # keys are fetched again a few times a minute
    told = caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    for secret in ("een-code", "nieuw@hofstad.example", "toegang", "s-1"):
        assert secret not in told.replace("/toegang", ""), secret
    with trial.site.database.reading() as session:
        assert verify(session).faults == []


def test_a_server_that_answers_badly_signs_nobody_in(trial: Try) -> None:
    for name, reason, detail, make_wrong in (*SERVER_FAULTS, *DISCOVERY_FAULTS):
        before = numbers(trial.site)
        visitor = trial.site.visitor()
        journey = depart(visitor, trial.provider)
        make_wrong(trial.provider)
        if "/token" in name or "/userinfo" in name:
            trial.refused(name, reason, detail, visitor, journey.back())
        else:
            forget(trial.site)
            trial.refused(name, reason, detail, visitor, visitor.get("/sso/hofstad/start"))
        assert numbers(trial.site) == before, name
        trial.clean(name)


def test_a_key_that_is_not_for_this_signs_nobody_in(trial: Try) -> None:
    for name, reason, detail, make_wrong in KEY_FAULTS:
        make_wrong(trial.provider)
        forget(trial.site)
        visitor, before = trial.site.visitor(), numbers(trial.site)
        trial.refused(name, reason, detail, visitor, depart(visitor, trial.provider).back())
        assert numbers(trial.site) == before, name
        forget(trial.site)
        trial.clean(name)


def test_a_token_of_another_attempt_signs_nobody_in(trial: Try) -> None:
    kept: dict[str, Any] = {}
    trial.provider.tokens = kept.update
    for fresh in (False, True):
        visitor = trial.site.visitor()
        assert depart(visitor, trial.provider).back().status_code == 303
        visitor.post("/afmelden", token_from="/mijn-sessies")
        visitor = trial.site.visitor() if fresh else visitor
        journey = depart(visitor, trial.provider)
        trial.provider.tokens = lambda found: found.update(kept)
        trial.refused("replayed", ANSWER, "nonce", visitor, journey.back())
        trial.clean("replayed")
        trial.provider.tokens = kept.update


def test_an_address_that_a_provider_names_elsewhere_is_not_fetched(trial: Try) -> None:
    """Aggregated and distributed claims (OpenID Connect Core 5.6.2): what they hold is not looked at."""
    sources = {"there": {"endpoint": f"{trial.provider.issuer}/elders"}, "here": {"JWT": trial.provider.issuer}}
    for source in sources:
        trial.provider.person = person(sub=source, _claim_names={"email": source}, _claim_sources=sources)
        del trial.provider.person["email"]
        visitor = trial.site.visitor()
        answer = depart(visitor, trial.provider).back()
        trial.refused(f"an address {source}", Reason.INCOMPLETE, "claims:elsewhere", visitor, answer)
        assert "/elders" not in trial.provider.calls
        trial.clean(f"an address {source}")
        trial.site.clock.forward(minutes=1)


def test_a_state_works_once_in_its_own_browser_at_its_own_provider(trial: Try, partner_site: Site) -> None:
    visitor, stranger = partner_site.visitor(), partner_site.visitor()
    first, second = depart(visitor, trial.provider), depart(visitor, trial.provider)
    depart(stranger, trial.provider)
    theft = stranger.get("/sso/hofstad/terug", query_string={"code": "c", "state": first.asked["state"]})
    trial.refused("another browser", Reason.EXPIRED, "state", stranger, theft)
    for state in (None, "", "x" * 43):
        trial.refused(f"state {state}", Reason.EXPIRED, "state", visitor, first.back(state=state))
    assert len({first.asked["state"], second.asked["state"], first.asked["nonce"], second.asked["nonce"]}) == 4
    assert all(len(secret) >= 43 for secret in (first.asked["state"], first.asked["nonce"]))
    trial.provider.asked = first.asked
    assert visitor.client.head("/sso/hofstad/terug", query_string={"state": first.asked["state"]}).status_code == 200
    assert first.back().status_code == 303  # an older tab than the last one
    again = first.back()
    assert (again.status_code, Reason.USED.value.title in again.get_data(as_text=True)) == (410, True)
    late = depart(stranger, trial.provider)
    partner_site.clock.forward(minutes=31)
    trial.refused("too late", Reason.EXPIRED, "state", stranger, late.back())
    trial.clean("states")


def test_an_answer_of_another_provider_is_refused(trial: Try, partner_site: Site) -> None:
    with running(partner_site.clock) as other:
        connect(partner_site, other.issuer, "zorg", "Zorg Hofstad")
        visitor = partner_site.visitor()
        journey = depart(visitor, trial.provider)
        wrong = visitor.get("/sso/zorg/terug", query_string={"code": "c", "state": journey.asked["state"]})
        assert (wrong.status_code, last_refusal(partner_site)["reason"]) == (400, "mixed_up")
        assert other.calls == []
        trial.refused("spent by that", Reason.USED, "state", visitor, journey.back())
        for issuer in (other.issuer, "", f"{trial.provider.issuer}/"):
            trial.refused(
                issuer, Reason.MIXED_UP, "response:iss", visitor, depart(visitor, trial.provider).back(iss=issuer)
            )
        assert depart(visitor, trial.provider).back(iss=trial.provider.issuer).status_code == 303
    promised = {"authorization_response_iss_parameter_supported": True}
    trial.provider.metadata = lambda found: found.update(promised)
    forget(partner_site)
    visitor = partner_site.visitor()
    trial.refused("no iss", Reason.MIXED_UP, "response:no-iss", visitor, depart(visitor, trial.provider).back())
    assert depart(visitor, trial.provider).back(iss=trial.provider.issuer).status_code == 303


def test_an_error_of_the_provider_has_its_own_page(trial: Try) -> None:
    told = {
        "access_denied": Reason.DENIED,
        "temporarily_unavailable": Reason.UNREACHABLE,
        "invalid_scope": Reason.SET_UP,
        "<script>alert(1)</script>": Reason.SET_UP,
    }
    for error, reason in told.items():
        visitor = trial.site.visitor()
        answer = depart(visitor, trial.provider).back(error=error, error_description="<b>geheim</b>", code=None)
        trial.refused(error, reason, "", visitor, answer)
        assert "geheim" not in answer.get_data(as_text=True)
        assert "script" not in last_refusal(trial.site)["detail"]
    visitor = trial.site.visitor()
    trial.refused("no code", Reason.ANSWER, "no-code", visitor, depart(visitor, trial.provider).back(code=None))
    trial.refused("twice", Reason.ANSWER, "twice", visitor, visitor.get("/sso/hofstad/terug?code=a&code=b&state=c"))
    trial.clean("errors")


def test_keys_rotate_without_anybody_noticing(trial: Try) -> None:
    trial.clean("the first key")
    for key, algorithm in ((rsa("tweede"), "RS256"), (ec("derde"), "ES256"), (rsa("vierde"), "PS256")):
        trial.provider.key, trial.provider.algorithm = key, algorithm
        assert depart(trial.site.visitor(), trial.provider).back().status_code == 303
    reset(trial.provider)
    trial.provider.calls.clear()
    trial.provider.header = lambda found: found.update(kid="bestaat-niet")
    for _ in range(12):
        assert depart(trial.site.visitor(), trial.provider).back().status_code == 400
    assert trial.provider.calls.count("/jwks") <= 5, "an unknown kid makes us fetch without end"
    trial.clean("many unknown keys")
    trial.site.clock.forward(hours=-1)  # our clock was wrong and is set right
    trial.clean("a clock set back")
    trial.provider.key = rsa("vijfde")
    assert depart(trial.site.visitor(), trial.provider).back().status_code == 303
    trial.site.clock.forward(minutes=2)
    reset(trial.provider)
    forget(trial.site)
    trial.provider.header = lambda found: found.pop("kid")
    assert depart(trial.site.visitor(), trial.provider).back().status_code == 303  # there is only one key it can be
    trial.provider.published = [rsa("eerste"), rsa("tweede")]
    forget(trial.site)
    assert depart(trial.site.visitor(), trial.provider).back().status_code == 400


def test_clocks_may_differ_a_minute_either_way(trial: Try) -> None:
    for seconds in (-59, 59):
        visitor = trial.site.visitor()
        journey = depart(visitor, trial.provider)
        moment = int(trial.site.clock().timestamp()) + seconds
        claim(iat=moment, nbf=moment, exp=moment + (1 if seconds < 0 else 300))(trial.provider)
        assert journey.back().status_code == 303, seconds
