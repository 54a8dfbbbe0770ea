"""`make audit`: holes fail, and what was not looked at is not taken for clean."""

import runpy
from pathlib import Path
from typing import Any

import pytest

from tests.support.places import ROOT

SCRIPT = ROOT / "scripts" / "audit.py"
audit = runpy.run_path(str(SCRIPT))
judged = audit["judged"]

CLEAN = {"name": "tenacity", "version": "9.1.2", "vulns": []}
UNKNOWN = {"name": "altair", "skip_reason": "Dependency not found on PyPI: altair (6.3.0)"}


def holed(*fixed_in: str) -> dict[str, Any]:
    hole = {"id": "PYSEC-2026-1", "fix_versions": list(fixed_in), "aliases": [], "description": ""}
    return {"name": "requests", "version": "2.0", "vulns": [hole]}


def test_a_known_hole_fails_and_says_what_mends_it() -> None:
    lines, failed = judged("base.txt", [CLEAN, holed("2.1", "3.0"), UNKNOWN])
    assert failed
    assert lines == [
        "base.txt: 2 packages audited, 1 known holes",
        "base.txt: requests 2.0 has PYSEC-2026-1: update to 2.1 or 3.0",
        "NOT AUDITED: base.txt: altair",
    ]
    assert "there is no fix yet" in judged("base.txt", [holed()])[0][1]


def test_what_nobody_looked_at_passes_but_is_not_called_clean() -> None:
    for packages in ([], [UNKNOWN]):
        assert judged("base.txt", packages) == (
            ["NOT AUDITED: base.txt: the advisory service gave no answer"],
            False,
        )


def test_clean_is_what_was_audited_and_has_no_holes() -> None:
    assert judged("base.txt", [CLEAN]) == (["base.txt: 1 packages audited, 0 known holes"], False)


def test_an_audit_that_does_not_work_is_not_taken_for_a_service_out_of_reach(
    tmp_path: Path,
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'No module named pip_audit' >&2; exit 1\n")
    broken.chmod(0o755)
    with pytest.raises(audit["NotRun"], match="No module named pip_audit"):
        audit["report_on"]("requirements/base.txt", str(broken))
