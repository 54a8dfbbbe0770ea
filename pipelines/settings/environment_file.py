"""A file of settings, `.env`: read so strictly that nobody can read it otherwise.

Dagster's own commands read the same file with python-dotenv, docs have a shell read files like it,
and Compose has rules of its own. So only what all of them understand alike is accepted here, and
everything else is an error that names the line, never a value. Add here what such a file may hold
or how it is written; when it is read is decided in `environment.py`.
"""

import re
from collections.abc import Mapping

from pipelines.errors import SettingsError

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LINE = re.compile(r"(?:export[ \t]+)?(?P<name>[^\s=#'\"]+)=(?P<value>.*)", re.DOTALL)
_QUOTED = re.compile(r"'(?P<single>[^']*)'|\"(?P<double>[^\"\\$`]*)\"")
_PLAIN = re.compile(r"[^\s'\"\\$`;&|<>()#][^\s'\"\\$`;&|<>()]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x85\u2028\u2029\ufeff]")

QUOTE_IT = "put the value in single quotes"


def parse_environment_file(text: str) -> dict[str, str]:
    """The variables of a `.env`.

    Args:
        text: lines of `NAME=value`; empty ones and `# …` mean nothing.

    Raises:
        SettingsError: with the number of the line that cannot be understood.
    """
    found: dict[str, str] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if not (bare := line.strip(" \t")) or bare.startswith("#"):
            continue
        try:
            name, value = _variable(bare)
        except SettingsError as problem:
            raise SettingsError(f"line {number}: {problem}") from None
        if name in found:
            raise SettingsError(f"line {number}: {name} was set in line {lines[name]} already")
        found[name], lines[name] = value, number
    return found


def _variable(line: str) -> tuple[str, str]:
    if not (match := _LINE.fullmatch(line)) or not NAME.fullmatch(match["name"]):
        raise SettingsError("it is not written like NAME=value, without spaces around the =")
    name, rest = match["name"], match["value"]
    if _CONTROL.search(rest):
        raise SettingsError(f"{name} has a character that cannot be seen")
    if not rest or rest[0].isspace():
        if rest.strip() and not rest.strip().startswith("#"):
            raise SettingsError(f"{name} has a space after the =")
        return name, ""
    if quoted := _QUOTED.match(rest):
        value, after = quoted["single"] or quoted["double"] or "", rest[quoted.end() :]
        if "${" in value or "\\" in value:
            # python-dotenv puts in a variable, or takes away a backslash, even in single quotes.
            raise SettingsError(f"{name} has ${{ or a backslash, which programs read differently")
    elif plain := _PLAIN.match(rest):
        value, after = plain[0], rest[plain.end() :]
    else:
        raise SettingsError(f"{name} has a quote that does not end, or a special one: {QUOTE_IT}")
    if after and not re.fullmatch(r"[ \t]+(#.*)?", after):
        raise SettingsError(f"{name} goes on after its end: {QUOTE_IT}")
    return name, value


def with_variables(text: str, variables: Mapping[str, str]) -> str:
    """A `.env` that has these variables too; every line that it had stays as it was.

    Args:
        text: of the file, empty for a new one.
        variables: what to add, none of which the file has.

    Raises:
        SettingsError: where a value cannot be written so that everybody reads the same.
    """
    begun = text if not text or text.endswith(("\n", "\r")) else f"{text}\n"
    written = begun + "".join(f"{name}={_written(value)}\n" for name, value in variables.items())
    if parse_environment_file(written) != parse_environment_file(text) | dict(variables):
        raise SettingsError("a value cannot be written into a file of settings")
    return written


def _written(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else f"'{value}'"
