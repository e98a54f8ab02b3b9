"""A comparison as plain text, to be read by a person: [-what went-]{+what came+}."""

from collections.abc import Iterator

from portal.compare.models import BlockChange, Comparison, Kind, Op, Pieces, SectionChange, Status, shown

SIGN = {Status.NEW: "+ ", Status.REMOVED: "- "}


def marked(comparison: Comparison) -> str:
    """Return every article; of those that did not change the name only."""
    return "\n".join(line for section in comparison.sections for line in _section(section)) + "\n"


def _section(section: SectionChange) -> Iterator[str]:
    said = [*(["verplaatst"] if section.moved else []), section.status.value]
    said = ["vernummerd" if section.renumbered else word for word in said]
    if section.moved and section.status is Status.SAME:
        said = ["verplaatst"]
    number = _number(section.old_number, section.new_number, section.status)
    name = " ".join(part for part in (number, words(section.heading)) if part)
    if section.same:
        yield f"= {name or '(begin)'}"
        return
    yield f"## {name or '(begin)'} [{', '.join(said)}]"
    if section.status is not Status.SAME or any(block.renumbered for block in section.blocks):
        for block in section.blocks:
            yield from _block(block)


def _block(block: BlockChange) -> Iterator[str]:
    if block.status is Status.MOVED_AWAY:
        yield " ".join(part for part in (block.old_number, f"(verplaatst naar {block.elsewhere})") if part)
        return
    renumbered = block.renumbered and block.old_number != block.new_number
    number = _number(block.old_number, block.new_number, block.status) if renumbered else block.new_number
    number = number or (block.old_number if block.status is Status.REMOVED else "")
    moved = f"(verplaatst van {block.elsewhere})" if block.moved else ""
    bullet = "*" if block.kind is Kind.ITEM else "noot:" if block.kind is Kind.NOTE else ""
    if block.kind is not Kind.TABLE:
        yield " ".join(part for part in (number, bullet, moved, words(block.pieces)) if part)
        return
    for row in block.rows:
        yield f"{SIGN.get(row.status, '')}| {' | '.join(words(cell) for cell in row.cells)} |"


def _number(old: str, new: str, status: Status) -> str:
    if old == new or status in (Status.NEW, Status.REMOVED):
        return new or old
    return (f"[-{old}-]" if old else "") + (f"{{+{new}+}}" if new else "")


def words(pieces: Pieces) -> str:
    form = {Op.EQUAL: "{}", Op.DELETED: "[-{}-]", Op.INSERTED: "{{+{}+}}"}
    return "".join(form[piece.op].format(piece.text) for piece in shown(pieces)).replace("\n", "¶ ")
