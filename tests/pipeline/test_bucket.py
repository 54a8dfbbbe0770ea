"""The whole pipeline on a bucket: a real S3 server over loopback, with signatures checked."""

import subprocess
import sys
from collections.abc import Callable

import duckdb
import duckdb_extensions
import pytest

from tests.pipeline.jobs import failures
from tests.servers import S3Server


def test_polls_and_a_daily_run_fill_a_bucket_that_duckdb_reads(
    bucket: S3Server,
    new_pipeline: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipeline = new_pipeline()
    for job in ("poll_nico", "poll_nico", "daily_nico"):
        assert failures(pipeline.run(job)) == []
    plays = pipeline.plays()
    assert len(plays) == 50

    duckdb_extensions.import_extension("httpfs")
    with duckdb.connect() as db:
        db.execute("LOAD httpfs")
        db.execute(
            f"""CREATE SECRET (TYPE s3, KEY_ID '{bucket.access_key}',
            SECRET '{bucket.secret_key}', ENDPOINT '{bucket.endpoint_url.removeprefix("http://")}',
            REGION 'auto', URL_STYLE 'path', USE_SSL false)"""
        )
        views = pipeline.lake.store.get("views.sql")
        db.execute(views.body.decode())
        assert db.sql("SELECT count(*) FROM plays WHERE listener = 'nico'").fetchone() == (50,)
        assert db.sql("SELECT count(*) FROM gaps").fetchone() == (0,)


def test_a_missing_bucket_is_one_clear_line(
    bucket: S3Server,
    new_pipeline: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LAKE_URL", "s3://no-such-bucket/ledger")
    (told, *_) = failures(new_pipeline().run("poll_nico"))
    assert "no-such-bucket" in told
    assert bucket.secret_key not in told


def test_loading_the_definitions_reads_neither_boto3_nor_great_expectations() -> None:
    code = "import sys, pipelines.definitions as d; d.defs(); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"boto3", "great_expectations", "duckdb", "scipy"} & set(loaded)
