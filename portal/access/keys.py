"""Other kinds of key than a personal link, at the same address ``/toegang/<key>``: packages above this one add them."""

from collections.abc import Sequence
from typing import Any, Protocol

from flask import Flask, current_app


class Keys(Protocol):
    """The keys of one package. Each answer is None when a key is of another kind: then the next is asked."""

    def show(self, token: str) -> Any:
        """Return the page of a key. It changes nothing: mail filters follow links too."""

    def use(self, token: str) -> Any:
        """Return what its button does. A personal link may be made ready here and left to ``access``."""

    def before_code(self, typed: str) -> None:
        """Make ready what a typed code of this browser may open."""


def add(app: Flask, kind: Keys) -> None:
    """Let an application know the keys of a package."""
    app.extensions.setdefault("portal_keys", []).append(kind)


def kinds() -> Sequence[Keys]:
    """Return the other kinds of key of the running application."""
    found: Sequence[Keys] = current_app.extensions.get("portal_keys", ())
    return found
