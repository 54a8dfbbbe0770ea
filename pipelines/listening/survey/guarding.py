"""What must not be kept of what people wrote: who they are, and where they are from.

Songs and categories are kept as they were written, so names, mails and hometowns are looked for in
them. Add here another place where somebody may be named. How a name is found in a text is
`people.py`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pipelines.listening.catalogue.names import name_words, normal_name
from pipelines.listening.survey.headers import MOST_SONGS
from pipelines.listening.survey.people import Names, loosest, mail_in, names_them
from pipelines.listening.survey.refusals import (
    NAMED_TWICE,
    NAMES_A_PERSON,
    NAMES_A_TOWN,
    NAMES_ANOTHERS_TOWN,
    TOO_MANY,
    Refused,
)
from pipelines.listening.survey.rows import Answer, Song

ENOUGH_FOR_AN_ARTIST = 3
"""Where so many people name somebody in their songs, it is an artist, even if one of those who
answered is called so too."""


def refuse_own(rows: Sequence[Answer], refused: Refused) -> None:
    """Refuse songs that say who named them, by what any of a person's rows says of them."""
    called = frozenset().union(*(one.called for one in rows))
    towns = frozenset().union(*(one.towns for one in rows))
    for one in rows:
        kept = []
        for song in one.songs:
            texts = song.texts
            if any(map(mail_in, texts)) or any(names_them(texts, *them) for them in called):
                refused.add(song.at, song.field, NAMES_A_PERSON)
            else:
                kept.append(song)
        one.songs, one.towns = kept, towns


def check_categories(
    rows: Sequence[Answer],
    names: Names,
    majors: Mapping[str, Sequence[str]],
    refused: Refused,
) -> None:
    """Refuse values in which somebody is named, or where somebody is from.

    However many write it: what k people wrote is published, also where they made fun of somebody.
    What the survey itself lists is no name.
    """
    called = frozenset().union(*(one.called for one in rows))
    towns = frozenset().union(*(one.towns for one in rows))
    listed = {name_words(text) for name, own in majors.items() for text in (name, *own)}
    for one in rows:
        for name, text in one.told.items():
            if not text or (name == "major" and name_words(text) in listed):
                continue
            said = set(names.within(text))
            own = any(names_them([text], *them) for them in called)
            if own or mail_in(text) or any(map(names.is_name, said)):
                reason = NAMES_A_PERSON
            elif said & towns:
                reason = NAMES_A_TOWN
            elif said:
                reason = NAMES_ANOTHERS_TOWN
            else:
                continue
            refused.add(one.at, name, reason)
            one.told[name] = None


def check_songs(answers: Sequence[Answer], names: Names, refused: Refused) -> None:
    """Refuse songs that name somebody else or one's own hometown, and songs that are there again.

    What many name in their songs is an artist or a title, whoever else is called so or from there.
    """
    naming: dict[str, set[str]] = defaultdict(set)
    found: set[str] = set()
    for answer in answers:
        for song in answer.songs:
            for name in names.within(" ".join(song.texts)):
                found.add(name)
                naming[loosest(name)].add(answer.person)
    few = {name for name in found if len(naming[loosest(name)]) < ENOUGH_FOR_AN_ARTIST}
    people = set(filter(names.is_name, few))
    for answer in answers:
        kept: dict[object, Song] = {}
        for song in answer.songs:
            key = (song.song.track_id, *map(normal_name, song.texts))
            said = few.intersection(names.within(" ".join(song.texts))) if few else few
            if said & people:
                refused.add(song.at, song.field, NAMES_A_PERSON)
            elif said & answer.towns:
                refused.add(song.at, song.field, NAMES_A_TOWN)
            elif key in kept:
                refused.add(song.at, song.field, NAMED_TWICE)
            elif len(kept) == MOST_SONGS:
                refused.add(song.at, song.field, TOO_MANY)
            else:
                kept[key] = song
        answer.songs = list(kept.values())
