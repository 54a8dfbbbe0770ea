"""Known holes in what is run: `make audit` fails on any, and says what was not looked at.

pip-audit calls a package without an answer no failure: where the advisory service is out of reach,
or knows none of the packages, that must not be taken for clean. It is told loudly, and passes:
what is committed is not the worse for it.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FILES = ("requirements/base.txt", "requirements/kubernetes.txt")
"""What machines run, and what images hold: deploy.txt is a part of the second. What tests and lint
need besides runs nowhere."""

OUT_OF_REACH = ("ConnectionError", "ConnectTimeout", "ReadTimeout", "ServiceError")
PATIENCE_S = 300


class NotRun(RuntimeError):
    """pip-audit itself did not work; the message is the last that it said."""


def report_on(file: str, python: str = sys.executable) -> list[dict[str, Any]]:
    """What pip-audit says of each package in a file; nothing where its service does not answer.

    Raises:
        NotRun: for any other reason not to answer.
    """
    command = [python, "-m", "pip_audit", "--require-hashes", "--disable-pip"]
    command += ["--progress-spinner", "off", "--format", "json", "-r", str(ROOT / file)]
    try:
        done = subprocess.run(  # noqa: S603 its own command
            command, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return []
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, LookupError):
        if any(word in done.stderr for word in OUT_OF_REACH):
            return []
        raise NotRun((done.stderr.strip() or "no word").splitlines()[-1]) from None
    return packages


def judged(file: str, packages: Sequence[dict[str, Any]]) -> tuple[list[str], bool]:
    """Lines for a person, and whether there are holes."""
    holes = [
        f"{file}: {one['name']} {one['version']} has {hole['id']}: "
        f"update to {' or '.join(hole['fix_versions']) or 'another package, there is no fix yet'}"
        for one in packages
        for hole in one.get("vulns", ())
    ]
    looked_at = sum("vulns" in one for one in packages)
    if not looked_at:
        return [f"NOT AUDITED: {file}: the advisory service gave no answer"], False
    lines = [f"{file}: {looked_at} packages audited, {len(holes)} known holes", *holes]
    if missing := [one["name"] for one in packages if "vulns" not in one]:
        lines.append(f"NOT AUDITED: {file}: {', '.join(missing)}")
    return lines, bool(holes)


def main() -> int:
    """Audit what is run; 1 where there is a hole in any, or nothing could be looked up."""
    failed = False
    for file in FILES:
        try:
            lines, holes = judged(file, report_on(file))
        except NotRun as problem:
            lines, holes = [f"pip-audit did not work: {problem}"], True
        print("\n".join(lines))  # noqa: T201 its output
        failed = failed or holes
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
