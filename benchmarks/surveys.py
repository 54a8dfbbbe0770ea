"""How long a survey of 1,000 people with ten songs each takes, and how much memory.

    .venv/bin/python -m benchmarks.surveys

A sheet of made-up people is written as CSV, and their songs as reference data. Measured is what a
run does, each in a process of its own: the first reading (read, parsed, matched with reference
tables, modelled, drawn), one after 100 new rows, and one where nothing has changed. Bars: 5 s for
either of the first two, and 500 MB.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEOPLE, NEW, SONGS = 1_000, 100, 10
MOST_S, MOST_MB = 5.0, 500.0
SHEET = "answers.csv"


def main() -> int:
    """Measure, print, and return 1 where a bar is missed."""
    with tempfile.TemporaryDirectory() as folder:
        environment = prepare(Path(folder))
        missed = 0
        for what, people in (
            (f"{PEOPLE:,} answers", PEOPLE),
            (f"{NEW} new ones", PEOPLE + NEW),
            ("unchanged", PEOPLE + NEW),
        ):
            command = [sys.executable, "-m", "benchmarks.surveys", folder, str(people)]
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=True
            )
            told = json.loads(done.stdout)
            missed += told["seconds"] > MOST_S or told["mb"] > MOST_MB
            steps = ", ".join(f"{name} {seconds:.2f}" for name, seconds in told["steps"].items())
            print(
                f"{what:<14} {told['seconds']:5.2f} s ({told['processor']:.2f} of a processor), "
                f"{told['mb']:4.0f} MB: {steps}"
            )
        print("BEYOND the bar" if missed else f"within the bar of {MOST_S:g} s and {MOST_MB:g} MB")
        return int(bool(missed))


def prepare(folder: Path) -> dict[str, str]:
    """Write all rows that there will be and the reference data; the environment of the runs."""
    from pipelines.ingest import reference_files  # noqa: PLC0415 measured processes do without
    from pipelines.resources.lake.lakes import Lake  # noqa: PLC0415
    from pipelines.settings import Settings  # noqa: PLC0415
    from sandbox.survey_worlds import world  # noqa: PLC0415

    made = world("weak", 1, people=PEOPLE + NEW, songs=SONGS)
    with (folder / "all.csv").open("w", newline="") as file:
        csv.writer(file).writerows(made.rows)
    reference = made.reference_rows()
    with (folder / "tracks.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(reference[0]))
        writer.writeheader()
        writer.writerows(reference)
    (folder / "surveys.toml").write_text(f'[spring]\ntitle = "Our songs"\nfile = "{SHEET}"\n')
    (folder / "listeners.toml").write_text("")
    environment = {
        "LAKE_URL": str(folder / "lake"),
        "TOKENS_DIR": str(folder / "tokens"),
        "LISTENERS_FILE": str(folder / "listeners.toml"),
        "SURVEYS_FILE": str(folder / "surveys.toml"),
        "SURVEY_KEYS_DIR": str(folder / "keys"),
    }
    reference_files.add(folder / "tracks.csv", Lake.open(Settings.of(environment)))
    return os.environ | environment


def run(folder: Path, people: int) -> None:
    """One run on so many rows: its steps, seconds and megabytes, imports among them."""
    lines = (folder / "all.csv").read_text().splitlines(keepends=True)
    (folder / SHEET).write_text("".join(lines[: people + 1]))
    began = time.perf_counter()
    from pipelines.resources.lake.lakes import Lake  # noqa: PLC0415 importing is part of a run
    from pipelines.settings import Settings  # noqa: PLC0415
    from pipelines.surveys.making import compute, take_answers  # noqa: PLC0415

    settings = Settings()
    lake, survey = Lake.open(settings), settings.survey("spring")
    ready = time.perf_counter()
    take_answers(settings, lake, survey)
    taken = time.perf_counter()
    compute(settings, lake, survey)
    done = time.perf_counter()
    used = resource.getrusage(resource.RUSAGE_SELF)
    steps = {"imports": ready - began, "answers": taken - ready, "figures": done - taken}
    told = {"seconds": done - began, "processor": used.ru_utime + used.ru_stime, "steps": steps}
    print(json.dumps(told | {"mb": used.ru_maxrss / 1024}))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(Path(sys.argv[1]), int(sys.argv[2]))
    else:
        sys.exit(main())
