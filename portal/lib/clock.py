"""Time: always aware, stored in UTC, shown and counted in days of Amsterdam."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


def day_of(moment: datetime) -> date:
    """Return the day in Amsterdam on which a moment falls."""
    return moment.astimezone(AMSTERDAM).date()


def start_of(day: date) -> datetime:
    """Return the moment a day begins: 00:00 in Amsterdam (DESIGN section 3)."""
    return datetime.combine(day, time.min, AMSTERDAM).astimezone(UTC)


def in_words(day: date) -> str:
    """Return a date as Dutch readers write it in a sentence: 18 november 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def time_in_words(moment: datetime) -> str:
    """Return a moment as date and time in Amsterdam: 18 november 2026, 14.32 uur."""
    local = moment.astimezone(AMSTERDAM)
    return f"{in_words(local.date())}, {local.hour}.{local.minute:02} uur"
