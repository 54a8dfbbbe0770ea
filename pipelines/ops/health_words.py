"""Health in words, as `playledger status` and the dashboard show it.

Add here what both say. What is checked is `health.py`.
"""

from datetime import datetime

from pipelines.ops.health import CacheHealth, LoginHealth, SurveyHealth

NONE = "-"


def login_words(login: LoginHealth) -> str:
    """The state of a login: how old it is, and how long it lasts."""
    age = "" if login.age_days is None else f"{login.age_days} days old"
    at_most = "at most " if login.age_days is None else ""
    no_time_left = login.days_left is None or login.state == "expired"
    left = "" if no_time_left else f"{at_most}{login.days_left} days left"
    return ", ".join(part for part in (login.state, age, left) if part)


def ago(at: datetime | None, now: datetime) -> str:
    """An instant, and how long ago it was.

    Args:
        at: UTC; None for never.
        now: the current time, UTC.
    """
    if at is None:
        return NONE
    minutes = round((now - at).total_seconds() / 60)
    hours = round(minutes / 60)
    spans = [(minutes, "minute", 120), (hours, "hour", 72), (round(hours / 24), "day", 10**6)]
    count, unit = next((n, unit) for n, unit, limit in spans if n < limit)
    return f"{at:%Y-%m-%d %H:%M} UTC ({count} {unit}{'s' * (count != 1)} ago)"


def cache_line(cache: CacheHealth) -> str:
    """What is kept of Spotify's answers, and what that saved in a week."""
    asked = cache.hits + cache.misses + cache.stale
    kept = [] if cache.entries is None else [f"{cache.entries:,} answers"]
    kept += [] if cache.bytes is None else [f"{cache.bytes / 2**20:,.1f} MB"]
    used = f"; in a week {cache.hits + cache.stale:,} of {asked:,} requests saved" if asked else ""
    stale = f", {cache.stale:,} of them with old answers" if cache.stale else ""
    return f"cache: {cache.backend}, {', '.join(kept)}{used}{stale}"


def survey_line(survey: SurveyHealth) -> str:
    """How many answered, and until when that is kept."""
    people = "not read yet" if survey.people is None else f"{survey.people:,} people"
    kept = f", to be kept until {survey.keep_until}" if survey.keep_until else ""
    return f"survey {survey.survey}: {people}{kept}{', not read any more' if survey.closed else ''}"
