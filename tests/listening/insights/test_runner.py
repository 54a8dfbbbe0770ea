"""A file is an insight: how its comment is read, in which order files are run, and what follows.

Add a test here when files can say more, or more follows from them. What a table holds is tested
elsewhere.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import pipelines
from pipelines.listening.insights import runner
from pipelines.listening.insights.runner import WrongInsight, compute, conform, parse_insight
from pipelines.resources.lake.tables import to_parquet
from tests.support.insights.chance import ARTISTS, SONGS, SOUNDS, TOP
from tests.support.insights.lives import BERLIN, Life, Row, at, daily, gap, inputs
from tests.support.insights.playlists import TRACKS, change, playlist, reading

WHOLE = """-- How many plays are
-- there?
--
-- One row: one kind,
-- in one scope.
--
--   scope   string*  all, or mine
--   kind    string*  what it was, in words
--                    as in plays
--   lows    list<low:int16,plays:int32>  some numbers
--   names   strings  some words
--
-- Key: scope, kind.
SELECT scope, 'any' AS kind, [] AS lows, [] AS names, count(*) AS besides FROM heard GROUP BY scope
"""


@pytest.fixture(scope="module")
def ready() -> dict[str, pa.Table]:
    """What is needed to make every insight, with rows in every table."""
    begins = [(f"2026-02-{n + 1:02}", what) for n, what in enumerate(SONGS)]
    plays = [one for begin, what in begins for one in daily(begin, 9, what, 2)]
    plays += daily("2025-05-01", 270, SONGS[3]) + daily("2025-10-01", 31, SONGS[7], 2)
    entries: list[Row] = [
        {"id": id_, "name": name, "popularity": 50, "followers": None}
        for id_, name in TOP["tracks"]
    ]
    lists = [
        {"date": at("2026-03-01").date(), "kind": "tracks", "time_range": one, "entries": entries}
        for one in ("short", "long")
    ]
    gaps = [gap("2026-02-20", "2026-02-21"), gap("2026-03-20", "2026-03-21")]
    return inputs(
        Life(
            plays,
            gaps,
            at("2026-06-01"),
            sounds=SOUNDS,
            artists=ARTISTS,
            lists=lists,
            entries=[*playlist(TRACKS * 2, "A"), *playlist(TRACKS, "B")],
            readings=[reading("A", len(TRACKS) * 2), reading("B", len(TRACKS))],
            changes=[change("spotify:track:a", 0, 1)],
        )
    )


@pytest.fixture(scope="module")
def together(ready: dict[str, pa.Table]) -> dict[str, pa.Table]:
    return dict(compute(runner.insights(), ready, BERLIN))


def as_bytes(tables: dict[str, pa.Table]) -> dict[str, bytes]:
    return {name: to_parquet(table, {}) for name, table in tables.items()}


def test_a_comment_declares_a_table() -> None:
    table = parse_insight("plays_by_kind", WHOLE).table

    assert table.path == "aggregated/plays_by_kind.parquet"
    assert (table.grain, table.key) == ("One kind, in one scope.", ("scope", "kind"))
    assert parse_insight("plays_by_kind", WHOLE).question == "How many plays are there?"
    assert table.column_docs[1] == ("kind", "string", "what it was, in words as in plays")
    assert [field.nullable for field in table.fields] == [False, False, True, True]
    assert table.fields[3].type == pa.list_(pa.string())
    assert table.fields[2].type == pa.list_(pa.struct([("low", pa.int16()), ("plays", pa.int32())]))
    assert not table.looked_up


def test_a_comment_may_say_that_rows_are_looked_up_by_the_key() -> None:
    table = parse_insight(
        "x", WHOLE.replace("kind.\nSELECT", "kind. Looked up by it.\nSELECT")
    ).table

    assert (table.key, table.looked_up) == (("scope", "kind"), True)
    looked_up = {name for name, one in runner.insights().items() if one.table.looked_up}
    assert looked_up == {"artists", "songs"}


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ("-- Key: scope, kind.\n", "", r"insights/x\.sql: .*needs four paragraphs.* has 3"),
        ("-- there?\n--\n", "-- there?\n", r"insights/x\.sql: .*has 3"),
        ("One row:", "Each row:", r"insights/x\.sql: 'Each row: .*' should begin with 'One row:'"),
        ("Key:", "Keys:", r"insights/x\.sql: .* should begin with 'Key:'"),
        ("scope   string*", "scope   text*", r"insights/x\.sql: 'scope   text\*  all.*int8"),
        (
            "string*  all, or mine",
            "string*",
            r"insights/x\.sql: 'scope   string\*' is not",
        ),
        (
            "lows    list<low:int16",
            "lows    list<low:short",
            r"insights/x\.sql: 'lows  .*not a col",
        ),
        ("list<low:int16", "list<int16", r"insights/x\.sql: 'lows .*' is not a column"),
        ("Key: scope, kind", "Key: scope, sort", r"insights/x\.sql: no column is called sort"),
    ],
)
def test_a_comment_that_is_not_written_so_is_told_in_one_line(
    right: str, wrong: str, named: str
) -> None:
    assert WHOLE.count(right) == 1
    with pytest.raises(WrongInsight, match=named) as problem:
        parse_insight("x", WHOLE.replace(right, wrong))

    assert "\n" not in str(problem.value)


def test_a_select_that_lacks_a_column_is_told_and_more_columns_are_dropped() -> None:
    table = parse_insight("x", WHOLE).table
    rows = pa.table({"scope": ["all"], "kind": ["track"], "names": [["a"]], "more": [1]})

    with pytest.raises(WrongInsight, match=r"insights/x\.sql: its SELECT gives no lows"):
        conform(table, rows)
    whole = rows.append_column("lows", pa.array([[]], table.fields[2].type))
    assert conform(table, whole).column_names == ["scope", "kind", "lows", "names"]


def test_every_insight_reads_only_what_there_is_and_has_columns_in_order() -> None:
    for name, insight in runner.insights().items():
        assert runner.required_inputs([name]) <= runner.INPUTS
        assert insight.table.name == name
        assert insight.question.endswith("?")


@pytest.mark.parametrize("name", sorted(runner.insights()))
def test_an_insight_made_alone_is_the_same_as_among_all(
    name: str, ready: dict[str, pa.Table], together: dict[str, pa.Table]
) -> None:
    needed = {one: ready[one] for one in runner.required_inputs([name])}
    [(_, alone)] = compute([name], needed, BERLIN)

    assert alone.num_rows > 0
    assert alone.equals(together[name], check_metadata=True)


def test_the_same_rows_in_other_pieces_or_another_order_give_the_same_bytes(
    ready: dict[str, pa.Table], together: dict[str, pa.Table]
) -> None:
    plays = ready["labelled_plays"]
    pieces = pa.concat_tables([plays.slice(n, 7) for n in range(0, len(plays), 7)])
    others = {
        name: rows.take(np.arange(len(rows))[::-1])
        for name, rows in ready.items()
        if name != "labelled_plays"
    }

    for inputs_ in (ready, others | {"labelled_plays": pieces}):
        again = dict(compute(runner.insights(), inputs_, BERLIN))
        assert as_bytes(again) == as_bytes(together)


def test_plays_of_many_years_give_the_same_bytes_however_many_hands_add_them_up(
    ready: dict[str, pa.Table],
) -> None:
    few = ready["labelled_plays"]
    many = few.take(np.sort(np.arange(260_000) % len(few)))
    many = many.set_column(
        many.schema.get_field_index("place"), "place", pa.array(np.arange(len(many)))
    )
    names = ["contexts_by_month", "audio_profile_by_month", "discovery_by_month", "genres_by_month"]

    once, again = (
        as_bytes(dict(compute(names, ready | {"labelled_plays": plays}, BERLIN)))
        for plays in (many, many.combine_chunks())
    )
    assert once == again


WHAT_FOLLOWS = """
import json
from pipelines.assets.insights import insight_tables
from pipelines.listening.all_tables import TABLES
from pipelines.listening.schema.views import views_sql
from scripts.tables_page import page

print(json.dumps({
    "tables": [table.name for table in TABLES],
    "assets": [key.path[-1] for key in insight_tables.keys],
    "views": views_sql(TABLES, "users", written=()),
    "docs": page(),
}))
"""


def test_a_new_file_becomes_a_table_a_view_a_page_and_an_asset(tmp_path: Path) -> None:
    root = Path(pipelines.__file__).parents[1]
    for name in ("pipelines", "scripts", "reference_data"):
        shutil.copytree(root / name, tmp_path / name)
    file = tmp_path / "pipelines" / "insights" / "plays_by_kind.sql"
    file.write_text(WHOLE, encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-c", WHAT_FOLLOWS], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "plays_by_kind" in found["tables"]
    assert set(found["assets"]) == {*runner.insights(), "plays_by_kind"}
    assert "CREATE OR REPLACE VIEW plays_by_kind AS" in found["views"]
    assert "## plays_by_kind" in found["docs"]
