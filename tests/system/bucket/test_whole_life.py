"""A whole life on real S3 servers: the lake is that of a folder, and nothing is written twice."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import duckdb_extensions
import pytest

from pipelines.ops.table_export import export_tables
from pipelines.resources.lake.lakes import Lake
from sandbox.exports import write_export
from testing.pipeline import Pipeline, bytes_at, failures
from testing.servers import S3Server
from tests.system.bucket.conftest import Undisturbed
from tests.system.bucket.faulty_proxy import FaultyProxy, one_write_a_second
from tests.system.bucket.lakes import TIMED, everything

pytestmark = pytest.mark.rare

EXPORT = "my_spotify_data.zip"
WRITTEN_ANYWAY = (*TIMED, "views.sql")


def lived(pipeline: Pipeline, folder: Path) -> None:
    """Polls, a daily run, and a privacy export of the weeks before with what follows it."""
    for job in ("poll_nico", "poll_nico", "daily_nico"):
        assert failures(pipeline.run(job)) == []
    now = datetime.now(UTC)
    write_export(folder / EXPORT, "nico", now - timedelta(days=9), now - timedelta(days=1))
    pipeline.drop(EXPORT, (folder / EXPORT).read_bytes())
    assert failures(pipeline.run_import()) == []
    assert failures(pipeline.rebuild()) == []


def counted_by_duckdb(server: S3Server, views: str) -> tuple[int, int]:
    """Plays and gaps, as someone sees them who reads the bucket with DuckDB."""
    duckdb_extensions.import_extension("httpfs")
    with duckdb.connect() as db:
        db.execute("LOAD httpfs")
        db.execute(
            f"""CREATE SECRET (TYPE s3, KEY_ID '{server.access_key}',
            SECRET '{server.secret_key}', ENDPOINT '{server.endpoint_url.removeprefix("http://")}',
            REGION 'auto', URL_STYLE 'path', USE_SSL false)"""
        )
        db.execute(views)
        counts = "(SELECT count(*) FROM plays), (SELECT count(*) FROM gaps)"
        found = db.sql(f"SELECT {counts}").fetchone()
    assert found is not None
    return found


def exported(lake: Lake, folder: Path) -> dict[str, bytes]:
    export_tables("nico", lake, folder, "csv", lambda *_: None)
    files = [file for file in folder.iterdir() if not file.name.endswith(TIMED)]
    return {file.name: file.read_bytes() for file in files}


@pytest.mark.timeout(900)
def test_a_life_in_a_bucket_is_the_same_as_in_a_folder(
    server: S3Server,
    proxy: FaultyProxy,
    pipeline: Pipeline,
    undisturbed: Undisturbed,
    tmp_path: Path,
) -> None:
    proxy.spoil(one_write_a_second(), times=math.inf, method="PUT")
    lived(pipeline, tmp_path)
    proxy.heal()

    proxy.asked.clear()
    assert failures(pipeline.rebuild()) == []
    assert [key for key in proxy.written() if not key.endswith(WRITTEN_ANYWAY)] == []

    views = bytes_at(pipeline.lake, "views.sql").decode()
    assert counted_by_duckdb(server, views) == (
        len(pipeline.plays()),
        len(pipeline.table("aggregated/gaps.parquet")),
    )

    folder = undisturbed(pipeline.lake)
    found, expected = everything(pipeline.lake), everything(folder)
    assert found.keys() == expected.keys()
    assert [key for key in found if found[key] != expected[key]] == []
    assert exported(pipeline.lake, tmp_path / "one") == exported(folder, tmp_path / "other")
