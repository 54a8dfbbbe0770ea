"""Deletes what is stored of one person of a survey, or of all of it.

One person's rows go from every table, and all that follows is made again without them; a mark
stays, so that they do not come back as long as the sheet has their row (`forgotten.py`). All of a
survey is its folder in the lake and its key; it is closed then (`closing.py`). The sheet itself is
not ours. Add here any other place where something of a survey is stored.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import NoSuchAnswer, NotForgotten
from pipelines.listening.schema.survey_tables import (
    CANDIDATES,
    FOUND,
    KEPT,
    REFUSED_ANSWERS,
    SONGS,
    TOLD,
)
from pipelines.listening.schema.table import Table
from pipelines.resources.lake.lakes import Lake, SurveyLake
from pipelines.resources.lake.tables import retry_on_conflict
from pipelines.settings import Settings
from pipelines.settings.surveys import Survey
from pipelines.surveys.choosing import drop_choices
from pipelines.surveys.closing import close, purge
from pipelines.surveys.forgotten import Forgotten
from pipelines.surveys.keys import KeyFile
from pipelines.surveys.making import compute
from pipelines.surveys.people import key_of

PSEUDONYM = re.compile(r"[0-9a-f]{32}")

PERSONS = ("pseudonym", "twin")
"""Columns that say who a row is about."""


@dataclass(frozen=True)
class ForgottenSurvey:
    """What was deleted of a survey.

    Attributes:
        files: how many in the lake.
        key: whether there was a key.
    """

    files: int
    key: bool


def forget_person(settings: Settings, lake: Lake, survey: Survey, pseudonym: str) -> None:
    """Delete one person's rows for good, and make everything again that follows from them.

    If it is interrupted, it can be run again. The sheet is not read.

    Args:
        settings: where keys and surveys are.
        lake: the whole lake.
        survey: its settings.
        pseudonym: of the person.

    Raises:
        NoSuchAnswer: where nobody has it, and nobody had.
        NotForgotten: where rows of theirs are left.
    """
    if not PSEUDONYM.fullmatch(pseudonym):
        raise NoSuchAnswer("a pseudonym has 32 signs, 0 to 9 and a to f: nothing was deleted")
    own = lake.survey(survey.name)
    forgotten = Forgotten(own, key_of(settings, survey.name).secret)
    if pseudonym not in forgotten and not _has(own, pseudonym):
        raise NoSuchAnswer(
            f"nobody is called {pseudonym} in survey {survey.name}, as it was last read: "
            "nothing was deleted"
        )
    forgotten.add(pseudonym)
    _delete_rows(own, pseudonym)
    compute(settings, lake, survey, may_wait=False)
    if _has(own, pseudonym):
        raise NotForgotten(f"a run has just written survey {survey.name}: run this again")


def forget_survey(settings: Settings, lake: Lake, survey: str) -> ForgottenSurvey:
    """Delete everything of a survey, its key too, and have it read no more.

    If it is interrupted, it can be run again.

    Args:
        settings: where keys are.
        lake: the whole lake.
        survey: its name; it need not be in `surveys.toml`.

    Raises:
        NotForgotten: where nothing is known of it: whoever mistyped a name is not to believe that
            it is gone.
    """
    own, key_file = lake.survey(survey), KeyFile(settings.survey_keys_dir, survey)
    stored = own.etags() or key_file.is_there()
    if not stored and all(one.name != survey for one in settings.surveys):
        raise NotForgotten(
            f"there is no survey {survey}: no file in the lake, no key in "
            f"{settings.survey_keys_dir}, and nothing in surveys.toml: nothing was deleted"
        )
    close(own)
    files = purge(own)
    key = key_file.delete()
    return ForgottenSurvey(files, key)


def _has(lake: SurveyLake, pseudonym: str) -> bool:
    """Whether any table has a row of theirs, whatever column it is in."""
    for table in KEPT:
        stored = lake.find_if_valid(table)
        if stored and len(_without(stored.rows, pseudonym)) < len(stored.rows):
            return True
    return False


def _delete_rows(lake: SurveyLake, pseudonym: str) -> None:
    for table in KEPT:
        if table is TOLD:  # so that whoever makes the figures sees that somebody left
            continue
        _rewrite(lake, table, lambda rows: _without(rows, pseudonym))
    # Which of these are about somebody, only the sheet tells: the next run names them again.
    _rewrite(lake, REFUSED_ANSWERS, lambda rows: rows.slice(0, 0))
    songs = lake.read(SONGS, ["song_key", "track_id", "isrc"])
    keys, ids, isrcs = (pc.unique(songs[name].drop_null()) for name in songs.column_names)
    _rewrite(lake, CANDIDATES, lambda rows: rows.filter(pc.is_in(rows["song_key"], keys)))
    _rewrite(lake, FOUND, lambda rows: rows.filter(_is_named(rows, keys, ids)))
    named, tracks = set(keys.to_pylist()), {*ids.to_pylist(), *isrcs.to_pylist()}
    drop_choices(lake, lambda key, track: key in named or not tracks.isdisjoint(track))


def _is_named(found: pa.Table, keys: pa.Array, ids: pa.Array) -> pa.Array:
    """Which answers to searches are about a song that somebody else named.

    A search stands under the song as it was written, a song under the track that it is.
    """
    used = found.filter(pc.is_in(found["track_id"], ids))["song_key"]
    return pc.is_in(found["song_key"], pa.concat_arrays([keys, *used.chunks]))


@retry_on_conflict
def _rewrite(lake: SurveyLake, table: Table, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change a stored table; one that cannot be read is deleted, and made again by the next run."""
    etag = lake.etag(table)
    stored = lake.find_if_valid(table)
    if stored:
        lake.write(table, change(stored.rows), over=stored.etag)
    elif etag:
        lake.store.delete(table.path)


def _without(rows: pa.Table, pseudonym: str) -> pa.Table:
    for name in PERSONS:
        if name in rows.column_names:
            rows = rows.filter(pc.not_equal(rows[name], pseudonym))
    return rows
