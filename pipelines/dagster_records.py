"""What Dagster's storage holds of one listener: found, deleted, and overwritten on the disk.

Dagster has no way to forget: `delete_run` leaves the run's logs and the pages of its database,
`wipe_assets` leaves the asset's key and writes one more event about it. So rows are deleted here,
table by table, in SQLite and in Postgres alike. Add here what else Dagster comes to keep of a
listener. The lake and the tokens are `forgetting.py`.
"""

import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import batched, chain
from pathlib import Path
from typing import Any
