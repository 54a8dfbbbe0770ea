"""Where a listener's report is, as a person opens it.

What is in it is `pipelines/report/`, and when it is made `assets/report.py`.
"""

from pathlib import Path

from pipelines.resources.lake.lakes import ListenerLake

PAGE = "report/index.html"
"""In a listener's folder of the lake."""


def report_address(lake: ListenerLake) -> str | None:
    """The address of a listener's report: `file://…`, or that in the bucket; None without one."""
    if lake.etag_of(PAGE) is None:
        return None
    url = lake.store.url(PAGE)
    return url if url.startswith("s3://") else Path(url).absolute().as_uri()
