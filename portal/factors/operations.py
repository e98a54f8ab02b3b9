"""Setting a second factor up, showing it, and taking it away. Each leaves a line in the log and tells the person."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, literal, or_, select, update
from sqlalchemy.orm import Session

from portal.access.models import Person, SignedInSession
from portal.access.queries import person_by_address
from portal.access.safeguards import end_sessions_of, one_at_a_time
from portal.audit.models import Action, Event
from portal.audit.operations import Actor, record
from portal.config import Config
from portal.factors import letters, totp
from portal.factors.models import Passkey, RecoveryCode, Totp
from portal.factors.queries import held
from portal.lib.errors import Gone, InvalidInput, NotFound, TooMany
from portal.lib.tokens import CODE_LETTERS, Seal, keyed_hash, new_token, tidy_code, token_hash
from portal.notifications.operations import queue

FRESH = timedelta(minutes=10)
"""How long a shown factor counts for risky actions: an editor publishes within it without being asked twice, and a
screen that was left alone for a coffee is asked again (ASVS V7.5.3 leaves the time to us)."""
TRIES = 5
TRIES_WINDOW = timedelta(minutes=10)
TRIES_A_DAY = 50
"""Of one person in all their sessions: who got past the first step may begin as many as they like, and of a million
codes three are right at any time. NIST SP 800-63B (5.2.2) allows 100."""
CODES = 10
CODE_LENGTH = 10
"""Of 32 letters and digits: 50 bits."""
CODE, PASSKEY = "code", "passkey"
"""How a factor is shown, in the log."""
APP, A_PASSKEY, CODES_NAME = "Een app met codes", "Een passkey", "Herstelcodes"

CODE_IS_WRONG = "Deze code klopt niet. Vul de zes cijfers in die de app nu toont, of een herstelcode."
CODE_WAS_USED = "Deze code is al gebruikt. Wacht tot de app een nieuwe code toont en vul die in."
TOO_MANY_TRIES = "U hebt te vaak een verkeerde code ingevuld. Wacht tien minuten en probeer het dan opnieuw."
TOO_MANY_TODAY = (
    "Er zijn vandaag te veel verkeerde codes ingevuld bij uw account. Gebruik een passkey of een herstelcode. Hebt u "
    "die niet? Probeer het morgen opnieuw of bel het info- en meldpunt."
)
OWN_FACTOR = "U kunt uw eigen tweede stap hier niet weghalen. Vraag een andere beheerder om dit te doen."
NOT_READABLE = "Uw app hoort niet meer bij dit handboek. Vraag een beheerder om uw tweede stap weg te halen."
LAST_ONE = "Dit is uw enige tweede stap, en voor uw rechten is er een nodig. Voeg eerst een andere toe."


@dataclass(frozen=True)
class Vault:
    """What an installation brings to keeping factors: its settings and its seal."""

    config: Config
    seal: Seal


def is_fresh(row: SignedInSession, at: datetime) -> bool:
    """Whether a factor was shown in this session short enough ago for a risky action."""
    return row.factor_at is not None and at - row.factor_at < FRESH


def note_shown(session: Session, row: SignedInSession, how: str, *, by: Actor, at: datetime) -> str:
    """Note that a factor was shown in a session, and return the new secret of that session (ASVS V7.2.4)."""
    token = new_token()
    row.token_hash, row.factor_at, row.factor_tries = token_hash(token), at, 0
    session.flush()
    record(session, Action.FACTOR_SHOWN, by=by, subject=f"session:{row.id}", at=at, how=how)
    return token


def claim_try(session: Session, number: int, at: datetime) -> None:
    """Take one of the tries of the session with this number, before a code is looked at.

    Commit it whatever comes of that. Counted by session, so that nobody can lock somebody else out. Raises TooMany
    after five in ten minutes.
    """
    kind = SignedInSession.factor_tried_at.type
    over = or_(SignedInSession.factor_tried_at.is_(None), SignedInSession.factor_tried_at <= at - TRIES_WINDOW)
    claimed = session.execute(
        update(SignedInSession)
        .where(SignedInSession.id == number, or_(over, SignedInSession.factor_tries < TRIES))
        .values(
            factor_tries=case((over, 1), else_=SignedInSession.factor_tries + 1),
            factor_tried_at=case((over, literal(at, kind)), else_=SignedInSession.factor_tried_at),
        )
        .returning(SignedInSession.id)
        .execution_options(synchronize_session=False)
    ).first()
    if claimed is None:
        raise TooMany(TOO_MANY_TRIES)


def note_failure(session: Session, vault: Vault, number: int, how: str, *, by: Actor, at: datetime) -> None:
    """Write down that a factor was not right. With the last wrong code the person is told: somebody has their mail."""
    record(session, Action.FACTOR_FAILED, by=by, subject=f"session:{number}", at=at, how=how)
    row = session.get_one(SignedInSession, number)
    if how == CODE and row.factor_tries == TRIES:
        tell(session, vault, row.person, letters.guessed(vault.config, row.person), at)


def take_code(session: Session, vault: Vault, person: Person, typed: str, at: datetime) -> int | None:
    """Use a code of the app, or a recovery code; of the latter return how many are left.

    Raises InvalidInput when it is wrong or was used, TooMany when codes of the app were guessed at too often. Each
    works once, by an atomic update.
    """
    tidy = tidy_code(typed)
    if len(tidy) == totp.DIGITS and tidy.isdigit():
        _take_app_code(session, vault, person, tidy, at)
        return None
    used = session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
        .where(RecoveryCode.code_hash == _code_hash(vault, person, tidy))
        .values(used_at=at)
        .returning(RecoveryCode.id)
    ).first()
    if used is None:
        raise InvalidInput(CODE_IS_WRONG)
    return held(session, person.id).codes_left


def _take_app_code(session: Session, vault: Vault, person: Person, typed: str, at: datetime) -> None:
    app = held(session, person.id).app
    if app:
        _refuse_guessing(session, app, at)
    step = totp.step_of(_opened(vault, app.sealed_secret), typed, at) if app and app.sealed_secret else None
    if step is None:
        raise InvalidInput(CODE_IS_WRONG)
    taken = session.execute(
        update(Totp)
        .where(Totp.person_id == person.id, Totp.last_counter < step)
        .values(last_counter=step, used_at=at)
        .returning(Totp.person_id)
    ).first()
    if taken is None:
        raise InvalidInput(CODE_WAS_USED)


def _refuse_guessing(session: Session, app: Totp, at: datetime) -> None:
    """Raise TooMany after too many wrong codes of one person in a day, or since they have this app."""
    since = max(at - timedelta(days=1), app.made_at or at)
    failed = session.scalar(
        select(func.count())
        .select_from(Event)
        .where(Event.person_id == app.person_id, Event.action == Action.FACTOR_FAILED.value, Event.at > since)
    )
    if (failed or 0) >= TRIES_A_DAY:
        raise TooMany(TOO_MANY_TODAY)


def begin_app(session: Session, vault: Vault, person: Person) -> None:
    """Make a new secret for an app. An app that was set up before goes on until a code of the new one is typed."""
    app = session.get(Totp, person.id) or Totp(person_id=person.id, last_counter=0)
    app.sealed_new_secret = vault.seal.close(base64.b32encode(totp.new_secret()).decode())
    session.add(app)
    session.flush()


def new_app_secret(session: Session, vault: Vault, person: Person) -> bytes | None:
    """Return the secret of an app that is being set up."""
    app = session.get(Totp, person.id)
    return _opened(vault, app.sealed_new_secret) if app and app.sealed_new_secret else None


def finish_app(session: Session, vault: Vault, person: Person, typed: str, *, by: Actor, at: datetime) -> None:
    """Let the new app count, when this is a code of it. Raises Gone when none is being set up, InvalidInput if not."""
    app, secret = session.get(Totp, person.id), new_app_secret(session, vault, person)
    if app is None or secret is None:
        raise Gone("Deze instelling is al klaar, of in een ander venster opnieuw begonnen. Kijk bij Mijn aanmelding.")
    step = totp.step_of(secret, tidy_code(typed), at)
    if step is None:
        raise InvalidInput("Deze code klopt niet. Vul de zes cijfers in die de app nu toont.")
    app.sealed_secret, app.sealed_new_secret = app.sealed_new_secret, None
    app.last_counter, app.made_at, app.used_at = step, at, at
    session.flush()
    note_added(session, vault, person, "app", APP, by=by, at=at)


def note_added(
    session: Session, vault: Vault, person: Person, kind: str, what: str, *, by: Actor, at: datetime
) -> None:
    """Write down that a person has a new factor, and tell them (ASVS V6.3.7)."""
    record(session, Action.FACTOR_ADDED, by=by, subject=f"person:{person.id}", at=at, kind=kind)
    tell(session, vault, person, letters.added(vault.config, person, what), at)


def new_codes(session: Session, vault: Vault, person: Person, *, by: Actor, at: datetime) -> tuple[str, ...]:
    """Return ten new recovery codes in two halves; those of before work no more."""
    codes = ["".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    session.add_all(RecoveryCode(person_id=person.id, code_hash=_code_hash(vault, person, code)) for code in codes)
    session.flush()
    note_added(session, vault, person, "codes", CODES_NAME, by=by, at=at)
    half = CODE_LENGTH // 2
    return tuple(f"{code[:half]}-{code[half:]}" for code in codes)


def are_codes_of(session: Session, vault: Vault, person: Person, codes: tuple[str, ...]) -> bool:
    """Whether all of these are unused recovery codes of this person."""
    known = select(RecoveryCode.code_hash).where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
    return bool(codes) and {_code_hash(vault, person, tidy_code(code)) for code in codes} <= set(session.scalars(known))


def remove_passkey(session: Session, vault: Vault, person: Person, number: int, *, by: Actor, at: datetime) -> None:
    """Remove one passkey of a person. Raises NotFound, InvalidInput when it is the last factor and one is needed."""
    one_at_a_time(session)
    passkey = next((one for one in held(session, person.id).passkeys if one.id == number), None)
    if passkey is None:
        raise NotFound
    refuse_to_lose_last(session, person)
    session.delete(passkey)
    _after_removal(session, vault, person, PASSKEY, A_PASSKEY, by=by, at=at)


def remove_app(session: Session, vault: Vault, person: Person, *, by: Actor, at: datetime) -> None:
    """Remove the app of a person. Raises NotFound, InvalidInput when it is the last factor and one is needed."""
    one_at_a_time(session)
    if held(session, person.id).app is None:
        raise NotFound
    refuse_to_lose_last(session, person)
    session.execute(delete(Totp).where(Totp.person_id == person.id))
    _after_removal(session, vault, person, "app", APP, by=by, at=at)


def refuse_to_lose_last(session: Session, person: Person) -> None:
    """Raise InvalidInput when a person has one factor only and cannot do without."""
    if person.is_staff and held(session, person.id).count == 1:
        raise InvalidInput(LAST_ONE)


def _after_removal(
    session: Session, vault: Vault, person: Person, kind: str, what: str, *, by: Actor, at: datetime
) -> None:
    session.flush()
    if not held(session, person.id).any:
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    record(session, Action.FACTOR_REMOVED, by=by, subject=f"person:{person.id}", at=at, kind=kind)
    tell(session, vault, person, letters.removed(vault.config, person, what), at)


def reset_factor(session: Session, vault: Vault, *, address: str, by: Actor, at: datetime) -> Person:
    """Take every factor of a person away and end their sessions; who needs one sets it up at the next sign-in.

    For who lost theirs: another beheerder, or whoever has the server, vouches that it is them (ASVS V6.4.4). Raises
    NotFound, and InvalidInput when it is one's own: a session that was left open must not be enough.
    """
    one_at_a_time(session)
    person = person_by_address(session, address)
    if person is None:
        raise NotFound(f"Er is geen persoon met het adres {address}.")
    if by.person_id == person.id:
        raise InvalidInput(OWN_FACTOR)
    for table in (Passkey, Totp, RecoveryCode):
        session.execute(delete(table).where(table.person_id == person.id))
    end_sessions_of(session, [person.id], at)
    record(session, Action.FACTOR_RESET, by=by, subject=f"person:{person.id}", at=at)
    tell(session, vault, person, letters.reset(vault.config, person), at)
    return person


def _code_hash(vault: Vault, person: Person, code: str) -> str:
    return keyed_hash(vault.config.secret_key, "recovery", str(person.id), code)


def _opened(vault: Vault, sealed: str) -> bytes:
    try:
        return base64.b32decode(vault.seal.open(sealed))
    except ValueError as error:  # the secret key of the installation is another one than when the app was set up
        raise InvalidInput(NOT_READABLE) from error


def tell(session: Session, vault: Vault, person: Person, letter: tuple[str, str], at: datetime) -> None:
    """Queue a letter about how a person signs in, subject and text, to that person (ASVS V6.3.7)."""
    subject, text = letter
    queue(session, vault.seal, address=person.email, subject=subject, text=text, at=at)
