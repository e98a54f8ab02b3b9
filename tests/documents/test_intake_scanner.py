"""The virus scanner: what it finds is refused, and so is everything when it gives no clear answer."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.documents.intake.operations import take_in
from portal.documents.intake.reasons import FileRefused, Reason
from portal.documents.intake.samples import pdf_sample
from portal.documents.intake.scanner import clamd

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """Stands where clamd would: speaks INSTREAM over a real socket and finds the test virus of EICAR."""

    def __init__(self, listener: socket.socket, reply: Callable[[bytes], bytes | None]) -> None:
        self.seen: list[bytes] = []
        self._listener, self._reply = listener, reply
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection, connection.makefile("rb") as incoming:
            assert incoming.read(10) == b"zINSTREAM\0"
            data = b""
            while length := struct.unpack(">L", incoming.read(4))[0]:
                data += incoming.read(length)
            self.seen.append(data)
            reply = self._reply(data)
            if reply is None:
                incoming.read(1)  # says nothing until the other side gives up
            else:
                connection.sendall(reply)

    def join(self) -> None:
        self._thread.join(10)


def honest(data: bytes) -> bytes:
    return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0"


@contextmanager
def running(reply: Callable[[bytes], bytes | None] = honest) -> Iterator[tuple[str, Clamd]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Clamd(listener, reply)
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}", served
        served.join()


def reason_of(url: str, data: bytes, seconds: float = 10) -> Reason:
    with pytest.raises(FileRefused) as caught:
        clamd(url, seconds)(data)
    return caught.value.reason


def test_a_clean_file_is_taken_in_after_it_was_seen_whole() -> None:
    data = pdf_sample() + b"%" + b" " * 900
    with running() as (url, served):
        found = take_in(data, "a.pdf", title="", most=1_000_000, scanner=clamd(url))
    assert found.text == "Aa"
    assert served.seen == [data]


def test_a_large_file_is_sent_in_pieces() -> None:
    data = bytes(range(256)) * 2000
    with running() as (url, served):
        clamd(url)(data)
    assert served.seen == [data]


def test_a_virus_is_refused_before_anything_reads_the_file() -> None:
    with running() as (url, _), pytest.raises(FileRefused) as caught:
        take_in(b"%PDF-" + EICAR, "a.pdf", title="", most=1_000_000, scanner=clamd(url))
    assert (caught.value.reason, caught.value.status) == (Reason.VIRUS, 422)


@pytest.mark.parametrize(
    "reply",
    [
        *(b"INSTREAM size limit exceeded. ERROR\0", b"stream: Can't allocate memory ERROR\0", b"", b"OK\0"),
        *(b"stream: OK", b"stream: OK\0stream: OK\0", b"stream: FOUND\0", b"a" * 10_000, b"\xff\0"),
    ],
)
def test_anything_but_a_clear_answer_is_no_answer(reply: bytes) -> None:
    with running(lambda data: reply) as (url, _):
        assert reason_of(url, b"%PDF-") is Reason.SCANNER_AWAY


def test_silence_is_no_answer() -> None:
    with running(lambda data: None) as (url, _):
        assert reason_of(url, b"%PDF-", seconds=0.3) is Reason.SCANNER_AWAY


def test_nobody_there_is_no_answer(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(FileRefused) as caught:
        take_in(pdf_sample(), "a.pdf", title="", most=1_000_000, scanner=clamd(f"tcp://127.0.0.1:{port}"))
    assert (caught.value.reason, caught.value.status) == (Reason.SCANNER_AWAY, 503)
    assert reason_of(f"unix://{tmp_path}/clamd.ctl", b"%PDF-") is Reason.SCANNER_AWAY


def test_a_socket_file_works_too(tmp_path: Path) -> None:
    place = tmp_path / "clamd.ctl"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        listener.listen()
        served = Clamd(listener, honest)
        assert reason_of(f"unix://{place}", EICAR) is Reason.VIRUS
        served.join()
