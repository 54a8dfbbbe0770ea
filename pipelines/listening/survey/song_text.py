"""The songs that somebody named in a form's cells: names, links, several at once, or no answer.

What stands in a cell is taken apart only as far as it is certain: "Stand by Me" may be a song, or
one called "Stand" by somebody called "Me". So a text without an artist's cell stays whole, and
`readings` lists what it may mean; which of them is a track there is, `matching.py` finds out. Add
here what people write into such cells.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pipelines.listening.catalogue.identifiers import spotify_uri
from pipelines.listening.catalogue.names import normal_name
from pipelines.listening.plain_text import plain

LONGEST = 200
"""Characters of what may be a song; longer texts are stories."""

MOST_IN_A_CELL = 10
"""Songs of one cell that are taken; who pastes a playlist's text names no favourites."""

NO_ANSWER = "names no song"
ONLY_AN_ARTIST = "names an artist and no song"
NO_SONGS_LINK = "a link to no song"
FOREIGN_LINK = "a link to another service than Spotify"
SHORT_LINK = "a shortened link, which does not tell the song"
TOO_LONG = "too long for a song"
TOO_MANY = "more songs than a cell may have"


@dataclass(frozen=True)
class NamedSong:
    """A song as somebody named it.

    Attributes:
        artist_name: None where no cell is the artist's: then it may stand in `track_name`.
        track_name: None where there is a link alone.
        track_id: Spotify's, of a link.
    """

    artist_name: str | None
    track_name: str | None
    track_id: str | None = None


@dataclass(frozen=True)
class NamedSongs:
    """What the cells of one question named.

    Attributes:
        songs: in the order in which they stand.
        refused: why something in the cells is no song, by name of the reason.
    """

    songs: tuple[NamedSong, ...] = ()
    refused: tuple[str, ...] = ()


def songs_in(song: str | None, artist: str | None = None) -> NamedSongs:
    """The songs that two cells name.

    Args:
        song: the cell of the song, or of song and artist in one.
        artist: the cell of the artist, where there is one.
    """
    song, artist = _FORMULA.sub(_linked, song or ""), _FORMULA.sub(_linked, artist or "")
    if labelled := _LABELLED.match(song):
        song, artist = labelled["song"], labelled["artist"]
    songs, artists = _parts(song), _parts(artist)
    slashed = [_SLASH.split(cell.strip()) for cell in (song, artist)]
    if len(slashed[0]) == len(slashed[1]) > 1:
        songs, artists = slashed
    if len(songs) <= 1 < len(artists):  # "A, B" are artists of one song
        artists = [artist]
    if len(artists) not in {0, 1, len(songs)}:
        artists = []
    if len(artists) == 1:
        artists = artists * max(1, len(songs))
    pairs = list(zip(songs or [""], artists or [""] * max(1, len(songs)), strict=True))
    named: list[NamedSong] = []
    refused: list[str] = []
    for pair in pairs:
        one = _song(*pair)
        if isinstance(one, NamedSong):
            named.append(one)
        elif one:
            refused.append(one)
    if len(named) > MOST_IN_A_CELL:
        named, refused = named[:MOST_IN_A_CELL], [*refused, TOO_MANY]
    return NamedSongs(tuple(dict.fromkeys(named)), tuple(dict.fromkeys(refused)))


_LABELLED = re.compile(
    r"^\s*(?:song|title|track|titel|lied)(?:\s+(?:name|title))?\s*[:=]\s*(?P<song>[^\n]+?)[\s,;/|-]*"
    r"\b(?:artists?|singer|band|k\u00fcnstler(?:in)?|interpret(?:in)?)\s*[:=]\s*(?P<artist>[^\n]+)\s*$",
    re.IGNORECASE,
)
"""Both in one cell, each with what it is."""

_SLASH = re.compile(r"\s+[/|]\s+")
"""Between songs where as many artists stand in their cell; else it may be between the two."""

_FORMULA = re.compile(
    r"^\s*=\s*HYPERLINK\s*\(\s*\"([^\"]*)\"\s*(?:[;,]\s*\"([^\"]*)\"\s*)?\)\s*$", re.IGNORECASE
)


def _linked(formula: re.Match[str]) -> str:
    """The address and the text of a cell that links."""
    return f"{formula[1]} {formula[2] or ''}"


_LINK = re.compile(r"https?://[^\s\"'<>;,)]+|\b(?:open|play)\.spotify\.com/\S+|spotify:\w[^\s\"']*")
_ADDRESS = re.compile(r"\b(?:www\.|youtu\.be/|[\w-]+\.(?:com|net|org|link|be)/)\S*", re.IGNORECASE)
_ID = re.compile(r"[0-9A-Za-z]{22}")


def _song(song: str, artist: str) -> NamedSong | str | None:
    """A song, or why it is none; None where nothing stands there."""
    track_id = _linked_track(song, artist)
    title, by = (_clean(_without_links(cell)) for cell in (song, artist))
    if _is_no_answer(by, strictly=False):
        by = ""
    if _is_no_answer(title, strictly=not by):
        title = ""
    if max(len(title), len(by)) > LONGEST:
        return TOO_LONG
    by_anything = _ANYTHING.match(title) is not None
    title = _without_artist(title, by)
    if track_id:
        return NamedSong(by or None, title or None, track_id)
    if _says_something(title) and not by_anything:
        return NamedSong(by or None, title)
    return _reason(song, artist, names_artist=bool(by or by_anything))


def _linked_track(song: str, artist: str) -> str | None:
    """The id of the first link to a track in either cell, or the id that a cell is."""
    for cell in (song, artist):
        for link in _LINK.findall(cell):
            _, _, id_ = (spotify_uri(link) or "").rpartition("spotify:track:")
            if _ID.fullmatch(id_):
                return str(id_)
    return next((cell.strip() for cell in (song, artist) if _is_id(cell)), None)


def _reason(song: str, artist: str, *, names_artist: bool) -> str | None:
    """Why cells name no song; None where nothing stands in them."""
    links = [*_LINK.findall(song), *_LINK.findall(artist)]
    if _SHORTENED.search(song):
        return SHORT_LINK
    if any(map(spotify_uri, links)):
        return NO_SONGS_LINK
    if links or _ADDRESS.search(song):
        return FOREIGN_LINK
    if names_artist:
        return ONLY_AN_ARTIST
    return NO_ANSWER if song.strip() else None


_SHORTENED = re.compile(r"\bspotify(?:\.app)?\.link/", re.IGNORECASE)


def _is_id(text: str) -> bool:
    """Nobody is called like an id of Spotify: 22 letters and digits of both cases."""
    text = text.strip()
    return bool(_ID.fullmatch(text) and re.search(r"\d", text) and re.search(r"[A-Z]", text))


def _without_links(text: str) -> str:
    if _is_id(text):
        return ""
    return _ADDRESS.sub(" ", _LINK.sub(" ", text))


_HYPHENS = r"[-\u2010-\u2015\u2212]"
_SPLIT = re.compile(r"[\n\r;\u2028]+")
_LISTED = re.compile(r"(?:^|\s)(?:\(?\d{1,2}[.)]|[\u2022*\u00b7])\s+(?=\S)")
_OFTEN = re.compile(r"\s*(?:,|\s/\s|\s\|\s|\s&\s|\s\+\s|\s(?:and|und|et|y|e)\s)\s*", re.IGNORECASE)
_WHOLE = re.compile(rf"\S\s+(?:{_HYPHENS}|by)\s+\S", re.IGNORECASE)


def _parts(text: str) -> list[str]:
    """The songs of a cell: lines, list items, and whole songs ("A - B") between commas."""
    several = [part for line in _SPLIT.split(text) for part in _items(line)]
    several = [part for part in several if part.strip(" ,.-")]
    return [part for one in several for part in _songs_between(one)]


def _items(line: str) -> list[str]:
    starts = [match.start() for match in _LISTED.finditer(line)]
    if len(starts) == 1 and not line[: starts[0]].strip():
        return [_LISTED.sub(" ", line)]
    if len(starts) > 1 and not line[: starts[0]].strip():
        return [part for part in _LISTED.split(line) if part.strip()]
    return [line]


def _songs_between(text: str) -> list[str]:
    links = _LINK.findall(text)
    if len(links) > 1 and len({spotify_uri(link) for link in links}) > 1:
        return links
    parts = _OFTEN.split(text)
    whole = [_WHOLE.search(part) or _BRACKETED.match(part) for part in parts]
    if len(parts) > 1 and all(whole):
        return parts
    return [text]


_QUOTES = "\"'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a"
_PAIRS = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'))
_CHATTER = re.compile(
    r"^\W*(?:(?:my|mein|meine|mon|ma|mi|il mio|la mia)\s+)?"
    r"(?:(?:all[- ]time\s+)?fav(?:ou?rite)?|lieblings|top)\s*-?"
    r"(?:song|track|tune|lied|one)?\s*(?:is|ist|are|would be|:|=)\s*:?\s*|"
    r"^(?:probably|maybe|definitely|currently|vielleicht|prob)\b[\s,:]+(?=\S)",
    re.IGNORECASE,
)
_VIDEO = re.compile(
    r"\s*[(\[]?\b(?:official\s+(?:(?:music|lyrics?|hd)\s+)?(?:video|audio|visuali[sz]er)"
    r"|(?:with\s+)?lyrics?(?:\s+video)?)\b[)\]]?\s*$",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\s*[(\[](?:[^()\[\]]*\b(?:lol|haha+|lmao|love (?:it|this)|my fav\w*|obviously|i think"
    r"|not sure|idk)\b[^()\[\]]*|[?!. ]*)[)\]]\s*",
    re.IGNORECASE,
)
_SMILEYS = re.compile(r"(?:\s|^)(?:[:;]-?[)(DPp3]|<3+|x[dD]|\^\^)(?=\s|$)")


def _clean(text: str) -> str:
    """A text without what people add to names: emoji, quotes, chatter."""
    text = plain(unicodedata.normalize("NFC", text))
    if not text.isascii():
        bare = plain("".join(" " if _is_picture(letter) else letter for letter in text))
        text = bare if _has_letters(bare) else text
    text = _ASIDE.sub(" ", _VIDEO.sub("", _SMILEYS.sub(" ", text)))
    text = _CHATTER.sub("", text.translate(_PAIRS)).strip()
    return " ".join(_bare(text).split()) or text


def _bare(text: str) -> str:
    """A text without signs and quotes around it."""
    text = text.strip(" \t,;|=").rstrip("-").strip()
    inner = text.strip(_QUOTES)
    return text if '"' in inner else inner


def _is_picture(letter: str) -> bool:
    """Whether a character is an emoji or a part of one, or another picture."""
    if letter in "\ufe0f\u200d" or ord(letter) in _SKIN:
        return True
    return (
        unicodedata.category(letter) in {"So", "Sk", "Cn", "Co"} and letter not in "^`\u00b4\u00a8"
    )


_SKIN = range(0x1F3FB, 0x1F400)


def _says_something(title: str) -> bool:
    """Not only blanks and dots; "?" and "!!!" are no song unless an artist stands beside it."""
    return bool(title.strip(" .,-_/?!"))


_NEVER = frozenset(
    map(
        normal_name,
        (
            *("idk", "i dk", "idk lol", "i don't know", "i do not know", "dont know", "don't know"),
            *("dunno", "i dunno", "not sure", "im not sure", "i'm not sure", "unsure", "no idea"),
            *("no clue", "n/a", "na", "n.a.", "tbd", "tba", "test", "testing", "asdf", "asdfgh"),
            *("qwerty", "xxx", "abc", "too many", "too many to choose", "can't choose"),
            *("cant decide", "can't decide", "cannot decide", "hard to say", "it depends"),
            *("depends", "no favorite", "no favourite", "no favorites", "no favourites"),
            *("i don't have one", "don't have one", "dont have one", "i don't have a favorite"),
            *("i don't have a favourite", "none of your business", "prefer not to say"),
            *("no answer", "no preference", "same", "same as above", "see above", "ditto", "lol"),
            *("weiß nicht", "weiss nicht", "weiß ich nicht", "keine ahnung", "ka", "k.a."),
            *("kein", "keine", "keiner", "keins", "keine angabe", "kommt drauf an", "siehe oben"),
            *("je ne sais pas", "jsp", "aucune", "aucun", "aucune idée", "pas d'idée"),
            *("no sé", "no se", "no lo sé", "ninguna", "ninguno", "no tengo", "non so"),
            *("non lo so", "nessuna", "nessuno", "não sei", "nao sei", "nenhuma", "nenhum"),
            *("weet niet", "weet ik niet", "geen", "geen idee", "nie wiem", "vet ej", "vet inte"),
            *("ved ikke", "vet ikke", "en tiedä", "bilmiyorum", "не знаю", "нет", "わからない"),
            *("ない", "なし", "特になし", "不知道", "无", "没有", "모름", "몰라요", "없음"),
        ),
    )
)
"""No song, whoever is said to sing it."""

_ALONE = frozenset(
    map(
        normal_name,
        (
            *("none", "nothing", "no", "nope", "no one", "nobody", "anything", "everything"),
            *("all", "all of them", "any", "many", "various", "several", "a lot", "whatever"),
            *("unknown", "null", "nil", "x", "song", "artist", "music", "varies", "nichts", "egal"),
            *("alles", "alle", "viele", "rien", "tout", "nada", "todo", "todas", "niente", "tutto"),
            *("various artists", "different", "different ones", "random", "idc", "nah", "?", "-"),
        ),
    )
)
"""No song unless an artist stands beside it: there are songs called "Nothing"."""


def _is_no_answer(text: str, *, strictly: bool) -> bool:
    name = normal_name(text)
    if not any(letter.isalnum() for letter in name):
        return strictly or not name
    name = _FILLERS.sub("", name)
    return name in _NEVER or (strictly and name in _ALONE) or (not strictly and name in _NOBODY)


_FILLERS = re.compile(
    r"(?<=\S)(?: (?:honestly|tbh|really|sorry|right now|rn|yet|haha\w*|lol|man|bro))+$"
)
_ANYTHING = re.compile(
    r"^(?:just\s+|literally\s+|pretty much\s+)?(?:anything|everything|any|all|alles|tout|todo)"
    r"(?:\s+of)?(?:\s+(?:the\s+)?(?:songs?|tracks?|music))?\s+(?:by|from|von|de)\s+\S",
    re.IGNORECASE,
)
_NOBODY = frozenset(map(normal_name, ("none", "unknown", "various", "anyone", "nobody", "x")))


_DASHED = re.compile(rf"\s+{_HYPHENS}+\s*|\s*{_HYPHENS}+\s+|\s+:\s*|:\s+")
_BY = re.compile(r"\s*(?:[,(]\s*|\s)(?:by|von|par|de|di|door|af|av|от)\s+", re.IGNORECASE)
_CERTAINLY_BY = re.compile(r"\s*(?:[,(]\s*|\s)by\s+", re.IGNORECASE)
_CUT = re.compile(rf"\s*[/|,~\u2192\u00b7]\s*|(?<=\w){_HYPHENS}(?=\w)")
_QUOTED = re.compile(r'"([^"]+)"')
_AROUND = re.compile(rf"^\W*(?:by|von|par|de|di)\s|(?:\s|{_HYPHENS}|[:,])+$|^(?:{_HYPHENS}|[:,])+")
_BRACKETED = re.compile(r"^(.+\S)\s*[(\[]([^()\[\]]+)[)\]]$")
_PRONOUNS = frozenset({"me", "you", "him", "her", "us", "them", "myself", "the", "side", "day"})

Reading = tuple[str, str]
"""An artist and a title."""


def _without_artist(title: str, artist: str) -> str:
    """A title without the artist, who stands in a cell of their own too."""
    if not (title and artist):
        return title
    for one, other in _splits(title, _DASHED, _BY, _CUT):
        for name, rest in ((one, other), (other, one)):
            if normal_name(name) == normal_name(artist) and normal_name(rest):
                return _clean(rest)
    return title


@lru_cache(maxsize=1 << 14)
def readings(text: str) -> tuple[Reading, ...]:
    """What a text may mean that names song and artist in one, the likeliest first.

    Args:
        text: the `track_name` of a `NamedSong` without an artist.
    """
    found: list[Reading] = []
    if quoted := _QUOTED.search(text):
        rest = text[: quoted.start()] + " " + text[quoted.end() :]
        found.append((_AROUND.sub(" ", rest.strip()), quoted[1]))
    found += _in_both_orders(text, _DASHED)
    found += _by(text)
    for sign in (_BY, _CUT):
        found += _in_both_orders(text, sign)
    if bracketed := _BRACKETED.match(text):
        found.append((bracketed[2], bracketed[1]))
    bare = ((_bare(artist).strip(), _bare(title).strip()) for artist, title in found)
    sensible = (one for one in bare if all(map(_has_letters, one)))
    return tuple(dict.fromkeys(sensible))


def likeliest(text: str) -> Reading | None:
    """What a text most likely means that names song and artist in one; None where it does not.

    Args:
        text: as of `readings`.
    """
    certain = _QUOTED.search(text) or _DASHED.search(text) or _by(text)
    return next(iter(readings(text)), None) if certain else None


def _by(text: str) -> list[Reading]:
    """The last "by" first: there may be another one in the title."""
    found = []
    for match in reversed(list(_CERTAINLY_BY.finditer(text))):
        artist = _closed(text[match.end() :])
        if normal_name(artist) not in _PRONOUNS:
            found.append((artist, text[: match.start()]))
    return found


def _closed(text: str) -> str:
    """What is behind a sign, without a bracket that was opened before it: "Song (by Artist)"."""
    text = text.strip()
    while text.endswith(")") and text.count(")") > text.count("("):
        text = text[:-1].rstrip()
    return text


def _in_both_orders(text: str, sign: re.Pattern[str]) -> Iterator[Reading]:
    for one, other in _splits(text, sign):
        yield one, other
        yield other, one


def _has_letters(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def _splits(text: str, *signs: re.Pattern[str]) -> Iterator[Reading]:
    """Every way to cut a text in two at a sign."""
    for sign in signs:
        for match in sign.finditer(text):
            one, other = text[: match.start()].strip(), _closed(text[match.end() :])
            if one and other:
                yield one, other
