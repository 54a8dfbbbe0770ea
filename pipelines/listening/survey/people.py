"""Who answered: by which text a person is known again, who is nobody, and where names must not be.

Names and mails are arguments of this module and never leave what parses a row: what is made of them
is a pseudonym. Add here another way in which one person writes their own name.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import permutations

from pipelines.listening.catalogue.names import name_words, normal_name
from pipelines.listening.survey.cells import says_nothing

_MAIL = re.compile(r"[^\s@<>\"'(),;:=|]+@[^\s@<>\"'(),;:=|]+\.[^\W\d_]{2,}")
_IN_ASCII = str.maketrans({"ł": "l", "đ": "d", "ð": "d", "þ": "th"})
_AS_TWO = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "œ": "oe", "å": "aa"})
_AS_ONE = str.maketrans({"ø": "o", "œ": "o"})
"""Letters as they are written where a keyboard lacks them; marks are left out anyway."""

_INSIDE = re.compile(r"(?<=\w)['’‘ʼʻ`´‐‑-](?=\w)")  # noqa: RUF001 as people type them
"""What is left out inside a word."""

_SECOND = re.compile(r"(?<=[aou])e|(?<=a)a| ")
"""The second of two letters that stand for one, and blanks."""

_PRONOUN = (
    r"(?:she|hers?|he|him|his|they|them|theirs?|any|sie|ihre?|er|ihm|ihn|sein|elle|iel|il|lui|ella"
    r"|él|el|ellos|lei|dey|xier|ze|hir)"
)
_PRONOUNS = re.compile(
    rf"[(\[]\s*{_PRONOUN}(?:\s*[/,|]\s*{_PRONOUN})*\s*[)\]]"
    rf"|\b{_PRONOUN}(?:\s*/\s*{_PRONOUN})+\s*$",
    re.IGNORECASE,
)
"""What people write behind their name, to be spoken of: in brackets, or several of them."""

_PICTURES = {"So", "Sk", "Co", "Cn"}
"""Kinds of characters that are no part of a name, such as emoji."""

_PARTICLES = {
    *("van", "von", "vom", "zu", "zur", "de", "der", "den", "del", "della", "di", "da", "do"),
    *("dos", "das", "du", "des", "la", "le", "el", "al", "bin", "ibn", "mc", "y", "e", "und"),
    *("ter", "ten", "dr", "prof", "mr", "mrs", "ms", "herr", "frau", "mme", "jr", "sr"),
}
"""What stands beside names and is none."""

_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")
"""A name in a script that has no blanks between words, so that it may be within one."""

_LINK = re.compile(r"https?:|www\.|spotify:|\.com\b", re.IGNORECASE)

LONGEST_NAME = 100

_NOBODY = {
    *("anonymous", "anon", "anonym", "anonyme", "anonimo", "anonima", "anoniem", "no name"),
    *("noname", "name", "nobody", "no one", "someone", "somebody", "secret", "private", "me"),
    *("myself", "ich", "niemand", "geheim", "moi", "personne", "yo", "nadie", "io", "eu", "ik"),
    *("guest", "user", "student", "your name", "not telling", "no thanks"),
}
_TESTS = {
    *("test", "tests", "testing", "tester", "teste", "testperson", "testeintrag"),
    *("testantwort", "prueba", "essai", "asdf", "asdfgh", "asdfghjkl", "qwertz", "qwerty"),
    *("dummy", "foobar", "lorem", "ipsum", "asd", "qwe", "qwert", "sdf", "sdfg", "hjkl", "lkj"),
}
_BESIDE_A_TEST = {
    *("row", "entry", "answer", "response", "user", "student", "person", "name", "this", "is"),
    *("a", "the", "my", "an", "teacher", "account", "please", "ignore", "delete", "only", "just"),
    *("form", "first", "second", "last", "de", "un", "une", "ein", "eine", "das", "ist"),
    *("bitte", "foo", "bar", "mail", "song", "artist", "titel", "title"),
}
_MADE_UP = {
    *("max mustermann", "erika mustermann", "foo bar", "please ignore", "ignore me", "ignore"),
    *("delete me", "delete this", "delete this row", "please delete", "bitte loschen"),
}

_SHORTEST_GUARDED = 3
"""Letters of a name of one word that must not be all of a song's title or artist."""

_LONG_ENOUGH = 4
"""Letters of a part of a name that must not be a word of a song, unless it is a common one; and of
a hometown."""

_LONG_ENOUGH_ALONE = 5
"""Letters of what must not be a word of a song although it is less of a hint: of a name without its
blanks, of a mail before its "@", and of a part of somebody else's name."""

_SURELY_A_NAME = 8
"""Letters of a name without its blanks that must not be a part of a word either."""

_MOST_PARTS = 4
"""Of a name; what has more is a sentence, of which two words are nobody."""

_CARRIED_BY_MANY = 3
"""A part of a name that so many people have tells nobody."""

_AROUND_A_TOWN = re.compile(
    r"[,;/|()\[\]]|\b(?:from|aus|in|near|bei|am|an|im|sur|upon|de|da|von)\b", re.IGNORECASE
)
"""What stands between a town and its country, its river, and a sentence about it."""

_COMMON = {
    *("will", "love", "rose", "summer", "winter", "young", "king", "queen", "prince", "hope"),
    *("grace", "angel", "star", "sunny", "night", "moon", "river", "rivers", "stone", "wolf"),
    *("black", "white", "brown", "green", "gray", "grey", "gold", "blue", "rain", "bird", "snow"),
    *("storm", "heart", "baby", "lady", "rich", "hall", "hill", "wood", "woods", "park", "street"),
    *("bell", "cash", "long", "short", "little", "best", "sweet", "strong", "swift", "power"),
    *("price", "waters", "fields", "banks", "light", "home", "good", "wild", "faith", "dawn"),
    *("mark", "drew", "june", "april", "august", "engel", "stern", "wolf", "berg", "klein"),
    *("lang", "jung", "roth", "rosa", "luna", "mare", "sole", "amor", "cruz", "flores", "luz"),
    *("petit", "blanc", "noir", "roux", "chance", "destiny", "melody", "harmony", "paris"),
}
"""Names that are in many titles."""

_TOWNS_AND_WORDS = {
    *("nice", "bath", "reading", "split", "orange", "tours", "angers", "essen", "halle", "main"),
    *("mobile", "cork", "sandy", "buffalo", "phoenix", "eden", "hell", "heaven", "earth", "world"),
    *("here", "there", "nowhere", "everywhere", "somewhere", "city", "town", "village", "country"),
    *("north", "south", "east", "west", "planet", "ocean", "beach", "island", "lake", "mountain"),
    *("house", "space", "mars", "universe", "stadt", "dorf", "land", "welt", "ville", "campagne"),
    *("ciudad", "pueblo", "mundo", "terra", "monde", "valley", "forest", "garden", "desert"),
}
"""Hometowns that are ordinary words, or none."""

_FREQUENT = {
    *("aaron", "adams", "alice", "allen", "amanda", "andrea", "andrew", "angela", "angelo"),
    *("annie", "anthony", "antonio", "arthur", "ashley", "austin", "bailey", "baker", "barbara"),
    *("barry", "becky", "benjamin", "bennett", "benny", "billie", "billy", "bobby", "brandon"),
    *("brian", "brooks", "bruce", "bruno", "bryan", "butler", "camila", "carla", "carlos"),
    *("carol", "carter", "charles", "charlie", "chris", "christian", "christina", "claire"),
    *("clark", "claudia", "coleman", "collins", "connor", "cooper", "craig", "daniel", "danny"),
    *("david", "davis", "dean", "dennis", "derek", "diana", "diego", "donna", "dylan", "eddie"),
    *("edward", "edwards", "elena", "elias", "elizabeth", "ellen", "ellie", "emily", "emma"),
    *("enrique", "erica", "ernest", "evans", "felix", "fernando", "fisher", "florence", "foster"),
    *("frances", "francis", "frank", "frankie", "freddie", "gabriel", "garcia", "gary", "george"),
    *("gloria", "gordon", "graham", "gregory", "hannah", "harris", "harrison", "harry", "hector"),
    *("helen", "henry", "howard", "hughes", "hunter", "isaac", "isabel", "isabella", "jackie"),
    *("jackson", "jacob", "james", "jamie", "janet", "jason", "javier", "jenkins", "jenny"),
    *("jeremy", "jerry", "jesse", "jessica", "jessie", "jimmy", "johnny", "johnson", "jonas"),
    *("jonathan", "jones", "jordan", "jorge", "joseph", "joshua", "juanes", "julia", "julian"),
    *("julie", "justin", "karen", "katie", "keith", "kelly", "kenny", "kevin", "knight", "laura"),
    *("lauren", "lawrence", "layla", "leonard", "lewis", "linda", "lopez", "louis", "louise"),
    *("lucas", "lucia", "luther", "marco", "marcus", "maria", "marie", "mario", "marley", "marsh"),
    *("martha", "martin", "marvin", "mason", "matthew", "melanie", "meyer", "michael", "michelle"),
    *("miguel", "miles", "miller", "mitchell", "molly", "monica", "moore", "morgan", "morris"),
    *("morrison", "murphy", "nancy", "natalie", "nathan", "nelson", "nicholas", "nicole", "norah"),
    *("oliver", "olivia", "oscar", "owens", "pablo", "parker", "patricia", "patrick", "patti"),
    *("paula", "pedro", "perry", "peter", "philip", "phillips", "porter", "rachel", "randy"),
    *("rebecca", "reed", "ricardo", "richard", "ricky", "robert", "roberta", "robin", "robinson"),
    *("rodriguez", "roger", "rogers", "ronnie", "roxanne", "russell", "ryan", "samantha"),
    *("samuel", "sandra", "santana", "santos", "sarah", "scott", "sharon", "shawn", "silva"),
    *("simon", "smith", "sofia", "sophia", "sophie", "stella", "stephen", "steve", "steven"),
    *("stevie", "stewart", "susan", "suzanne", "taylor", "teddy", "teresa", "terry", "thomas"),
    *("thompson", "timothy", "tommy", "tracy", "travis", "turner", "tyler", "valerie", "vanessa"),
    *("victor", "victoria", "vincent", "walker", "walter", "warren", "watson", "wayne", "wendy"),
    *("adele", "alanis", "alexis", "aretha", "ariana", "bowie", "celine", "charlotte", "clara"),
    *("drake", "elton", "elvis", "georgia", "halsey", "janis", "kumar", "lennon", "lorde", "mills"),
    *("ortega", "pearce", "phoebe", "rihanna", "sanchez", "sandhu", "selena", "shakira", "sharma"),
    *("singh", "vance", "vivaldi", "wagner", "weber", "becker", "bauer", "schulz", "hernandez"),
    *("white", "whitney", "william", "williams", "willie", "wilson", "wright", "xavier"),
}
"""Names that so many artists have, and people in songs, that they point to nobody in the room."""


def mail_in(text: str) -> str:
    """The first mail address in a text; "" where there is none."""
    found = _MAIL.search("".join(one for one in text if unicodedata.category(one) != "Cf"))
    return found[0].strip(".") if found else ""


def normal_identity(text: str) -> str:
    """A mail or a name, such that it is the same however it was typed.

    Of a mail, case does not count; of a name neither case nor accents, punctuation, emoji, pronouns
    behind it and which of two parts a comma puts first.
    """
    mail = mail_in(text)
    if mail:
        return unicodedata.normalize("NFKC", mail).casefold()
    text = _PRONOUNS.sub(" ", text)
    if not text.isascii():
        text = "".join(" " if unicodedata.category(one) in _PICTURES else one for one in text)
    last, comma, first = text.partition(",")
    return normal_name(f"{first} {last}" if comma and first.strip() else text)


@lru_cache(maxsize=1 << 16)
def spellings(text: str, fold: Callable[[str], str] = normal_name) -> tuple[str, ...]:
    """All ways in which people without these letters and signs write a name, and a text with it.

    "Jörg" is "jorg" and "joerg", "O'Toole" is "o toole" and "otoole". Whose pseudonym it is does
    not depend on it: there "Jorg" and "Joerg" may be two.

    Args:
        text: a name, or what may have one in it.
        fold: what makes the words of it; `normal_identity` where all of it is a name.
    """
    told = unicodedata.normalize("NFC", text).casefold().translate(_IN_ASCII)
    every = (
        fold(signs.translate(letters))
        for letters in (_AS_ONE, _AS_TWO)
        for signs in (told, _INSIDE.sub("", told))
    )
    return tuple(dict.fromkeys(every))


def name_in(mail: str) -> str:
    """The name that a mail is made of, such as "ada.quill@…"; "" where it is none of two words."""
    words = normal_name(re.sub(r"\d+", " ", mail.partition("@")[0].partition("+")[0])).split()
    return " ".join(words) if len(words) > 1 else ""


def loosest(name: str) -> str:
    """What all spellings of a name have in common, to count who names it in any of them."""
    return _SECOND.sub("", name)


def whole_name(name: str, first: str, last: str) -> str:
    """A name that may be in several columns, such as the surname in "Nom" beside "Prénom".

    Args:
        name: what is in a column for the name.
        first: the first name.
        last: the surname.
    """
    if first and last:
        return f"{first} {last}"
    if name and first:
        there = set(name_words(first).split()) <= set(name_words(name).split())
        return name if there else f"{first} {name}"
    if name and last:
        there = set(name_words(last).split()) <= set(name_words(name).split())
        return name if there else f"{name} {last}"
    return name or first or last


def is_somebody(name: str) -> bool:
    """Whether a text in the place of a name is one: no link, nothing like "idk" or "anonymous"."""
    said = name.partition(",")[0] if len(name) <= LONGEST_NAME else ""
    return not (
        says_nothing(said)
        or _LINK.search(name)
        or (name_words(name) in _NOBODY and "," not in name)
    )


def is_test(text: str) -> bool:
    """Whether a name, a mail or a song says that somebody only tried the form."""
    words = re.sub(r"\d+", " ", name_words(text.partition("@")[0])).split()
    if " ".join(words) in _MADE_UP:
        return True
    return bool(set(words) & _TESTS) and set(words) <= _TESTS | _BESIDE_A_TEST


@dataclass
class Names:
    """The names of everybody on a sheet, while it is read: what no song or category may hold.

    Attributes:
        whole: names of several words, in both orders.
    """

    whole: set[str] = field(default_factory=set)
    _carriers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _towns: set[str] = field(default_factory=set)
    _unspaced: set[str] = field(default_factory=set)
    _longest: int = 0
    _mails: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def note_mail(self, name: str, mail: str) -> None:
        """Note that somebody of a name, of at least two words, gave a mail."""
        words = normal_identity(name)
        if mail and " " in words:
            self._mails[words].add(normal_identity(mail))

    def mail_of(self, name: str) -> str:
        """The mail that whoever is called so gave in another row; "" where it may be several's."""
        mails = self._mails.get(normal_identity(name), ())
        return next(iter(mails)) if len(mails) == 1 else ""

    def add(self, name: str, mail: str = "") -> None:
        """Note somebody's name; one of a single word is too often a word, but for some scripts.

        Who has several first names or surnames is called by any two of them.

        Args:
            name: as they wrote it, which may be differently each time.
            mail: theirs.
        """
        person = normal_identity(mail) or " ".join(sorted(normal_identity(name).split()))
        for words in map(str.split, spellings(name, normal_identity)):
            long = (one for one in words if len(one) >= _SHORTEST_GUARDED)
            self._unspaced.update(filter(_UNSPACED.fullmatch, long))
            if len(words) <= 1:
                continue
            first, last = words[0], words[-1]
            parts = [one for one in words if len(one) >= _SHORTEST_GUARDED]
            parts = [one for one in parts if one not in _PARTICLES]
            if len(parts) <= _MOST_PARTS:
                self.whole.update(map(" ".join, permutations(parts, 2)))
            self.whole |= {
                *(" ".join(words), " ".join([*words[1:], first]), " ".join([last, *words[:-1]])),
                *(f"{first} {last}", f"{last} {first}"),
                *(one for one in _without_blanks(words) if len(one) >= _SURELY_A_NAME),
            }
            for part in (first, last):
                if _is_rare(part, _LONG_ENOUGH_ALONE) and part not in _FREQUENT:
                    self._carriers[part].add(person)
            self._longest = max(self._longest, len(words))

    def add_towns(self, towns: Iterable[str]) -> None:
        """Note somebody's hometown, as `towns_in` gives it."""
        self._towns.update(towns)
        self._longest = max(self._longest, *(len(town.split()) for town in towns), 0)

    def within(self, text: str) -> Iterator[str]:
        """The names and hometowns that a text holds."""
        yield from (one for one in self._unspaced if one in text)
        for words in map(str.split, spellings(text)):
            for start in range(len(words)):
                for end in range(start + 1, min(len(words), start + self._longest) + 1):
                    name = " ".join(words[start:end])
                    owner, town = _whose(name), name.removesuffix("er")
                    yield from (one for one in {name, owner} if self.is_name(one))
                    yield from self._towns.intersection((name, owner, town))

    def is_name(self, text: str) -> bool:
        """Whether a text is the name of somebody, or a part of one that hardly anybody has."""
        return (
            text in self.whole
            or text in self._unspaced
            or 0 < len(self._carriers.get(text, ())) < _CARRIED_BY_MANY
        )


def towns_in(text: str) -> frozenset[str]:
    """What of an answer about somebody's hometown must not be in their songs.

    Of "Ulm, Germany" and "Newcastle upon Tyne" each of the two parts says where they are from.
    """
    if says_nothing(text) or len(text) > LONGEST_NAME:
        return frozenset()
    parts = (one for part in (text, *_AROUND_A_TOWN.split(text)) for one in spellings(part))
    return frozenset(
        part for part in parts if _is_rare(part, _LONG_ENOUGH) and part not in _TOWNS_AND_WORDS
    )


def _whose(text: str) -> str:
    """Whose something is: "Ottilies Lied" is Ottilie's, though no sign is before the "s".

    What is a name or a word with that letter is nobody's: "Williams", "Roses".
    """
    last = text.rpartition(" ")[2]
    is_owner = last.endswith("s") and last not in _FREQUENT and last[:-1] not in _COMMON
    return text[:-1] if is_owner else text


def _is_rare(text: str, letters: int) -> bool:
    return sum(map(str.isalpha, text)) >= letters and text not in _COMMON


def _without_blanks(name: Sequence[str]) -> set[str]:
    """A name of several words as one, in both orders."""
    if len(name) <= 1:
        return set()
    first, *_, last = name
    return {"".join(name), first + last, last + first, "".join([*name[1:], first])}


def names_them(texts: Iterable[str], name: str, mail: str) -> bool:
    """Whether a song's texts name who named it: with a part of their name, or of their mail.

    A name that is a common word too has to be all of a text, or there with all its parts: else
    somebody called Rose could not like "La vie en rose". The parts of a mail before its "@" have to
    be there all, or as one word, with or without the digits at its end.

    Args:
        texts: the title and the artist.
        name: theirs.
        mail: theirs.
    """
    told = [one for text in texts if text for one in spellings(text)]
    told += map(_whose, told[:])
    words = {word for text in told for word in text.split()}
    words |= set(map(_whose, words))
    before_at = normal_name(re.sub(r"\d+", " ", mail.partition("@")[0])).split()
    if _is_named(before_at, told, words):
        return True
    for own in map(str.split, spellings(name, normal_identity)):
        there = (words & set(own)) - _PARTICLES
        if any(len(part) >= _LONG_ENOUGH and part not in _COMMON for part in there):
            return True
        if _is_one_word(told, words, own, mail):
            return True
        if any(_UNSPACED.fullmatch(part) and part in text for part in own for text in told):
            return True
        if any(_is_named(parts, told, words) for parts in (own, own[:1] + own[-1:])):
            return True
    return False


def _is_one_word(
    told: Sequence[str], words: AbstractSet[str], own: Sequence[str], mail: str
) -> bool:
    """Whether a name, or a mail before its "@", is there without its blanks and signs."""
    said = {text.replace(" ", "") for text in told} | words
    said |= {text.rstrip("0123456789") for text in said}
    user = normal_name(mail.partition("@")[0].partition("+")[0]).replace(" ", "")
    users = {one for one in (user, user.rstrip("0123456789")) if one not in _NOBODY}
    names = {one for one in _without_blanks(own) | users if _is_rare(one, _LONG_ENOUGH_ALONE)}
    long = [one for one in names if len(one) >= _SURELY_A_NAME]
    return not names.isdisjoint(said) or any(one in word for one in long for word in words)


def _is_named(parts: Sequence[str], told: Sequence[str], words: AbstractSet[str]) -> bool:
    if len(set(parts)) > 1:
        return set(parts) <= words
    return bool(parts) and len(parts[0]) >= _SHORTEST_GUARDED and parts[0] in told
