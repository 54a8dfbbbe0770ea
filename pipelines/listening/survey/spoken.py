"""Numbers in words, as people write their age: "twenty", "einundzwanzig", "vingt et un".

Add a language here. What a number is of belongs in `values.py`.
"""

import re

_UNITS = {
    "en": "one two three four five six seven eight nine",
    "de": "ein zwei drei vier fünf sechs sieben acht neun",
    "fr": "un deux trois quatre cinq six sept huit neuf",
    "es": "un dos tres cuatro cinco seis siete ocho nueve",
    "it": "uno due tre quattro cinque sei sette otto nove",
}
_TEENS = {
    "en": "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    "de": "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn",
    "fr": "dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf",
    "es": "diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve",
    "it": "dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty",
    "de": "zwanzig dreißig vierzig fünfzig sechzig",
    "fr": "vingt trente quarante cinquante soixante",
    "es": "veinte treinta cuarenta cincuenta sesenta",
    "it": "venti trenta quaranta cinquanta sessanta",
}
_BOTH = {
    "en": ("{ten} {unit}", "{ten}{unit}"),
    "de": ("{unit}und{ten}", "{unit} und {ten}"),
    "fr": ("{ten} {unit}", "{ten} et {unit}", "{ten} et {unit}e"),
    "es": ("{ten} y {unit}", "{ten} y {unit}o", "{less}i{unit}", "{less}i{unit}o"),
    "it": ("{ten}{unit}", "{ten} {unit}", "{less}{unit}"),
}
_ALONE = {"eins": 1, "eine": 1, "einen": 1, "une": 1, "uno": 1, "una": 1, "zero": 0, "null": 0}


def _plain(text: str) -> str:
    for marked, bare in (("ü", "u"), ("ö", "o"), ("é", "e"), ("-", " ")):
        text = text.replace(marked, bare)
    return text


def _spellings() -> dict[str, int]:
    """Numbers up to 69 by what they are called, as `name_words` gives it."""
    spelled = dict(_ALONE)
    for language, ways in _BOTH.items():
        units = _plain(_UNITS[language]).split()
        spelled |= {word: number for number, word in enumerate(units, 1)}
        teens = _TEENS[language].split()
        spelled |= {_plain(word): number for number, word in enumerate(teens, 10)}
        for number, ten in enumerate(_plain(_TENS[language]).split(), 2):
            spelled[ten] = 10 * number
            for one, unit in enumerate(units, 1):
                parts = {"ten": ten, "unit": unit, "less": ten[:-1]}
                spelled |= {way.format(**parts): 10 * number + one for way in ways}
    return spelled | {word.replace("ß", "ss"): number for word, number in spelled.items()}


_SPELLED = _spellings()
_ANY = re.compile(rf"\b({'|'.join(sorted(map(re.escape, _SPELLED), key=len, reverse=True))})\b")


def spoken_number(words: str) -> int | None:
    """The first number in a text that is written in words; None where there is none.

    Args:
        words: as `name_words` gives them.
    """
    found = _ANY.search(words)
    return _SPELLED[found[1]] if found else None
