"""Time: always aware, stored in UTC, shown and counted in days of Amsterdam."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)
TYPED = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", re.ASCII),
    re.compile(r"(?P<day>\d{1,2})[-/. ](?P<month>\d{1,2})[-/. ](?P<year>\d{4})", re.ASCII),
    re.compile(rf"(?P<day>\d{{1,2}}) (?P<month>{'|'.join(MONTHS)}) (?P<year>\d{{4}})", re.ASCII),
)
"""Ways to write a day: 2026-12-01, 1-12-2026 and 1 december 2026."""
AHEAD = {"vandaag": timedelta(0), "morgen": timedelta(days=1)}
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Between which days what is typed must lie: further away is a typing error."""


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


def day_of(moment: datetime) -> date:
    """Return the day in Amsterdam on which a moment falls."""
    return moment.astimezone(AMSTERDAM).date()


def start_of(day: date) -> datetime:
    """Return the moment a day begins: 00:00 in Amsterdam (DESIGN section 3)."""
    return datetime.combine(day, time.min, AMSTERDAM).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Return the last moment of a day in Amsterdam."""
    return start_of(day + timedelta(days=1)) - datetime.resolution


def day_typed(text: str, today: date | None = None) -> date | None:
    """Return the day that someone typed as 1-12-2026, 2026-12-01 or 1 december 2026; None when it cannot be used.

    Who says which day is ``today`` takes vandaag and morgen too.
    """
    ahead = AHEAD.get(text.strip().lower())
    if today is not None and ahead is not None:
        return today + ahead
    day = _day_written(text)
    return day if day is not None and FIRST_DAY <= day <= LAST_DAY else None


def fault_of_day(text: str, otherwise: str) -> str:
    """Return what to say of what was typed where ``day_typed`` finds no day that can be used."""
    if _day_written(text) is None:
        return otherwise
    return f"Die dag ligt te ver weg. Kies een dag van {in_words(FIRST_DAY)} tot en met {in_words(LAST_DAY)}."


def _day_written(text: str) -> date | None:
    words = " ".join(text.lower().split())
    found = next((match for way in TYPED if (match := way.fullmatch(words))), None)
    if found is None:
        return None
    month = MONTHS.index(found["month"]) + 1 if found["month"] in MONTHS else int(found["month"])
    try:
        return date(int(found["year"]), month, int(found["day"]))
    except ValueError:
        return None


def in_words(day: date) -> str:
    """Return a date as Dutch readers write it in a sentence: 18 november 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def data_in_words(day: str) -> str:
    """Return a date as data hold it (2026-12-01) in words. Raises ValueError when it is none."""
    return in_words(date.fromisoformat(day))


def in_figures(day: date) -> str:
    """Return a date in the short Dutch form: 1-12-2026."""
    return f"{day.day}-{day.month}-{day.year}"


def time_in_words(moment: datetime) -> str:
    """Return a moment as date and time in Amsterdam: 18 november 2026, 14.32 uur."""
    return f"{in_words(day_of(moment))}, {_hour(moment)} uur"


def span_in_words(begins: datetime, ends: datetime) -> str:
    """Return from when until when, in Amsterdam: op 18 november 2026, van 14.32 tot 15.05 uur."""
    day = in_words(day_of(begins))
    if day_of(begins) != day_of(ends):
        return f"van {time_in_words(begins)} tot {time_in_words(ends)}"
    if _hour(begins) == _hour(ends):
        return f"op {day}, om {_hour(begins)} uur"
    return f"op {day}, van {_hour(begins)} tot {_hour(ends)} uur"


def _hour(moment: datetime) -> str:
    local = moment.astimezone(AMSTERDAM)
    return f"{local.hour}.{local.minute:02}"
