"""Who answered: by which text a person is known again, who is nobody, and where names must not be.

Names and mails are arguments of this module and never leave what parses a row: what is made of them
is a pseudonym. Add here another way in which one person writes their own name.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from pipelines.listening.catalogue.names import name_words, normal_name
from pipelines.listening.survey.cells import says_nothing

_MAIL = re.compile(r"[^\s@<>\"'(),;:=|]+@[^\s@<>\"'(),;:=|]+\.[^\W\d_]{2,}")
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
"""Letters of a part of a name that must not be a word of a song, unless it is a common one."""

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


def mail_in(text: str) -> str:
    """The first mail address in a text; "" where there is none."""
    found = _MAIL.search(text)
    return found[0].strip(".") if found else ""


def normal_identity(text: str) -> str:
    """A mail or a name, such that it is the same however it was typed.

    Of a mail, case does not count; of a name neither case nor accents, punctuation and which of
    two parts a comma puts first.
    """
    mail = mail_in(text)
    if mail:
        return unicodedata.normalize("NFKC", mail).casefold()
    last, comma, first = text.partition(",")
    return normal_name(f"{first} {last}" if comma and first.strip() else text)


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
    """The names of everybody on a sheet, while it is read: what no song may hold.

    Attributes:
        whole: names of several words, in both orders.
    """

    whole: set[str] = field(default_factory=set)
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

    def add(self, name: str) -> None:
        """Note somebody's name; one of a single word is too often a word."""
        words = normal_identity(name).split()
        if len(words) > 1:
            first, last = words[0], words[-1]
            self.whole |= {
                *(" ".join(words), " ".join([*words[1:], first]), " ".join([last, *words[:-1]])),
                *(f"{first} {last}", f"{last} {first}"),
            }
            self._longest = max(self._longest, len(words))

    def within(self, text: str) -> Iterator[str]:
        """The names that a text holds."""
        words = normal_name(text).split()
        for start in range(len(words)):
            for end in range(start + 2, min(len(words), start + self._longest) + 1):
                if (name := " ".join(words[start:end])) in self.whole:
                    yield name


def names_them(texts: Iterable[str], name: str, mail: str) -> bool:
    """Whether a song's texts name who named it: with a part of their name, or of their mail.

    A name that is a common word too, and the part of a mail before its "@", have to be all of a
    text, or there with all their parts: else somebody called Rose could not like "La vie en rose".

    Args:
        texts: the title and the artist.
        name: theirs.
        mail: theirs.
    """
    told = [normal_name(text) for text in texts if text]
    words = {word for text in told for word in text.split()}
    own = normal_identity(name).split()
    if any(len(part) >= _LONG_ENOUGH and part not in _COMMON for part in words & set(own)):
        return True
    before_at = normal_name(re.sub(r"\d+", " ", mail.partition("@")[0])).split()
    return any(_is_named(parts, told, words) for parts in (own, own[:1] + own[-1:], before_at))


def _is_named(parts: Sequence[str], told: Sequence[str], words: AbstractSet[str]) -> bool:
    if len(set(parts)) > 1:
        return set(parts) <= words
    return bool(parts) and len(parts[0]) >= _SHORTEST_GUARDED and parts[0] in told
