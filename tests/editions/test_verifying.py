"""A file that says it is an edition: every change shows, and nothing it is made of does harm."""

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.editions import verifying
from portal.editions.bundle import KEY, MANIFEST, SIGNATURE, file_entry, pack
from portal.editions.signing import SigningKey, in_groups, tidy
from portal.editions.verifying import NoEdition, examine, examine_file
from tests.conftest import LONG
from tests.editions.editions import FILES, OTHER, SECRET, keys, sealed, signed, tiny, unpacked

OURS, THEIRS = keys()
PAGE = "index.html"
Files = dict[str, bytes]
FINGERPRINT = "39225cc76ad07a79aa621c3793261108ddf533d75e5b0fb77f7112508ba7969e"
"""Of the key of the tests, for ever: an update of this program may not give an installation another key."""


def test_a_sound_edition_says_what_it_is() -> None:
    verdict = examine(tiny())
    assert verdict.faults == ()
    assert verdict.stated
    assert (verdict.stated.release, verdict.stated.everything, verdict.stated.files) == (1, False, 2)
    assert verdict.fingerprint == OURS.public.fingerprint


def test_the_form_of_an_edition_never_changes() -> None:
    """Editions are kept for years: when a newer library packs other bytes than these, they would all seem changed."""
    packed = pack({"b/u": b"twee", "a.html": b"een"})
    assert hashlib.sha256(packed).hexdigest() == "32d9fc81d1df496f1440cb8b194f2ecc50646d2d8149cc1b796c5945b684f9bf"


def test_the_key_follows_from_the_secret_key_and_tells_nothing_of_it() -> None:
    assert SigningKey(SECRET).public.pem == OURS.public.pem
    assert OURS.public.fingerprint == FINGERPRINT
    assert OURS.public.fingerprint != THEIRS.public.fingerprint
    assert tidy(f" {in_groups(OURS.public.fingerprint).upper()}\n") == OURS.public.fingerprint


def changed(change: Callable[[Files], object]) -> bytes:
    """Return a sound edition in which somebody changed files, packed again with care."""
    files = signed(FILES)
    change(files)
    return pack(files)


def resigned(**said: Any) -> bytes:
    return pack(signed(FILES, **said))


def spliced(at: int, with_bytes: bytes) -> bytes:
    data = tiny()
    return data[:at] + with_bytes + data[at:]


def zipped(*entries: tuple[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", how) as bundle:
        for name, data in entries:
            bundle.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, compress_type=how)
    return target.getvalue()


def entries() -> list[tuple[str, bytes]]:
    return sorted(signed(FILES).items())


def with_end(**values: int) -> bytes:
    """Return a sound edition whose last 22 bytes promise something else."""
    data = tiny()
    names = ("signature", "disk", "start", "here", "count", "size", "offset", "comment")
    end = dict(zip(names, struct.unpack("<4s4H2LH", data[-22:]), strict=True))
    return data[:-22] + struct.pack("<4s4H2LH", *{**end, **values}.values())


ROWS = [file_entry(name, FILES[name]) for name in sorted(FILES)]
TAMPERED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a page changed": (lambda: changed(lambda f: f.update({PAGE: f[PAGE] + b" "})), "index.html is veranderd"),
    "a page of the same length": (lambda: changed(lambda f: f.update({PAGE: f[PAGE].upper()})), "is veranderd"),
    "a file removed": (lambda: changed(lambda f: f.pop(PAGE)), "index.html ontbreekt"),
    "a file added": (lambda: changed(lambda f: f.update({"extra.html": b"x"})), "extra.html hoort niet"),
    "a file renamed": (lambda: changed(lambda f: f.update({"start.html": f.pop(PAGE)})), "index.html ontbreekt"),
    "two files swapped": (
        lambda: changed(
            lambda f: f.update(zip(sorted(FILES), reversed([FILES[n] for n in sorted(FILES)]), strict=True))
        ),
        "is veranderd",
    ),
    "the manifest changed": (lambda: changed(lambda f: f.update({MANIFEST: f[MANIFEST] + b"\n"})), "handtekening"),
    "page and manifest changed": (
        lambda: changed(lambda f: f.update({PAGE: b"x", MANIFEST: signed({**FILES, PAGE: b"x"})[MANIFEST]})),
        "handtekening",
    ),
    "another key signed": (lambda: changed(lambda f: f.update({SIGNATURE: THEIRS.sign(f[MANIFEST])})), "handtekening"),
    "another key beside it": (lambda: changed(lambda f: f.update({KEY: THEIRS.public.pem})), "handtekening"),
    "another key twice": (
        lambda: changed(lambda f: f.update({KEY: THEIRS.public.pem, SIGNATURE: THEIRS.sign(f[MANIFEST])})),
        "noemt een andere sleutel",
    ),
    "no manifest": (lambda: changed(lambda f: f.pop(MANIFEST)), "manifest.json ontbreekt"),
    "no signature": (lambda: changed(lambda f: f.pop(SIGNATURE)), "manifest.sig ontbreekt"),
    "no key": (lambda: changed(lambda f: f.pop(KEY)), "sleutel.pem ontbreekt"),
    "half a signature": (lambda: changed(lambda f: f.update({SIGNATURE: f[SIGNATURE][:32]})), "handtekening"),
    "a key that is none": (lambda: changed(lambda f: f.update({KEY: b"-----BEGIN"})), "geen sleutel"),
    "words before the key": (lambda: changed(lambda f: f.update({KEY: b"ik ben het\n" + f[KEY]})), "geen sleutel"),
    "a file listed twice": (lambda: resigned(bestanden=[*ROWS, ROWS[0]]), "twee keer"),
    "a file listed of another size": (lambda: resigned(bestanden=[ROWS[0], {**ROWS[1], "grootte": 0}]), "is veranderd"),
    "a way up in the list": (
        lambda: resigned(bestanden=[*ROWS, file_entry("../../x\x1b[2J", b"")]),
        "../../x\\x1b[2J ontbreekt",
    ),
    "no list": (lambda: resigned(bestanden="alle"), "niet volledig"),
    "a list of numbers": (lambda: resigned(bestanden=[1, 2]), "noemt geen bestanden"),
    "a list of lists as names": (lambda: resigned(bestanden=[{"naam": []}]), "noemt geen bestanden"),
    "a newer manifest": (lambda: resigned(schema=2), "nieuwere versie"),
    "a release that is no number": (lambda: resigned(uitgave="\x1b[31m1"), "niet volledig"),
    "a day that is none": (lambda: resigned(gaat_in_op="2026-13-45"), "geen dag"),
    "contents for whom": (lambda: resigned(inhoud="iedereen"), "niet volledig"),
    "a manifest that is a list": (lambda: pack(sealed(FILES, b"[1]", OURS)), "noemt een andere sleutel"),
    "a manifest in another script": (lambda: pack(sealed(FILES, b"\xff\xfe\x00", OURS)), "niet te lezen"),
    "brackets without end": (lambda: pack(sealed(FILES, b"[" * 200_000, OURS)), "niet te lezen"),
    "a number without end": (lambda: pack(sealed(FILES, b"9" * 200_000, OURS)), "niet te lezen"),
    "nothing": (lambda: b"", "geen ZIP"),
    "half of it": (lambda: tiny()[: len(tiny()) // 2], "niet heel"),
    "its last byte": (lambda: tiny()[:-1], "niet heel"),
    "something behind it": (lambda: tiny() + b"!", "niet heel"),
    "a comment": (lambda: tiny()[:-2] + b"\1\0!", "niet heel"),
    "something before it": (lambda: b"PK" + tiny(), "inhoudsopgave"),
    "something between its files": (lambda: spliced(tiny().index(b"PK\1\2"), b"verborgen"), "inhoudsopgave"),
    "sixty thousand files": (lambda: with_end(here=60_000, count=60_000), "te veel bestanden"),
    "no files": (lambda: zipped(), "te veel bestanden"),
    "a list larger than its files": (lambda: with_end(size=2**31), "inhoudsopgave"),
    "a ZIP64 file": (lambda: tiny()[:-22] + b"PK\6\7" + bytes(16) + tiny()[-22:], "te veel bestanden"),
    "a bomb": (lambda: zipped(("index.html", bytes(10_000_000)), how=zipfile.ZIP_DEFLATED), "niet samengeperst"),
    "another way to press": (lambda: zipped(("index.html", bytes(99)), how=zipfile.ZIP_LZMA), "niet samengeperst"),
    "packed again": (lambda: zipped(*entries(), how=zipfile.ZIP_DEFLATED), "niet samengeperst"),
    "packed again, not pressed": (lambda: zipped(*entries()), "opnieuw ingepakt"),
    "another order": (lambda: zipped(*reversed(entries())), "opnieuw ingepakt"),
    "the same name twice": (lambda: zipped(*entries(), *entries()[:1]), "twee bestanden"),
    "names that differ in capitals": (lambda: zipped(("a.html", b""), ("A.html", b"")), "twee bestanden"),
}
SLIPS = ("../x", "/etc/passwd", "a/../../x", "C:/x", "a\\..\\x", ".ssh", "a//b", "a/", "x\x1b[2J", "é.html", "a..b", "")


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")  # the library warns; a hostile file would not
@pytest.mark.parametrize("kind", TAMPERED)
def test_what_was_changed_is_named(kind: str) -> None:
    make, expected = TAMPERED[kind]
    verdict = examine(make())
    assert verdict.faults
    assert expected in "\n".join(verdict.faults)
    assert "\x1b" not in "\n".join(verdict.faults)


@pytest.mark.parametrize("name", SLIPS)
def test_a_name_that_leads_elsewhere_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    data = zipped((name, b"x"))
    assert "zo heet geen bestand" in examine(data).faults[0]
    assert list(tmp_path.iterdir()) == []


def test_files_that_share_their_bytes_are_refused() -> None:
    """Overlapping entries make a small file promise a large one, without any pressing."""
    data = bytearray(zipped(("a.html", b"x" * 5000), ("b.html", b"y" * 5000)))
    second = data.rindex(b"PK\1\2")
    first_offset = data[data.index(b"PK\1\2") + 42 :][:4]
    data[second + 42 : second + 46] = first_offset
    assert examine(bytes(data)).faults


def test_whoever_signs_with_a_key_of_their_own_is_known_by_it() -> None:
    verdict = examine(pack(signed(FILES, THEIRS)))
    assert verdict.faults == ()
    assert verdict.fingerprint == SigningKey(OTHER).public.fingerprint != OURS.public.fingerprint


def test_only_a_file_of_a_reasonable_size_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (tmp_path, tmp_path / "niets", Path("/dev/zero")):
        with pytest.raises(NoEdition, match="geen bestand"):
            examine_file(wrong)
    large = tmp_path / "groot.zip"
    with large.open("wb") as file:
        file.truncate(2**40)  # a file with a hole in it takes no room
    with pytest.raises(NoEdition, match="te groot"):
        examine_file(large)
    monkeypatch.setattr(verifying, "MOST_MANIFEST", 10)
    assert "niet te lezen" in examine(tiny()).faults[0]


SOUND = tiny()
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["naam", "sha256"]), inner, max_size=3),
    max_leaves=9,
)
RIGHT = json.loads(unpacked(SOUND)[MANIFEST])


@settings(max_examples=2000 if LONG else 200)
@given(
    start=st.integers(0, len(SOUND)),
    taken=st.integers(0, 60),
    put=st.binary(max_size=60),
    how=st.sampled_from(["anywhere", "in the list of contents", "at the end"]),
)
def test_whatever_is_done_to_its_bytes_shows(start: int, taken: int, put: bytes, how: str) -> None:
    if how != "anywhere":
        first = SOUND.index(b"PK\1\2") if how == "in the list of contents" else len(SOUND) - 22
        start = first + start % (len(SOUND) - first)
    data = SOUND[:start] + put + SOUND[start + taken :]
    assert (examine(data).faults == ()) is (data == SOUND)


@settings(max_examples=500 if LONG else 60)
@given(ANYTHING)
def test_a_signed_manifest_may_say_anything(said: Any) -> None:
    for key in RIGHT:
        verdict = examine(resigned(**{key: said}))
        assert verdict.faults or said == RIGHT[key] or (key == "uitgave" and type(said) is int), (key, said)
    assert examine(pack(sealed(FILES, json.dumps(said).encode(), OURS))).faults


def test_every_single_byte_counts() -> None:
    for at in range(0, len(SOUND), 1 if LONG else 13):
        data = bytearray(SOUND)
        data[at] ^= 0x20
        assert examine(bytes(data)).faults, at


def test_a_real_edition_is_unpacked_as_it_was_packed() -> None:
    assert unpacked(SOUND) == signed(FILES)
