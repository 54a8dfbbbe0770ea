"""What the answers to each question mean: ages, hours, days, years of study, times of day, consent.

Each function takes a cell as it came and returns a value that is coarse enough to be kept, or
raises `Unusable` with the reason by name, never with the text. Add here another way to write a
value. Which column a question is in is `headers.py`.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil import parser as dates

from pipelines.listening.catalogue.names import name_words
from pipelines.listening.survey.cells import Cell, says_nothing, text_of


class Unusable(Exception):
    """A cell that says something else than what was asked; carries the reason by name."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


YOUNGEST, OLDEST = 10, 99
"""Ages that are believed."""

AGE_BAND = 5
"""Years in a band of ages."""

HOURS_BANDS = ((1.0, "0-1"), (2.0, "1-2"), (4.0, "2-4"), (6.0, "4-6"), (24.0, "6+"))
"""Below how many hours a day each band ends; the last includes its end."""

DAY_HOURS = 24.0

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 a sheet's clock has no zone
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_050
"""Days from 2000 to 2099, as sheets count them."""


def is_blank(cell: Cell) -> bool:
    """Whether a cell says nothing, be it in words."""
    return isinstance(cell, str | None) and says_nothing(text_of(cell))


# Ages


def age_band(cell: Cell, answered_on: date | None) -> str | None:
    """An age, in bands of five years; a range that was to be chosen from stays as it is.

    Args:
        cell: an age in digits or words, a range of them, or a year of birth.
        answered_on: when it was answered.

    Raises:
        Unusable: `not_an_age`, or `impossible_age`.
    """
    if is_blank(cell):
        return None
    if isinstance(cell, bool | date | datetime | time | timedelta):
        raise Unusable("not_an_age")
    text = name_words(text_of(cell)) if isinstance(cell, str) else text_of(cell)
    numbers = [float(one) for one in re.findall(r"\d+(?:\.\d+)?", text)]
    if not numbers:
        numbers = [float(spoken) for spoken in (_spoken(text),) if spoken is not None]
    if not numbers:
        raise Unusable("not_an_age")
    if len(numbers) > 1:
        return _age_range(numbers)
    return _band_of(_age(numbers[0], answered_on))


def _age(number: float, answered_on: date | None) -> int:
    born = 1900 <= number <= 2099  # noqa: PLR2004 a year
    age = answered_on.year - number if born and answered_on else number
    if not YOUNGEST <= age <= OLDEST:
        raise Unusable("impossible_age")
    return int(age)


def _band_of(age: int) -> str:
    begin = age - age % AGE_BAND
    return f"{begin}-{begin + AGE_BAND - 1}"


def _age_range(numbers: Sequence[float]) -> str:
    two = 2
    low, high = int(numbers[0]), int(numbers[1])
    if len(numbers) != two or not YOUNGEST <= low <= high <= OLDEST:
        raise Unusable("impossible_age" if len(numbers) == two else "not_an_age")
    return _band_of(low) if _band_of(low) == _band_of(high) else f"{low}-{high}"


_UNITS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen",
    "de": "null ein zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn "
    "funfzehn sechzehn siebzehn achtzehn neunzehn",
    "fr": "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
    "seize dix_sept dix_huit dix_neuf",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce "
    "quince dieciseis diecisiete dieciocho diecinueve",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty",
    "de": "zwanzig dreissig vierzig funfzig sechzig",
    "fr": "vingt trente quarante cinquante soixante",
    "es": "veinte treinta cuarenta cincuenta sesenta",
}


def _spellings() -> dict[str, int]:
    """Numbers up to 69, as they are written in four languages."""
    spelled = {}
    for language, words in _UNITS.items():
        units = [word.replace("_", " ") for word in words.split()]
        spelled |= {word: number for number, word in enumerate(units)}
        for at, ten in enumerate(_TENS[language].split(), 2):
            spelled[ten] = at * 10
            for unit, word in enumerate(units[1:10], 1):
                ways = {
                    "en": (f"{ten} {word}", f"{ten}{word}"),
                    "de": (f"{word}und{ten}", f"{word} und {ten}"),
                    "fr": (f"{ten} {word}", f"{ten} et {word}", f"{ten} et une"),
                    "es": (f"{ten} y {word}", f"veinti{word}" if ten == "veinte" else ten),
                }[language]
                spelled |= {way: at * 10 + unit for way in ways if way not in spelled or way != ten}
            spelled[ten] = at * 10
    spelled |= {"eins": 1, "une": 1, "una": 1, "eine": 1, "einen": 1, "dreißig": 30}
    spelled["vingt et une"] = 21
    return spelled


_SPELLED = _spellings()
_SPOKEN = re.compile(
    r"\b(" + "|".join(sorted(map(re.escape, _SPELLED), key=len, reverse=True)) + r")\b"
)


def _spoken(words: str) -> int | None:
    """The first number in a text that is written in words."""
    found = _SPOKEN.search(words)
    return _SPELLED[found[1]] if found else None


# Hours


_ALL_DAY = re.compile(
    r"\b(all (the )?(day|time)|whole day|24 7|always|non ?stop|constantly|every waking"
    r"|den ganzen tag|ganzen tag|ganztags|immer|dauernd|toute la journee|tout le temps|toujours"
    r"|todo el dia|siempre|todo el tiempo|tutto il giorno|sempre|o dia todo|hele dag|altijd)\b"
)
_HALF = re.compile(r"\b(half an? hour|halbe stunde|demi heure|media hora|mezz ?ora|meia hora)\b")
_NEVER = re.compile(r"\b(never|not at all|nie|gar nicht|jamais|nunca|mai|nooit)\b")
_FIGURE = r"\d+(?:\.\d+)?"
_RANGE = re.compile(rf"({_FIGURE})\s*(?:-|–|—|to|bis|a|à|or|oder|ou|o|until|/)\s*({_FIGURE})")  # noqa: RUF001
_HOURS_AND_MINUTES = re.compile(
    rf"({_FIGURE})\s*(?:h|hrs?|hours?|std|stunden?)\s*(?:and|und|et|y)?\s*(\d{{1,2}})\b"
)
_CLOCK = re.compile(r"^(\d{1,2}):(\d{2})(?::\d{2})?\s*(?:h|hours?)?$")
_MINUTES = re.compile(r"(?<![a-z])(m|min|mins|minutes?|minuten|minutos?|minuti)\b")
_LESS = re.compile(r"<|\b(less than|under|below|weniger als|unter|moins de?|menos de?|meno di)\b")
_MORE = re.compile(r">|\+|\b(more than|over|at least|above|mehr als|uber|plus de?|mas de?)\b")
_FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75"}


def hours_band(cell: Cell) -> str | None:
    """Hours a day, in bands.

    Args:
        cell: a number, a range, words such as "all day", or a length of time.

    Raises:
        Unusable: `not_hours`, or `impossible_hours`.
    """
    if is_blank(cell):
        return None
    hours = _hours(cell)
    if not 0 <= hours <= DAY_HOURS:
        raise Unusable("impossible_hours")
    return next(name for end, name in HOURS_BANDS if hours < end or end == DAY_HOURS)


def _hours(cell: Cell) -> float:
    if isinstance(cell, bool | date | datetime):
        raise Unusable("not_hours")
    if isinstance(cell, timedelta):
        return cell.total_seconds() / 3600
    if isinstance(cell, time):
        return cell.hour + cell.minute / 60
    if isinstance(cell, int | float):
        return float(cell)
    return _hours_in(_plain_numbers(text_of(cell)))


def _plain_numbers(text: str) -> str:
    text = text.casefold()
    for sign, decimal in _FRACTIONS.items():
        text = re.sub(rf"(\d)\s*{sign}", rf"\g<1>{decimal}", text).replace(sign, f"0{decimal}")
    text = re.sub(r"(?<!\d)1/2(?!\d)", "0.5", text)
    text = re.sub(r"(\d)\s+0(\.5)", r"\1\2", text)
    return re.sub(r"(?<=\d),(?=\d)", ".", text)


def _hours_in(text: str) -> float:
    words = name_words(text)
    if _ALL_DAY.search(words):
        return DAY_HOURS
    if clock := _CLOCK.match(text.strip()):
        return int(clock[1]) + int(clock[2]) / 60
    if both := _HOURS_AND_MINUTES.search(text):
        return float(both[1]) + int(both[2]) / 60
    scale = 1 / 60 if _MINUTES.search(text) and not re.search(r"\d\s*(h|std|stunde)", text) else 1.0
    if between := _RANGE.search(text):
        low, high = float(between[1]), float(between[2])
        if low > high:
            raise Unusable("not_hours")
        return (low + high) / 2 * scale
    figures = re.findall(_FIGURE, text)
    if len(figures) > 1:
        raise Unusable("not_hours")
    if figures:
        figure = float(figures[0]) * scale
        if _LESS.search(text):
            return figure * 0.999
        return figure
    if _HALF.search(words):
        return 0.5
    if _NEVER.search(words):
        return 0.0
    spoken = _spoken(words)
    if spoken is None:
        raise Unusable("not_hours")
    return spoken * scale


# Days


def moment(cell: Cell, timezone: str, *, day_first: bool | None) -> datetime | None:
    """When something was answered, by the sheet's own clock.

    Args:
        cell: a serial number of days, a date, or a text in any spelling.
        timezone: where that clock is, for times that name their distance from Greenwich.
        day_first: whether "03/04" is in April; None where nobody knows.

    Raises:
        Unusable: `not_a_date`, or `unclear_date` where day and month may be either.
    """
    if is_blank(cell):
        return None
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if isinstance(cell, bool | time | timedelta):
        raise Unusable("not_a_date")
    if isinstance(cell, int | float):
        return _serial(float(cell))
    return _written(text_of(cell), timezone, day_first)


def _serial(days: float) -> datetime:
    if not _FIRST_SERIAL <= days < _LAST_SERIAL:
        raise Unusable("not_a_date")
    return _EPOCH + timedelta(days=days)


_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_YEAR_FIRST = re.compile(r"^(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})\b")
_YEAR_LAST = re.compile(r"^(\d{1,2})([-/. ]{1,2})(\d{1,2})[-/. ]{1,2}(\d{4}|\d{2})\b")
_OFFSET = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")
_TIME = re.compile(r"\b(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?\s*([ap])?\.?\s*m?\b", re.IGNORECASE)


def slashed(text: str) -> tuple[int, int] | None:
    """The first two numbers of a date of which one is the day and one the month, as written."""
    found = _YEAR_LAST.match(text)
    return (int(found[1]), int(found[3])) if found else None


def is_day_first(texts: Sequence[str]) -> bool | None:
    """Whether dates such as "03/04/2026" begin with the day; None where nothing tells.

    One that can only be read in one way tells it for all; else the order of rows does, since a form
    adds them one below the other.

    Args:
        texts: a column of dates, in the order of the sheet.
    """
    pairs = [pair for text in texts if (pair := slashed(text))]
    day_first = any(first > 12 for first, _ in pairs)  # noqa: PLR2004 no month
    month_first = any(second > 12 for _, second in pairs)  # noqa: PLR2004
    if day_first != month_first:
        return day_first
    return None


def _written(text: str, timezone: str, day_first: bool | None) -> datetime:
    if re.fullmatch(r"\d+(?:[.,]\d+)?", text):
        return _serial(float(text.replace(",", ".")))
    if _ISO.match(text) and _OFFSET.search(text):
        try:
            instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            raise Unusable("not_a_date") from None
        return instant.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    return datetime.combine(_day(text, day_first), _time_in(text))


def _day(text: str, day_first: bool | None) -> date:
    try:
        if found := _YEAR_FIRST.match(text):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _YEAR_LAST.match(text):
            first, second, year = int(found[1]), int(found[3]), int(found[4])
            year += 2000 if year < 100 else 0  # noqa: PLR2004 two digits
            if "." in found[2] or first > 12:  # noqa: PLR2004 no month; with dots the day is first
                return date(year, second, first)
            if second > 12 or first == second or day_first is False:  # noqa: PLR2004
                return date(year, first, second)
            if day_first:
                return date(year, second, first)
            raise Unusable("unclear_date")
        return _in_words(text)
    except ValueError:
        raise Unusable("not_a_date") from None


def _in_words(text: str) -> date:
    if not re.search(r"[^\W\d_]{3}", text) or not re.search(r"\d{4}", text):
        raise Unusable("not_a_date")
    try:
        return dates.parse(_in_english(text), default=datetime(2000, 1, 1)).date()  # noqa: DTZ001
    except (ValueError, OverflowError):
        raise Unusable("not_a_date") from None


_MONTHS = (
    "jan ene gen", "feb fev febr", "mar mrz maerz", "apr avr abr", "may mai mag maggio mei maio",
    "jun juin giu", "jul juil lug", "aug aout ago", "sep set sept", "oct okt ott out", "nov",
    "dec dez dic",
)  # fmt: skip
_ENGLISH = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def _in_english(text: str) -> str:
    """A date with its month in English, and without the words between."""
    kept = []
    for word in name_words(
        text.rsplit(",", maxsplit=1)[-1] if re.match(r"^[^\d]+,", text) else text
    ).split():
        if word.isdigit():
            kept.append(word)
            continue
        number = next(
            (
                at
                for at, begins in enumerate(_MONTHS)
                if any(word.startswith(one) for one in begins.split())
            ),
            None,
        )
        if number is not None:
            kept.append(_ENGLISH[number])
    return " ".join(kept[:3])


def _time_in(text: str) -> time:
    found = _TIME.search(text)
    if not found:
        return time()
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        hour = hour % 12 + (12 if found[4].lower() == "p" else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        return time()


def now_of(timezone: str) -> datetime:
    """The present by a sheet's clock."""
    return datetime.now(UTC).astimezone(ZoneInfo(timezone)).replace(tzinfo=None)


# Words


_YES = {
    *("yes", "y", "yeah", "yep", "sure", "ok", "okay", "true", "1", "agree", "agreed", "i agree"),
    *("of course", "absolutely", "ja", "j", "jawohl", "gerne", "einverstanden", "stimme zu"),
    *("wahr", "oui", "o", "d accord", "j accepte", "volontiers", "vrai", "si", "s", "claro"),
    *("de acuerdo", "acepto", "verdadero", "d accordo", "accetto", "certo", "vero", "sim"),
    *("aceito", "akkoord", "waar", "yes please", "i do", "please do", "fine"),
}
_YES_BEGINS = ("yes ", "ja ", "oui ", "si ", "sim ", "i agree ", "i consent", "ich stimme zu")
_AGREES = ("ich bin einverstanden", "j accepte ", "je suis d accord", "estoy de acuerdo", "acepto ")
_BUT = re.compile(
    r"\b(no|not|don t|dont|never|only|but|nicht|nein|kein|nur|aber|pas|non|mais|sauf|pero|solo"
    r"|nao|niet|maar|rather|unless|except|maybe|perhaps|vielleicht|peut|quiza|quizas)\b"
)
_TICKS = {"✓", "✔", "☑", "✅", "👍", "x"}


def agrees(cell: Cell) -> bool:
    """Whether somebody said yes: anything that is not a plain yes is none."""
    if isinstance(cell, bool):
        return cell
    text = text_of(cell)
    if text.casefold().strip("\ufe0f ") in _TICKS:
        return True
    words = name_words(text)
    if words in _YES:
        return True
    return words.startswith((*_YES_BEGINS, *_AGREES)) and not _BUT.search(words)


_TIMES: dict[str, str] = {
    "morning": "morning mornings morgens morgen vormittag vormittags fruh matin matinee manana "
    "mananas mattina mattino manha ochtend breakfast",
    "afternoon": "afternoon afternoons nachmittag nachmittags mittags apres tarde tardes pomeriggio "
    "middag lunch",
    "evening": "evening evenings abend abends soir soiree sera serata avond",
    "night": "night nights nachts nacht nuit noche noches notte noite midnight bedtime",
}
_OF_WORD = {word: name for name, words in _TIMES.items() for word in words.split()}


def times_of_day(cell: Cell) -> str | None:
    """When somebody listens, as parts of the day where these are named, else as it was written.

    Several parts, as one can tick them, are one answer, in the order of the day.
    """
    if is_blank(cell) or isinstance(cell, bool | date | datetime | timedelta):
        return None
    if isinstance(cell, time):
        return _part_of(cell.hour)
    if isinstance(cell, int | float):
        return _part_of(int(cell * 24) % 24 if cell < 1 else int(cell) % 24)
    text = text_of(cell)
    words = name_words(text)
    if _ALL_DAY.search(words):
        return "all day"
    named = {_OF_WORD[word] for word in words.split() if word in _OF_WORD}
    if not named and (clock := re.fullmatch(r"(\d{1,2})(?::\d{2})?\s*([ap])?\.?m?\.?.*", text)):
        hour = int(clock[1]) % 12 + (12 if clock[2] == "p" else 0) if clock[2] else int(clock[1])
        return _part_of(hour % 24)
    if len(named) == len(_TIMES):
        return "all day"
    return ", ".join(name for name in _TIMES if name in named) or text


def _part_of(hour: int) -> str:
    ends = ((5, "night"), (12, "morning"), (17, "afternoon"), (22, "evening"), (24, "night"))
    return next(name for end, name in ends if hour < end)


_YEARS: dict[str, str] = {
    "1": "first freshman freshmen erstes erste ersten premiere premier primero primer primera primo",
    "2": "second sophomore sophomores zweites zweite zweiten deuxieme seconde segundo segunda secondo",
    "3": "third junior juniors drittes dritte dritten troisieme tercero tercer tercera terzo",
    "4": "fourth senior seniors viertes vierte vierten quatrieme cuarto cuarta quarto",
    "5": "fifth funftes funfte funften cinquieme quinto quinta",
    "6": "sixth sechstes sechste sechsten sixieme sexto sexta sesto",
}
_YEAR_OF_WORD = {word: year for year, words in _YEARS.items() for word in words.split()}
_SEMESTER = re.compile(r"\b(semester|semestre|fachsemester|sem)\b")
_GRADUATE = re.compile(
    r"\b(master|masters|msc|ma|m|phd|doctoral|doktorand|doctorat|graduate|grad)\b"
)


def year_of_study(cell: Cell) -> str | None:
    """In which year of their studies somebody is, as a digit where they say so, else as written."""
    if is_blank(cell) or isinstance(cell, bool | date | datetime | time | timedelta):
        return None
    text = text_of(cell)
    words = name_words(text)
    if _GRADUATE.search(words):
        return text
    numbers = [int(one) for one in re.findall(r"\d+", text)]
    if len(numbers) == 1 and 1 <= numbers[0] <= 12:  # noqa: PLR2004 semesters of six years
        year = (numbers[0] + 1) // 2 if _SEMESTER.search(words) else numbers[0]
        return str(year)
    named = [_YEAR_OF_WORD[word] for word in words.split() if word in _YEAR_OF_WORD]
    if len(named) == 1 and not numbers:
        if _SEMESTER.search(words):
            return str((int(named[0]) + 1) // 2)
        return named[0]
    return text


_OTHER = re.compile(
    r"^\s*(other|others|sonstiges|andere|anderes|autre|otro|otra|altro|outro)\s*[:：-]\s*",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"^(b\.?\s?sc?|m\.?\s?sc?|b\.?\s?a|m\.?\s?a|ba|ma|bsc|msc|bachelor|master|licence|grado|licenciatura)"
    r"\b\.?(\s+(of|in|en|der|de|des|d'))*\s+", re.IGNORECASE,
)  # fmt: skip


def subject(cell: Cell) -> str | None:
    """What somebody studies, as they wrote it, without "Other:" and without the degree."""
    if is_blank(cell) or isinstance(cell, bool | date | datetime | time | timedelta):
        return None
    text = _OTHER.sub("", text_of(cell))
    text = _DEGREE.sub("", text) or text
    return None if says_nothing(text) else text


Reader = Callable[[Cell], str | None]
