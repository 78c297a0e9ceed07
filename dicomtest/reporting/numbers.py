"""Times, durations and sizes as people read them, whatever the locale of this machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone


def moment(value: object, language: str, utc_offset: object = None) -> str:
    """A time (seconds since the epoch) as the language writes it, with its offset from UTC.

    `utc_offset` in seconds east is that of the machine which carried the run out; without it the
    time is given in UTC, so that the report does not depend on where it was made.
    """
    if not isinstance(value, (int, float)):
        return "–"
    east = utc_offset if isinstance(utc_offset, (int, float)) and abs(utc_offset) < 86400 else 0
    zone = timezone(timedelta(seconds=east)) if east else UTC
    try:
        at = datetime.fromtimestamp(value, zone)
    except (OverflowError, OSError, ValueError):
        return "–"
    hours = f"{at:%H:%M:%S} {zone.tzname(at)}"
    if language == "zh":
        return f"{at.year}年{at.month}月{at.day}日 {hours}"
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {hours}"


# Not strftime's %B: the locale of the machine must not show in the report.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def seconds(value: object) -> str:
    """A duration for people: `85 µs`, `0.4 ms`, `12 ms`, `3.21 s`, `4 min 05 s`."""
    if not isinstance(value, (int, float)):
        return "–"
    if 0 < value < 0.0001:
        return f"{value * 1_000_000:.0f} µs"
    if value < 0.01:
        return f"{value * 1000:.1f} ms"
    if value < 1:
        return f"{value * 1000:.0f} ms"
    if value < 60:
        return f"{value:.2f} s"
    whole = round(value)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def size(value: object) -> str:
    """A number of bytes for people, in units of 1,000: `812 B`, `12.3 kB`, `4.1 MB`."""
    if not isinstance(value, (int, float)):
        return "–"
    amount = float(value)
    for unit in ("B", "kB", "MB", "GB"):
        if abs(amount) < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
