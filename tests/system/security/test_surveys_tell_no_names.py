"""Names, mails and hometowns of whoever answers a survey are in its sheet, and nowhere else.

Runs that go well, that find the sheet damaged, that fail in an unexpected way with a name in the
exception, and commands; everything that any library logs at DEBUG goes to a file and into
Dagster's own log. Then every file is searched: the lake with what its Parquet files decode to, the
page, the keys, Dagster's databases and logs, and what was on the screen.
"""

import re
from pathlib import Path

import pytest

from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox import Sandbox
from sandbox.sheets import LANGUAGES, dirty_sheet
from testing.pipeline import everything_in
from tests.support.asking import python
from tests.support.environment import Environment
from tests.surveys import classes
from tests.surveys.classes import Student

pytestmark = [pytest.mark.rare, pytest.mark.timeout(600)]

LOUD = """
import csv, logging, logging.config, sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path

import dagster as dg
from click.testing import CliRunner

from pipelines.cli.main import main
from pipelines.definitions import defs
from pipelines.surveys import making

home, log, sheet, reference = map(Path, sys.argv[1:5])
logging.config.dictConfig({
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": str(log)}},
    "root": {"level": "DEBUG", "handlers": ["file"]},
})
libraries = ["playledger", "playledger.google", "urllib3", "google", "google.auth", "requests"]
for name in libraries:
    logging.getLogger(name).setLevel("DEBUG")
(home / "dagster.yaml").write_text(
    "telemetry: {enabled: false}\\n"
    f"python_logs: {{python_log_level: DEBUG, managed_python_loggers: [{', '.join(libraries)}]}}\\n"
)

def command(*words, typed=None):
    result = CliRunner().invoke(main, words, input=typed)
    print(words, result.exit_code, result.output)

command("reference", "add", str(reference))
with dg.DagsterInstance.from_config(str(home)) as instance:
    def run(name):
        job = defs().resolve_job_def(f"survey_{name}")
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        print(name, result.success)

    run("spring")
    run("online")
    for language in "en", "de", "fr", "es":
        command("survey", "run", language)
    body = sheet.read_text()
    sheet.write_text(body.replace("Song 1", "Quillfeather").replace("Song", "Otterhampton"))
    run("spring")
    sheet.write_text(body)
    genuine = making.parse
    def broken(rows, *rest, **options):
        raise ValueError(f"cannot convert {[list(one.rows) for one in rows]}")
    making.parse = broken
    run("spring")
    making.parse = genuine
    command("survey", "run", "spring")
    command("survey", "list")
    command("survey", "code", "spring", typed="o.zwiebruck003@example.org\\n")
    command("survey", "code", "spring", typed="Nobody Quillfeather\\n")
    command("survey", "forget", "spring", "--yes", typed="o.zwiebruck004@example.org\\n")
    command("survey", "matches", "spring")
    command("status", "--json")
"""


def test_nobodys_name_mail_or_hometown_is_anywhere_but_in_the_sheet(
    sandbox: Sandbox, environment: Environment, tmp_path: Path
) -> None:
    environment.set(PYTHONPATH=str(Path.cwd()))
    rows = classes.rows(30)
    rows[3] = classes.answer(Student(2), when="Ottilie Quillfeather002, in Otterhampton-002")
    rows.append(classes.answer(Student(40), how="Quillfeather", email="", your=""))
    rows.append([*classes.answer(Student(41))[:-2], "a song by Ottilie Quillfeather041", ""])
    sandbox.google.sheet("1234567890abcdef", rows)
    sheet = environment.folder / "answers.csv"
    classes.write(sheet, rows)
    dirty = {one: dirty_sheet(seed=7, people=30, language=one) for one in LANGUAGES}
    for language, made in dirty.items():
        sandbox.google.sheet(f"dirty-sheet-{language}", made.rows)
    environment.surveys(
        '[spring]\ntitle = "Our songs"\nfile = "answers.csv"\n'
        '[online]\ntitle = "Ours"\nsheet = { id = "1234567890abcdef", range = "A:ZZ" }\n'
        + "".join(f'[{one}]\nsheet = "dirty-sheet-{one}"\n' for one in LANGUAGES)
    )
    home, log = tmp_path / "dagster", tmp_path / "debug.log"
    home.mkdir()
    reference = classes.FEATURES / "tracks.parquet"
    process = python(LOUD, str(home), str(log), str(sheet), str(reference))
    out, error = process.communicate(timeout=400)
    (tmp_path / "screen").write_text(out + error)
    assert process.returncode == 0, error
    ran = re.findall(r"^(\w+) (True|False)$", out, flags=re.MULTILINE)
    good, bad = [("spring", "True"), ("online", "True")], [("spring", "False")] * 2
    assert ran == [*good, *bad], out + error
    assert re.search(r"^code: [a-z2-7]{26}$", out, flags=re.MULTILINE), out
    sheet.unlink()
    files = everything_in(tmp_path)
    assert {Path(name).suffix for name in files} >= {".db", ".log", ".parquet", ".html", ".key"}
    secrets = " ".join(one for made in dirty.values() for one in made.secrets)
    words = {*re.findall(r"[^\W\d]{8,}", secrets.lower()), "students.example", *classes.SECRET}
    assert len(words) > 8
    assert classes.traces(files, words) == {}
    assert {"spring", "online", *LANGUAGES} == set(Lake.open(Settings()).surveys())


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"hello {Student(7).name}")
    assert classes.traces(everything_in(tmp_path)) == {"a": ["quillfeather"]}
