"""The inside of the process that reads a strange file: it can do nothing but read it and answer.

After ``lock_up`` the kernel lets it open no file and no connection, write to no disk, start nothing, and live or grow
no further than its limits. That holds whatever a file makes the libraries do.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable

from portal.documents.intake.answers import Answer, accepted, crashed, refused
from portal.documents.intake.reasons import FileRefused

PR_SET_PDEATHSIG = 1
"""Of prctl(2): the signal this process gets when its parent is gone."""


def main(judge: Callable[[bytes, str], Answer], sample: bytes) -> None:
    """Judge the file on standard input and write the answer on standard output.

    The first line is JSON: the limits, the parent and the title; the rest is the file. The sample is judged first, so
    that the libraries have loaded all their modules before nothing can be opened any more.
    """
    judge(sample, "")
    told = json.loads(sys.stdin.buffer.readline())
    lock_up(seconds=told["seconds"], memory=told["memory"], parent=told["parent"])
    sys.stdout.buffer.write(answer(judge, sys.stdin.buffer.read(), told["title"]))
    sys.stdout.buffer.flush()
    os._exit(0)  # nothing is left to tidy up, and what the file left in memory may break while being tidied


def lock_up(*, seconds: float, memory: int, parent: int) -> None:
    """Give up, for good, all this process does not need. ``memory`` is in bytes."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before we asked to be told
        os._exit(1)
    signal.setitimer(signal.ITIMER_REAL, seconds)  # the signal ends the process: nobody handles it
    processor = max(1, round(seconds))
    for limit, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, processor),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def answer(judge: Callable[[bytes, str], Answer], data: bytes, title: str) -> bytes:
    """Return the judgement on a file, ready to write."""
    try:
        return accepted(judge(data, title))
    except FileRefused as refusal:
        return refused(refusal.reason)
    except Exception as error:  # whatever a library falls over in a strange file is a reason to refuse that file
        return crashed(error)
