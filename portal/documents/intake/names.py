"""What an uploaded file is called: only a label, never a place."""

import re
import unicodedata

LONGEST = 120
"""Characters that stay of a name."""
ENDING = re.compile(r"\.(?=[0-9]{0,4}[a-z])[a-z0-9]{1,5}\Z", re.IGNORECASE)
"""What a computer calls an extension; "1.2" in a name without one is a number."""
NAMELESS = "bestand"


def label(name: str) -> str:
    """Return what may be shown of a name: without folders, control characters and marks that turn the reading order."""
    last = re.split(r"[/\\]", name)[-1]
    seen = (sign for sign in unicodedata.normalize("NFC", last) if not unicodedata.category(sign).startswith("C"))
    words = " ".join("".join(seen).split()).lstrip(". ")
    found = ending(words)
    stem = words.removesuffix(found) if found else words
    return (stem[: LONGEST - len(found)].rstrip() or NAMELESS) + found


def ending(name: str) -> str:
    """Return the extension of a name with its dot, as it was typed, or an empty string."""
    found = ENDING.search(name)
    return found[0] if found else ""
