"""Play counts that a listener brings: what is understood, what is refused and why, what counts."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipelines.cli.main import main
from pipelines.errors import RefusedReference
from pipelines.ingest.play_count_files import add
from pipelines.listening.schema.reference_tables import SPOTIFY_PLAY_COUNTS
from pipelines.resources.lake.lakes import Lake
from tests.support.environment import Environment

ID = "4uLU6hMCjMI75M1A2tKUQC"


def stored(lake: Lake) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = lake.read(SPOTIFY_PLAY_COUNTS).to_pylist()
    return rows


def written(folder: Path, text: str) -> Path:
    path = folder / "counts.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_track_is_named_by_id_or_isrc_or_artist_and_title(tmp_path: Path, lake: Lake) -> None:
    text = (
        "Track URI,ISRC,Artist,Title,Streams,as of\n"
        f'spotify:track:{ID},,,,"1,234,567",2026-11-01\n'
        ",gb-aaa-00-00001,,,42,\n"
        ",,Beyoncé;Other,Halo!,7,2026-10-01\n"
    )
    outcome = add(written(tmp_path, text), lake)
    assert (outcome.rows_read, outcome.tracks, outcome.refused) == (3, 3, ())
    rows = {row["track_key"]: row for row in stored(lake)}
    assert rows.keys() == {ID, "GBAAA0000001", "beyonce|halo"}
    assert (rows[ID]["plays"], rows[ID]["as_of"]) == (1_234_567, date(2026, 11, 1))
    assert (rows["GBAAA0000001"]["plays"], rows["GBAAA0000001"]["as_of"]) == (42, None)


def test_the_latest_count_of_a_track_counts_whatever_was_added_last(
    tmp_path: Path, lake: Lake
) -> None:
    for plays, day in ((10, "2026-10-01"), (9, "2026-11-01"), (99, "2026-09-01"), (1000, "")):
        add(written(tmp_path, f"track_id,plays,as_of\n{ID},{plays},{day}\n"), lake)
    assert [row["plays"] for row in stored(lake)] == [9]


def test_what_is_no_count_is_refused_with_its_reason_and_the_rest_goes_on(
    tmp_path: Path, lake: Lake
) -> None:
    text = (
        "track_id,plays,as_of\n"
        f"{ID},12,2026-11-01\n"
        f"{ID},many,\n"
        f"{ID},-3,\n"
        "no id,3,\n"
        f"{ID},3,yesterday\n"
        f"{ID},3,9999-12-31\n"
        f'{ID},"1,5",\n'
        f'{ID},"12,34",\n'
        f"{ID},3\n"
    )
    outcome = add(written(tmp_path, text), lake)
    assert {one.what: one.rows for one in outcome.refused} == {
        "neither a valid id of Spotify nor ISRC nor artist and title": 1,
        "no whole number of plays": 4,
        "as_of is no date such as 2026-11-28": 1,
        "as_of lies ahead, and no later file could ever replace the count": 1,
        "not as many fields as the header": 1,
    }
    assert outcome.rows_read == 9
    assert [row["plays"] for row in stored(lake)] == [12]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("track_id,popularity\nx,1\n", "lacks plays; it has track_id, popularity"),
        ("artist,plays\nx,1\n", "lacks track_id, or isrc, or artists and track_name"),
        ("track_id,plays\nx,1\n", "no valid row: neither a valid id"),
        ("track_id,plays\n", "no valid row: no rows"),
        ("", "cannot be read as CSV"),
    ],
)
def test_a_file_without_counts_is_refused(text: str, says: str, tmp_path: Path, lake: Lake) -> None:
    with pytest.raises(RefusedReference, match=says):
        add(written(tmp_path, text), lake)
    assert stored(lake) == []


@pytest.mark.usefixtures("environment")
def test_the_command_says_what_became_of_the_rows(
    tmp_path: Path, environment: Environment, lake: Lake
) -> None:
    path = written(tmp_path, f"track_id,plays\n{ID},12\nx,1\n")
    result = CliRunner().invoke(main, ["reference", "add-counts", str(path)])
    assert result.exit_code == 0, result.output
    assert "row 2" in result.output
    assert [row["plays"] for row in stored(lake)] == [12]
