"""Judging many files without starting a program for each: one that has everything loaded forks for every file.

What a fork does after that is what a real parser does: the same lock, the same judge, the same answer. That a real
parser does so too is shown in ``test_intake_process.py``; the worst files go through ``take_in`` in full as well.
"""

import os
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from portal.documents.intake import pdf, word
from portal.documents.intake.answers import Answer
from portal.documents.intake.child import answer, lock_up
from portal.documents.intake.process import LIMITS, Program, judged
from portal.documents.intake.samples import pdf_sample, word_sample

ROOT = Path(__file__).resolve().parents[2]
HEAD = struct.Struct(">L")
RESULT = struct.Struct(">lLL")


@dataclass(frozen=True)
class Verdict:
    """What was said of a file, how the process ended (as ``os.waitpid``), and the most memory it had, in kB."""

    program: Program
    said: bytes
    status: int
    memory: int

    def answer(self) -> Answer:
        """Return the answer, as the portal understands it. Raises FileRefused."""
        return judged(self.program, self.said, os.waitstatus_to_exitcode(self.status))


class Judges:
    """A program that judges files one after the other, each in a fork of its own."""

    def __enter__(self) -> "Judges":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.documents.judging"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()

    def judge(self, data: bytes) -> Verdict:
        """Return the verdict on a file."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(HEAD.pack(len(data)) + data)
        self._process.stdin.flush()
        status, memory, length = RESULT.unpack(_exactly(self._process.stdout, RESULT.size))
        return Verdict(_program(data), _exactly(self._process.stdout, length), status, memory)


def _program(data: bytes) -> Program:
    return Program.PDF if data.startswith(b"%PDF-") else Program.WORD


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    assert len(data) == size, "the judging program ended"
    return data


def _judge_in_a_fork(data: bytes) -> tuple[bytes, int, int]:
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        os.close(reading)
        lock_up(seconds=LIMITS.seconds, memory=LIMITS.memory, parent=os.getppid())
        judge = pdf.judge if _program(data) is Program.PDF else word.judge
        left = memoryview(answer(judge, data, ""))
        while left:
            left = left[os.write(writing, left) :]
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        said = pipe.read()
    _, status, used = os.wait4(process, 0)
    return said, status, used.ru_maxrss


def main() -> None:
    """Answer until there is nothing left to judge."""
    word.judge(word_sample(), "")
    pdf.judge(pdf_sample(), "")
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    while head := incoming.read(HEAD.size):
        said, status, memory = _judge_in_a_fork(incoming.read(HEAD.unpack(head)[0]))
        outgoing.write(RESULT.pack(status, memory, len(said)) + said)
        outgoing.flush()


if __name__ == "__main__":
    main()
