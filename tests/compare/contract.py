"""A contract of eight articles, and the changes that lawyers make in such a contract."""

CONTRACT = """\
Partijen spreken in deze overeenkomst af hoe de huurder woont en wordt begeleid.

## Artikel 1 Begrippen

1.1 Een gele kaart is een schriftelijke waarschuwing aan de huurder en vervalt op 1-12-2027, tenzij het \
HOV-contract anders bepaalt.

1.2 De huurder is de persoon die de woning huurt en die de begeleiding van de zorgaanbieder aanvaardt.

## Artikel 2 Duur

2.1 De huur begint op 1 december 2026 en eindigt uiterlijk op 30 november 2028.

2.2 De begeleiding duurt even lang als de huur.

## Artikel 3 Huurprijs

3.1 De kale huurprijs is € 612,50 per maand.

3.2 De woningcorporatie verhoogt de huur jaarlijks.

3.3 De huurder betaalt vóór de eerste dag van de maand.

## Artikel 4 Kosten

4.1 Naast de huur betalen partijen per maand:

| Onderdeel | Bedrag | Wie betaalt |
| --- | --- | --- |
| Servicekosten | € 35,00 | huurder |
| Waarborgsom | € 300,00 | zorgaanbieder |

## Artikel 5 Begeleiding

5.1 De zorgaanbieder begeleidt de huurder ten minste één keer per week in de woning.

5.2 De huurder werkt als volgt mee:

- de huurder opent de deur voor de begeleider en bespreekt zorgen over de woning
- de huurder volgt het zorg- en hulpplan

## Artikel 6 Overlast

6.1 De huurder veroorzaakt geen overlast voor de buren.

6.2 Bij overlast praat de begeleider binnen vijf werkdagen met de huurder en met de buren.

## Artikel 7 Opzeggen

7.1 De zorgaanbieder kan het contract opzeggen met een termijn van drie maanden.

7.2 Opzeggen gebeurt per aangetekende brief aan de huurder en aan de woningcorporatie.

7.3 De huurder krijgt altijd een kopie van de opzegging.

## Artikel 8 Slot

8.1 Wat niet in deze overeenkomst staat, regelen partijen samen.
"""
OVERLAST = """\
## Artikel 6 Overlast

6.1 De huurder veroorzaakt geen overlast voor de buren.

6.2 Bij overlast praat de begeleider binnen vijf werkdagen met de huurder en met de buren.

"""


def edited(*changes: tuple[str, str], text: str = CONTRACT) -> str:
    """Return the contract with each of these words, which must be in it once, replaced."""
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def renumbered(text: str, numbers: dict[int, int]) -> str:
    """Return the contract with other numbers of articles, in headings and before paragraphs."""
    lines = []
    for line in text.split("\n"):
        for old, new in numbers.items():
            if line.startswith((f"## Artikel {old} ", f"{old}.")):
                line = line.replace(str(old), str(new), 1)
                break
        lines.append(line)
    return "\n".join(lines)


def _moved() -> str:
    without = renumbered(edited((OVERLAST, "")), {5: 6, 4: 5, 3: 4})
    at = without.index("## Artikel 4 Huurprijs")
    return without[:at] + renumbered(OVERLAST, {6: 3}) + without[at:]


CHANGES: dict[str, str] = {
    "bedrag-geindexeerd": edited(
        ("€ 612,50 per maand", "€ 634,28 per maand"), ("de huur jaarlijks.", "de huur elk jaar op 1 juli met 2,5%.")
    ),
    "opzegtermijn-herschreven": edited(
        ("termijn van drie maanden", "termijn van één maand"),
        ("gebeurt per aangetekende brief aan", "gebeurt schriftelijk of per e-mail aan"),
    ),
    "artikel-ingevoegd": renumbered(CONTRACT, {8: 9, 7: 8, 6: 7, 5: 6, 4: 5}).replace(
        "## Artikel 5 Kosten",
        "## Artikel 4 Huurtoeslag\n\n4.1 De huurder vraagt zelf huurtoeslag aan bij de Belastingdienst.\n\n"
        "4.2 De begeleider helpt daar in de eerste maand bij.\n\n## Artikel 5 Kosten",
    ),
    "artikel-vervallen": renumbered(edited((OVERLAST, "")), {7: 6, 8: 7}),
    "artikel-verplaatst": _moved(),
    "alinea-verplaatst-en-herschreven": edited(
        (
            "\n6.2 Bij overlast praat de begeleider binnen vijf werkdagen met de huurder en met de buren.\n",
            "",
        ),
        (
            "- de huurder volgt het zorg- en hulpplan\n",
            "- de huurder volgt het zorg- en hulpplan\n\n"
            "5.3 Bij overlast praat de begeleider binnen drie werkdagen met de huurder en met de buren.\n",
        ),
    ),
    "artikel-vervangen": edited(
        (
            OVERLAST,
            "## Artikel 6 Huisdieren\n\n6.1 In het appartement zijn katten en kleine honden toegestaan.\n\n"
            "6.2 Voor een ander dier vraagt men vooraf schriftelijk toestemming.\n\n",
        )
    ),
    "tabel-gewijzigd": edited(
        ("| € 35,00 | huurder |", "| € 37,50 | huurder |\n| Verzekering | € 8,25 | huurder |"),
    ),
    "lijstpunt-gesplitst": edited(
        ("begeleider en bespreekt zorgen", "begeleider\n- de huurder bespreekt zorgen"),
    ),
    "gele-kaart": edited(
        ("een schriftelijke waarschuwing", "een laatste schriftelijke waarschuwing"),
        ("op 1-12-2027, tenzij het HOV-contract", "op 1-6-2028, tenzij het HOV-huurcontract"),
        ("begint op 1 december 2026", "begint op 1 januari 2027"),
    ),
    "kop-hernoemd": edited(("Artikel 8 Slot", "Artikel 8 Slotbepalingen")),
    "definitie-gesplitst": edited(
        (
            "die de woning huurt en die de begeleiding van de zorgaanbieder aanvaardt.",
            "die de woning huurt. De huurder aanvaardt de begeleiding van de zorgaanbieder.",
        )
    ),
    "lid-ingevoegd": edited(
        ("3.2 De woningcorporatie verhoogt", "3.3 De woningcorporatie verhoogt"),
        ("3.3 De huurder betaalt", "3.4 De huurder betaalt"),
        ("per maand.\n\n3.3 De w", "per maand.\n\n3.2 De servicekosten zijn daarin niet begrepen.\n\n3.3 De w"),
    ),
}
