"""Where a listener's report is, as a person opens it.

    python -m pipelines.ops.reports     where those of all listeners are, a line for each

What is in it is `pipelines/report/`, and when it is made `assets/report.py`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from pipelines.errors import PlayledgerError
from pipelines.listening.plain_text import plain
from pipelines.resources.lake.lakes import Lake, ListenerLake
from pipelines.settings import Settings

PAGE = "report/index.html"
"""In a listener's folder of the lake."""


def report_address(lake: ListenerLake) -> str | None:
    """The address of a listener's report: `file://…`, or that in the bucket; None without one."""
    if lake.etag_of(PAGE) is None:
        return None
    url = lake.store.url(PAGE)
    return url if url.startswith("s3://") else Path(url).absolute().as_uri()


def report_addresses(settings: Settings) -> Sequence[str]:
    """Those of all listeners; or, in one line, why there are none."""
    try:
        lake = Lake.open(settings)
        found = [report_address(lake.of(one.name)) for one in settings.listeners]
    except PlayledgerError as problem:
        return [plain(str(problem))]
    return [one for one in found if one] or ["none yet: after the first daily run"]


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in report_addresses(Settings.of_program()))
