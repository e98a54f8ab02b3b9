"""Office packages (ZIP files) written so that the same content always gives the same bytes."""

import io
import zipfile

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest moment a ZIP entry can carry; every entry gets it, so time never changes the bytes."""


def repack(data: bytes) -> bytes:
    """Return the same ZIP entries, in the same order, with fixed times and attributes.

    Raises zipfile.BadZipFile when ``data`` is not a ZIP file.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name), compresslevel=9)
    return target.getvalue()
