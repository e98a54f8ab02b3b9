"""The codes of RFC 6238, appendix B, and what an app is given."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.factors.totp import address_of, code_at, counter_of, in_groups, new_secret, step_of

RFC_SECRET = b"12345678901234567890"
RFC_CODES = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}


def test_the_codes_are_those_of_the_rfc() -> None:
    for seconds, code in RFC_CODES.items():
        assert code_at(RFC_SECRET, seconds // 30, digits=8) == code
        assert code_at(RFC_SECRET, seconds // 30) == code[2:]


@pytest.mark.parametrize(("step", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off_either_way(step: int, right: bool) -> None:
    at = datetime(2026, 12, 1, 9, 0, 15, tzinfo=UTC)
    code = code_at(RFC_SECRET, counter_of(at + timedelta(seconds=30 * step)))
    assert (step_of(RFC_SECRET, code, at) == counter_of(at) + step) is right


def test_an_app_is_given_what_it_needs() -> None:
    assert len(new_secret()) == 20
    assert new_secret() != new_secret()
    assert in_groups(RFC_SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    assert address_of(RFC_SECRET, issuer="Handboek HMD/HOV", account="a@b.example") == (
        "otpauth://totp/Handboek%20HMD%2FHOV:a@b.example"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Handboek%20HMD%2FHOV"
    )
