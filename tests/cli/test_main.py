"""`playledger` itself, before any of its commands."""

from importlib.metadata import version

from click.testing import CliRunner

from pipelines.cli.main import main


def test_it_says_which_version_is_installed() -> None:
    shown = CliRunner().invoke(main, ["--version"])
    assert shown.output == f"playledger {version('playledger')}\n"
