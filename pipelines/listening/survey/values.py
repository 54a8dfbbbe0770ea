"""What the answers to each question mean: ages, hours, subjects, times of day, consent.

Each function takes a cell as it came and returns a value that is coarse enough to be kept, or
raises `Unusable` with the reason by name, never with the text. Add here another way to write a
value. Which column a question is in is `headers.py`.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta

from pipelines.listening.catalogue.names import name_words
from pipelines.listening.survey.cells import Cell, is_blank, says_nothing, text_of
from pipelines.listening.survey.dates import EPOCH, has_day_of_month
from pipelines.listening.survey.spoken import spoken_number
from pipelines.listening.survey.unusable import Unusable

NO_AGE = "no age"
IMPOSSIBLE_AGE = "an impossible age"
NO_HOURS = "no hours"
IMPOSSIBLE_HOURS = "more hours than a day has"

YOUNGEST, OLDEST = 10, 99
"""Ages that are believed."""

AGE_BAND = 5
"""Years in a band of ages."""

_BIRTH_SERIALS = range(7_306, 47_483)
"""Days from 1920 to 2029, as sheets count them."""

HOURS_BANDS = ((1.0, "0-1"), (2.0, "1-2"), (4.0, "2-4"), (6.0, "4-6"))
"""Below how many hours a day each band ends."""

MOST_HOURS_BAND = "6+"
DAY_HOURS = 24.0

_FIGURE = r"\d+(?:\.\d+)?"
_DASH = r"(?:-|–|—|~|to|bis|a|à|al|or|oder|ou|o|and|und|et|y|e|until|/)"  # noqa: RUF001 dashes as people type them


def _figures(text: str) -> str:
    """A text in lower case whose numbers are written with a point."""
    return re.sub(r"(?<=\d),(?=\d)", ".", text.casefold())


# Ages

_YEAR = re.compile(r"(?<!\d)(19\d\d|20\d\d)(?!\d)")
_OPEN = re.compile(
    r"[<>+]|\d'?s\b|\b(under|over|below|above|unter|über|moins|plus|menos|mas|más|older)\b"
)


_TWO_DIGITS = re.compile(r"\W*(\d\d)\W*")
_OLDEST_IN_TWO_DIGITS = 80
"""Who would be older told their age although they were asked for a year."""

_DAY = re.compile(r"\d{1,2}\.\d{2}\.?")
"""A day and a month: nobody tells their age in hundredths."""


def age_band(cell: Cell, answered_on: date | None, *, born: bool = False) -> str | None:
    """An age, in bands of five years; a wider range that was to choose from stays as it is.

    Args:
        cell: an age in digits or words, a range of them, or a year or day of birth.
        answered_on: when it was answered.
        born: whether it was asked for a year or a day of birth.

    Raises:
        Unusable: where it is none, or one that is not believed.
    """
    if is_blank(cell):
        return None
    if isinstance(cell, bool | time | timedelta):
        raise Unusable(NO_AGE)
    if isinstance(cell, int | float) and cell < 0:
        raise Unusable(IMPOSSIBLE_AGE)
    text = _figures(text_of(cell))
    if (age := _age_by_birth(cell, text, answered_on, born=born)) is not None:
        return _band_of(age)
    if _DAY.fullmatch(text.strip()) or has_day_of_month(text):
        raise Unusable(NO_AGE)
    return _band_in_figures(text)


def _age_by_birth(cell: Cell, text: str, answered_on: date | None, *, born: bool) -> int | None:
    """The age of who tells a year or a day of birth; None where none is told."""
    if born and isinstance(cell, int | float) and cell in _BIRTH_SERIALS:
        cell = EPOCH.date() + timedelta(days=int(cell))
    if isinstance(cell, date):
        return _age_of(cell.year, answered_on, (cell.month, cell.day))
    if year := _YEAR.search(text):
        return _age_of(int(year[1]), answered_on)
    if born and answered_on and (short := _TWO_DIGITS.fullmatch(text)):
        age = (answered_on.year - int(short[1])) % 100
        return age if YOUNGEST <= age <= _OLDEST_IN_TWO_DIGITS else None
    return None


def _band_in_figures(text: str) -> str:
    ages = [float(one) for one in re.findall(_FIGURE, text)]
    if _OPEN.search(text) or len(ages) > 2:  # noqa: PLR2004 the ends of a range
        raise Unusable(NO_AGE)
    if not ages:
        spoken = spoken_number(name_words(text))
        if spoken is None:
            raise Unusable(NO_AGE)
        ages = [float(spoken)]
    low, high = _band_of(ages[0]), _band_of(ages[-1])
    if ages[0] > ages[-1]:
        raise Unusable(NO_AGE)
    return low if low == high else f"{int(ages[0])}-{int(ages[-1])}"


def _age_of(born: int, answered_on: date | None, day: tuple[int, int] = (1, 1)) -> int:
    if answered_on is None:
        raise Unusable(NO_AGE)
    return answered_on.year - born - ((answered_on.month, answered_on.day) < day)


def _band_of(age: float) -> str:
    if not YOUNGEST <= age < OLDEST + 1:
        raise Unusable(IMPOSSIBLE_AGE)
    begin = int(age) - int(age) % AGE_BAND
    return f"{begin}-{begin + AGE_BAND - 1}"


# Hours

_ALL_DAY = re.compile(
    r"\b(all (the )?(day|time)|all day long|whole day|24 7|always|non ?stop|constantly|every waking"
    r"|(den )?ganzen tag|ganztags|ganztagig|immer|dauernd|standig|toute la journee|tout le temps"
    r"|toujours|todo el (dia|tiempo)|siempre|tutto il (giorno|tempo)|sempre|o dia (todo|inteiro)"
    r"|(de )?hele dag|altijd)\b"
)
_HALF = re.compile(
    r"\b(half an? hour|halbe stunde|(une )?demi heure|media hora|mezz ?ora|meia hora|half uur)\b"
)
_NEVER = re.compile(r"\b(never|not at all|nie|gar nicht|jamais|nunca|mai|nooit)\b")
_RANGE = re.compile(rf"({_FIGURE})\s*(?:h|hrs?|hours?|std|stunden)?\.?\s*{_DASH}\s*({_FIGURE})")
_HOUR = r"(?:h|hrs?|hours?|std|stunden?|heures?|horas?|ore|ora|uur)"
_BOTH = re.compile(rf"({_FIGURE})\s*{_HOUR}\.?\s*(?:and|und|et|y|e|en)?\s*(\d{{1,2}})(?!\d)")
_CLOCK = re.compile(rf"(\d{{1,2}}):(\d{{2}})(?::\d{{2}})?\s*{_HOUR}?")
_MINUTES = re.compile(r"(?<![^\W\d])(?:m|min|mins|minutes?|minuten|minutos?|minuti|minuut)\b")
_OF_HOURS = re.compile(rf"\d\s*{_HOUR}\b")
_LESS = re.compile(r"<|\b(less than|under|below|weniger als|unter|moins de?|menos de?|meno di)\b")
_A_WEEK = re.compile(
    r"\b(a|per|pro|each|every|in der|par|por|a la|alla) (week|woche|semaine|semana|settimana)\b"
)
_QUARTERS = {"½": ".5", "¼": ".25", "¾": ".75"}
_DAYS_OF_A_WEEK = 7


def hours_band(cell: Cell, per_day: float = 1.0) -> str | None:
    """Hours a day, in bands.

    Args:
        cell: a number, a range, of which the middle counts, words such as "all day", or a length.
        per_day: by what a bare number is to be multiplied, where the question was not about hours a
            day.

    Raises:
        Unusable: where it is none, or more than a day has.
    """
    if is_blank(cell):
        return None
    hours = _hours(cell, per_day)
    if not 0 <= hours <= DAY_HOURS:
        raise Unusable(IMPOSSIBLE_HOURS if hours > 0 else NO_HOURS)
    return next((name for end, name in HOURS_BANDS if hours < end), MOST_HOURS_BAND)


def _hours(cell: Cell, per_day: float) -> float:
    if isinstance(cell, bool | date):
        raise Unusable(NO_HOURS)
    if isinstance(cell, timedelta):
        return cell.total_seconds() / 3600
    if isinstance(cell, time):
        return cell.hour + cell.minute / 60
    if isinstance(cell, int | float):
        return float(cell) * per_day
    text = _with_fractions(_figures(text_of(cell)))
    words = name_words(text)
    if (hours := _in_words(words)) is not None and not re.search(r"\d", words.replace("24 7", "")):
        return hours
    hours = _in_figures(text, words)
    if _A_WEEK.search(words):
        return hours / _DAYS_OF_A_WEEK
    return hours if _MINUTES.search(text) else hours * per_day


def _with_fractions(text: str) -> str:
    for sign, decimal in _QUARTERS.items():
        text = re.sub(rf"(\d)\s*{sign}", rf"\g<1>{decimal}", text).replace(sign, f"0{decimal}")
    text = re.sub(r"(\d)\s+1/2(?!\d)", r"\1.5", text)
    return re.sub(r"(?<![\d/])1/2(?![\d/])", "0.5", text)


def _in_words(words: str) -> float | None:
    if _ALL_DAY.search(words):
        return DAY_HOURS
    if _HALF.search(words):
        return 0.5
    if _NEVER.search(words):
        return 0.0
    spoken = spoken_number(words)
    if spoken is None:
        return None
    return spoken / 60 if _MINUTES.search(words) else float(spoken)


def _in_figures(text: str, words: str) -> float:
    if clock := _CLOCK.fullmatch(text.strip()):
        return int(clock[1]) + int(clock[2]) / 60
    if not re.search(rf"\d\s*{_DASH}\s*\d", text) and (both := _BOTH.search(text)):
        return float(both[1]) + int(both[2]) / 60
    figures = [float(one) for one in re.findall(_FIGURE, text)]
    between = _RANGE.search(text)
    if not figures or len(figures) > (2 if between else 1):
        raise Unusable(NO_HOURS)
    hours = sum(figures) / len(figures)
    if figures != sorted(figures):
        raise Unusable(NO_HOURS)
    if _MINUTES.search(text) and not _OF_HOURS.search(text):
        hours /= 60
    return hours * 0.999 if _LESS.search(words) or "<" in text else hours


# Parts of the day

_PARTS: Mapping[str, str] = {
    "morning": "morning mornings morgens morgen vormittag vormittags fruh fruhmorgens matin matins "
    "matinee manana mananas mattina mattino manha ochtend ochtends",
    "afternoon": "afternoon afternoons nachmittag nachmittags mittag mittags midi apres tarde "
    "tardes mediodia pomeriggio middag middags noon",
    "evening": "evening evenings abend abends soir soirs soiree sera serata avond avonds",
    "night": "night nights nachts nacht nuit nuits noche noches notte noite midnight minuit "
    "medianoche mezzanotte mitternacht",
}
_PART_OF_WORD = {word: part for part, words in _PARTS.items() for word in words.split()}
_NIGHT_ENDS, _MORNING_ENDS, _AFTERNOON_ENDS, _EVENING_ENDS = 5, 12, 17, 22
_AT = re.compile(r"(\d{1,2})(?:[:.h]\d{2})?\s*(?:h|uhr|o'clock)?\s*([ap])?\.?m?\b")


def time_of_day(cell: Cell) -> str | None:
    """When somebody listens: parts of the day where these are named, else as it was written.

    Several parts, as one can tick them, are one answer, in the order of the day.
    """
    if is_blank(cell) or isinstance(cell, bool | date | timedelta):
        return None
    if isinstance(cell, time):
        return _part_at(cell.hour)
    if isinstance(cell, int | float):
        return _part_at(int(cell * 24 if cell < 1 else cell) % 24)
    text = text_of(cell)
    words = name_words(text)
    named = {_PART_OF_WORD[word] for word in words.split() if word in _PART_OF_WORD}
    if _ALL_DAY.search(words) or len(named) == len(_PARTS):
        return "all day"
    if not named and (clock := _AT.match(text.casefold())):
        hour = int(clock[1])
        return _part_at((hour % 12 + 12 * (clock[2] == "p") if clock[2] else hour) % 24)
    return ", ".join(part for part in _PARTS if part in named) or text


def _part_at(hour: int) -> str:
    if hour < _NIGHT_ENDS or hour >= _EVENING_ENDS:
        return "night"
    if hour < _MORNING_ENDS:
        return "morning"
    return "afternoon" if hour < _AFTERNOON_ENDS else "evening"


# Studies

_YEARS: Mapping[str, str] = {
    "1": "first freshman freshmen fresher erstes erste ersten premiere premier primero primer "
    "primera primo eerste",
    "2": "second sophomore sophomores zweites zweite zweiten deuxieme seconde segundo segunda "
    "secondo tweede",
    "3": "third junior juniors drittes dritte dritten troisieme tercero tercer tercera terzo derde",
    "4": "fourth senior seniors viertes vierte vierten quatrieme cuarto cuarta quarto vierde",
    "5": "fifth funftes funfte funften cinquieme quinto quinta vijfde",
    "6": "sixth sechstes sechste sechsten sixieme sexto sexta sesto",
}
_YEAR_OF_WORD = {word: year for year, words in _YEARS.items() for word in words.split()}
_SEMESTER = re.compile(r"\b(semester|semestre|fachsemester|sem)\b")
_GRADUATE = re.compile(
    r"\b(master|masters|msc|ma|m|phd|doctoral|doctorate|doktorand\w*|promotion|doctorat|doctorado"
    r"|graduate|grad|postgrad\w*|dottorato)\b"
)
_MOST_YEARS = 12


def year_of_study(cell: Cell) -> str | None:
    """In which year of their studies somebody is, in digits where they say so, else as written.

    Two semesters are a year.
    """
    if is_blank(cell) or isinstance(cell, bool | date | time | timedelta):
        return None
    text = re.sub(r"\.0$", "", text_of(cell))
    words = name_words(text)
    numbers = [int(one) for one in re.findall(r"\d+", text)]
    named = [int(_YEAR_OF_WORD[word]) for word in words.split() if word in _YEAR_OF_WORD]
    told = numbers or named
    if len(told) != 1 or not 1 <= told[0] <= _MOST_YEARS or _GRADUATE.search(words):
        return text
    return str((told[0] + 1) // 2 if _SEMESTER.search(words) else told[0])


_OTHER = re.compile(
    r"^\s*(?:other|others|sonstiges|sonstige|andere|anderes|anderer|autre|autres|otro|otra|otros"
    r"|altro|altra|outro|outra|anders|overig)\s*[:-]\s*",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"^(?:(?:b\.?\s?sc|m\.?\s?sc|b\.?\s?a|m\.?\s?a|b\.?\s?eng|m\.?\s?eng)\b\.?"
    r"|(?:bachelor|master|licence|licenciatura|grado)(?:'?s)?\b"
    r"(?:\s+(?:of|en)\s+(?:science|arts|engineering))?)"
    r"(?:\s+degree)?(?:\s+(?:of|in|en|em|de|der|des))*[\s:,-]+",
    re.IGNORECASE,
)


def subject(cell: Cell) -> str | None:
    """What somebody studies, as they wrote it, without "Other:" and without the degree."""
    if is_blank(cell) or isinstance(cell, bool | date | time | timedelta):
        return None
    text = _OTHER.sub("", text_of(cell))
    text = _DEGREE.sub("", text) or text
    return None if says_nothing(text) else text


# Consent

_YES = {
    *("yes", "y", "yeah", "yep", "yup", "sure", "ok", "okay", "true", "1", "agree", "agreed"),
    *("i agree", "of course", "absolutely", "definitely", "certainly", "yes please", "i do"),
    *("please do", "please", "fine", "fine by me", "gladly", "ja", "j", "jawohl", "jup", "klar"),
    *("gerne", "gern", "einverstanden", "stimme zu", "ich stimme zu", "wahr", "natürlich"),
    *("naturlich", "oui", "ouais", "d accord", "j accepte", "volontiers", "vrai", "bien sur"),
    *("si", "claro", "de acuerdo", "acepto", "verdadero", "por supuesto", "vale", "d accordo"),
    *("accetto", "certo", "vero", "sim", "aceito", "concordo", "akkoord", "waar", "graag"),
}
_YES_BEGINS = (
    *("yes ", "ja ", "oui ", "si ", "sim ", "i agree ", "i consent ", "ich stimme zu "),
    *("ich bin einverstanden ", "ich willige ein ", "j accepte ", "je suis d accord "),
    *("estoy de acuerdo ", "acepto ", "sono d accordo ", "accetto ", "aceito "),
)
_BUT = re.compile(
    r"\b(no|not|don t|dont|never|only|but|if|unless|except|maybe|perhaps|rather|nicht|nein|kein"
    r"|keine|nur|aber|wenn|falls|vielleicht|pas|non|mais|sauf|seulement|peut etre|pero|solo|salvo"
    r"|quiza|quizas|ma|forse|nao|mas|talvez|niet|maar|alleen|misschien)\b"
)
_NO = re.compile(
    r"^(no|n|nope|false|0|nein|falsch|non|faux|falso|nao|nee|niet waar|never|nie|jamais|nunca)\b"
    r"|\b(not|don t|dont|disagree|refuse|nicht|kein|keine|pas|refuse|rechazo|niet|rifiuto)\b"
)
_TICKS = {"✓", "✔", "☑", "✅", "👍", "x"}


def agrees(cells: Sequence[Cell]) -> bool:
    """Whether somebody said yes: anything that is not a plain yes is none.

    Args:
        cells: of all columns that ask for it; those that say nothing do not count.
    """
    filled = [cell for cell in cells if text_of(cell)]
    return bool(filled) and all(map(_is_yes, filled))


def _is_yes(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    text = text_of(cell)
    if text.casefold().strip("\ufe0f ") in _TICKS:
        return True
    words = name_words(text)
    return words in _YES or (f"{words} ".startswith(_YES_BEGINS) and not _BUT.search(words))


def takes_part(cells: Sequence[Cell]) -> bool:
    """Whether somebody agreed that their answers are used, where they were asked.

    They are asked with a box to tick, of any wording, or with a yes and a no.

    Args:
        cells: of all columns that ask for it; those that say nothing do not count.
    """
    filled = [cell for cell in cells if text_of(cell)]
    return bool(filled) and not any(
        cell is False or (not _is_yes(cell) and _NO.search(name_words(text_of(cell))))
        for cell in filled
    )
