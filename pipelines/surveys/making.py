"""A survey's tables and its page, from what its sheet holds now.

It is made in two steps. `take_answers` reads the sheet and writes whose answers there are, under
pseudonyms, and the tracks of their songs; `compute` makes all figures and the page of these two
tables alone. Either does nothing where nothing changed, which the survey's manifest knows. A sheet
that cannot be read leaves everything as it was. What answers and figures mean belongs in
`listening/survey/`; how a sheet is read, in `reading.py`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.errors import SurveyClosed, WrongColumns
from pipelines.listening.schema.survey_tables import (
    CANDIDATES,
    FOUND,
    REFUSED_ANSWERS,
    RESPONSES,
    SONGS,
    SURVEY_TABLES,
    TOLD,
)
from pipelines.listening.schema.table import Table
from pipelines.listening.survey.answers import Answers, parse
from pipelines.listening.survey.figures import figures
from pipelines.listening.survey.own_parts import own_parts
from pipelines.listening.survey.release import released
from pipelines.resources.lake.lakes import Lake, SurveyLake
from pipelines.resources.lake.manifest import Inputs, Manifest, digest
from pipelines.resources.lake.object_store import Conflict, md5
from pipelines.resources.lake.tables import WriteResult, retry_on_conflict
from pipelines.settings import Settings
from pipelines.settings.surveys import FEWEST_OF_A_SONG, Survey
from pipelines.surveys import forgotten
from pipelines.surveys.closing import CLOSED, check_open, purge
from pipelines.surveys.enriching import enrich, is_searched_for
from pipelines.surveys.forgotten import Forgotten
from pipelines.surveys.keys import KeyFile, SurveyKey
from pipelines.surveys.known import Known
from pipelines.surveys.people import key_of
from pipelines.surveys.reading import read

VERSION = "2"
"""Of the code that makes a survey's tables: raise it where the same answers give other ones."""

PAGE = "page/index.html"

SETTINGS = "settings"
"""The input of figures that is what `surveys.toml` says."""

BY_MAIL = "by_mail"
"""The input of answers that is how many people are known by their mail."""

ANSWERS = (RESPONSES, REFUSED_ANSWERS, SONGS, CANDIDATES)
"""What `take_answers` writes, besides `FOUND`, which grows by searches."""

FIGURES = tuple(table for table in SURVEY_TABLES if table not in {*ANSWERS, FOUND})
"""What `compute` writes, besides the page."""


@dataclass
class Made:
    """What a step made, in numbers: nothing of it is about a single person.

    Attributes:
        rows: how many rows each table has, by its name.
        changed: paths of the files that were written.
        counts: what else there is to count, such as refused answers by reason.
        notes: sentences about what could not be done now.
    """

    rows: dict[str, int] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def make(settings: Settings, lake: Lake, survey: Survey, *, full_refresh: bool = False) -> Made:
    """Read a survey's sheet, and bring its tables and its page up to date.

    Args:
        settings: where keys are, and with what a sheet is read.
        lake: the whole lake.
        survey: its settings.
        full_refresh: make everything again, whatever has changed.

    Raises:
        PlayledgerError: with what is wrong, and what to do; nothing of an answer is in it.
    """
    taken = take_answers(settings, lake, survey, full_refresh=full_refresh)
    made = compute(settings, lake, survey, full_refresh=full_refresh)
    return Made(
        taken.rows | made.rows,
        taken.changed + made.changed,
        taken.counts | made.counts,
        taken.notes + made.notes,
    )


@retry_on_conflict
def take_answers(
    settings: Settings, lake: Lake, survey: Survey, *, full_refresh: bool = False
) -> Made:
    """Read a survey's sheet, and write who answered and which tracks their songs are.

    Args:
        settings: as in `make`; the other arguments likewise.
        lake: the whole lake.
        survey: its settings.
        full_refresh: write them even if nothing has changed.
    """
    own = lake.survey(survey.name)
    check_open(own, survey)
    files = Files(own)
    sheets = read(survey, settings)
    key = _key(settings, survey.name, files)
    try:
        answers = parse(sheets, survey, key.pseudonym, Forgotten(own, key.secret))
    except WrongColumns as problem:
        raise WrongColumns(f"survey {survey.name}: {problem}") from None
    _check_same_people(survey, files, answers)
    known = Known(lake, own)
    said = {
        "answers": digest(*(one.to_pylist() for one in answers.tables)),
        BY_MAIL: str(answers.by_mail),
    }
    made = Made(counts=_refused(answers.refused))
    if answers.not_found:
        made.notes.append(_NOT_FOUND.format(", ".join(answers.not_found)))
    if (
        full_refresh
        or not files.are_current(ANSWERS, ({**said, **known.versions}, VERSION))
        or is_searched_for(settings, own, survey)
    ):
        enriched = enrich(settings, lake, survey, answers.named, known)
        matched, inputs = enriched.matched, ({**said, **enriched.versions}, VERSION)
        made.notes += [enriched.note] if enriched.note else []
        tables = (with_versions(answers), answers.refused, matched.songs, matched.candidates)
        for table, rows in zip(ANSWERS, tables, strict=True):
            files.write(table, rows, inputs)
    made = files.finish(made, ANSWERS)
    made.rows[FOUND.name] = len(own.read(FOUND, ["song_key"]))
    return made


def _check_same_people(survey: Survey, files: "Files", answers: Answers) -> None:
    """Refuse a sheet that tells the same people by another text than before.

    Of a mail and of a name different pseudonyms are made. So if the mails are not found any more,
    everybody would be somebody else: no code would open anything, and who was forgotten be back.

    Raises:
        WrongColumns: where many were known by their mail, and now are by their name.
    """
    before = files.noted(RESPONSES)
    noted = str(before.get("inputs", {}).get(BY_MAIL))
    mails = int(noted) if noted.isdecimal() else 0
    names, gone = before.get("rows", 0) - mails, mails - answers.by_mail
    if 2 * gone > mails and 2 * (len(answers.responses) - answers.by_mail - names) > mails:
        raise WrongColumns(
            f"survey {survey.name}: its sheet had mails, by which people are known again, and has "
            "none now: if that question was worded anew, list its text as `mail` under `columns` "
            "in surveys.toml; if the mails were deleted, put them back, or begin anew with "
            f"`playledger survey forget {survey.name} --all` and `survey reopen {survey.name}`"
        )


def with_versions(answers: Answers) -> pa.Table:
    """Who answered, each with a version that changes as soon as any of their songs does."""
    said: dict[str, list[object]] = {}
    for row in answers.named.to_pylist():
        said.setdefault(row["pseudonym"], []).append(row)
    responses = answers.responses
    versions = [digest(said.get(one)) for one in responses["pseudonym"].to_pylist()]
    at = responses.schema.get_field_index("version")
    return responses.set_column(at, responses.schema.field(at), pa.array(versions, pa.string()))


@retry_on_conflict
def compute(
    settings: Settings,
    lake: Lake,
    survey: Survey,
    *,
    full_refresh: bool = False,
    may_wait: bool = True,
) -> Made:
    """Make all figures, and the page, of who answered and of their songs as they are stored.

    Args:
        settings: as in `make`; the other arguments likewise.
        lake: the whole lake.
        survey: its settings.
        full_refresh: make them even if nothing has changed, and of all answers that there are.
        may_wait: whether figures may stay as they are until enough answers have changed.
    """
    own = lake.survey(survey.name)
    check_open(own, survey)
    files = Files(own)
    stored = {table.path: own.find(table) for table in (RESPONSES, SONGS)}
    inputs = (
        {
            **{path: one.etag if one else "none" for path, one in stored.items()},
            SETTINGS: digest(survey.title, survey.k, str(survey.keep_until)),
        },
        VERSION,
    )
    responses, songs = (
        one.rows if one else table.empty()
        for one, table in zip(stored.values(), (RESPONSES, SONGS), strict=True)
    )
    before = None if full_refresh else own.find_if_valid(TOLD)
    release = released(responses, before.rows if before else TOLD.empty(), survey.k)
    made = Made(notes=[_WAITING.format(release.waiting, survey)] if release.waiting else [])
    if release.holds and may_wait and files.are_as_made(FIGURES, inputs, PAGE):
        return files.finish(made, FIGURES)
    if full_refresh or not may_wait or not files.are_current(FIGURES, inputs, PAGE):
        told = release.told["pseudonym"].combine_chunks()
        tables = figures(
            *(rows.filter(pc.is_in(rows["pseudonym"], told)) for rows in (responses, songs)),
            k=survey.k,
            fewest_of_a_song=FEWEST_OF_A_SONG,
        )
        for table in FIGURES:
            files.write(table, tables.get(table.name, release.told), inputs)
        key = key_of(settings, survey.name)
        everything = {**tables, RESPONSES.name: responses, SONGS.name: songs}
        files.write_page(_page(survey, key, everything), inputs)
    return files.finish(made, FIGURES)


def _page(survey: Survey, key: SurveyKey, tables: Mapping[str, pa.Table]) -> str:
    """The page, with everybody's own part behind their code."""
    from pipelines.report.survey import page  # noqa: PLC0415 only where there is a survey
    from pipelines.report.survey_own import sealed  # noqa: PLC0415

    own = {key.code(pseudonym): part for pseudonym, part in own_parts(tables, survey.k).items()}
    return page(survey.title, survey.k, tables, sealed(own), survey.keep_until)


def _key(settings: Settings, survey: str, files: "Files") -> SurveyKey:
    """The survey's key, which is made where nobody was given a pseudonym yet.

    Raises:
        SurveyKeyError: where it is lost: with another one everybody would be there twice, and who
            was forgotten would be back.
    """
    if files.etags.keys() & {RESPONSES.path, forgotten.PATH}:
        return key_of(settings, survey)
    return KeyFile(settings.survey_keys_dir, survey).read_or_make()


def _refused(rows: pa.Table) -> dict[str, int]:
    """How many rows and cells count for nothing, by the reason."""
    found = Counter(rows["reason"].to_pylist())
    return {f"refused: {reason}": number for reason, number in sorted(found.items())}


_NOT_FOUND = (
    "some questions are not understood, and no column was found for: {0} (if one of them is about "
    "that, list its text under `columns` in surveys.toml)"
)

_WAITING = (
    "answers that are new or changed, and wait until they are {1.k}, so that nobody's follows from "
    "a change of the figures: {0} (`playledger survey run {1.name} --full-refresh` speaks of them "
    "now)"
)


class Files:
    """The stored files of a survey, during a step.

    What is there is listed before anything is read, and a file is only written over the version
    that was there then: so neither another run's answers nor what was forgotten in the meantime
    comes back. What differs makes a `Conflict`, and the step starts over.
    """

    def __init__(self, lake: SurveyLake) -> None:
        self._lake = lake
        self.etags = lake.etags()
        self._manifest = Manifest(lake, "kept/")
        self._changed: list[str] = []

    def are_current(self, tables: Sequence[Table], inputs: Inputs, *others: str) -> bool:
        """Whether files were made of these inputs, and are as they were made.

        Args:
            tables: of which files.
            inputs: the versions of what they are made of, and that of the code.
            others: paths of further files.
        """
        paths = [*(table.path for table in tables), *others]
        return all(self._is_current(path, inputs) for path in paths)

    def are_as_made(self, tables: Sequence[Table], inputs: Inputs, *others: str) -> bool:
        """Whether files are as they were made, of whatever answers, with the same settings.

        Args:
            tables: as in `are_current`, and the other arguments likewise.
            inputs: of which only settings and the version of the code count.
            others: paths of further files.
        """
        versions, code = inputs
        paths = [*(table.path for table in tables), *others]
        entries = [self._manifest.entry(path) for path in paths]
        return all(map(self._is_as_made, paths)) and all(
            one["code"] == code and one["inputs"].get(SETTINGS) == versions[SETTINGS]
            for one in entries
        )

    def noted(self, table: Table) -> Mapping[str, Any]:
        """What was noted of a table when it was written; empty where it never was."""
        return self._manifest.entry(table.path)

    def _is_as_made(self, path: str) -> bool:
        etag = self._manifest.entry(path).get("etag")
        return etag is not None and etag == self.etags.get(path)

    def _is_current(self, path: str, inputs: Inputs) -> bool:
        return self._is_as_made(path) and self._manifest.is_current(inputs, path=path)

    def write(self, table: Table, rows: pa.Table, inputs: Inputs) -> None:
        """Write a table, and note of what it was made."""
        self._note(self._lake.write(table, rows, over=self.etags.get(table.path)), inputs)

    def write_page(self, page: str, inputs: Inputs) -> None:
        """Write the page, and note of what it was made."""
        body, before = page.encode(), self.etags.get(PAGE)
        etag, changed = md5(body), md5(body) != before
        if changed:
            etag = self._lake.store.put_if_match(PAGE, body, before)
        self._note(WriteResult(PAGE, 0, etag, changed), inputs)

    def _note(self, written: WriteResult, inputs: Inputs) -> None:
        self._manifest.record(inputs, written, path=written.path)
        if written.changed:
            self._changed.append(written.path)

    def finish(self, made: Made, tables: Sequence[Table]) -> Made:
        """Save what was noted, and count what is stored.

        Raises:
            SurveyClosed: where everything was forgotten in the meantime; nothing is left then.
        """
        self._manifest.save()
        now = self._lake.etags()
        if CLOSED in now:
            purge(self._lake)
            raise SurveyClosed(f"survey {self._lake.survey} has just been closed")
        if now.get(forgotten.PATH) != self.etags.get(forgotten.PATH):
            raise Conflict(f"somebody was forgotten in {self._lake.survey}")
        made.changed = self._changed
        made.rows = {one.name: self._manifest.entry(one.path).get("rows", 0) for one in tables}
        return made
