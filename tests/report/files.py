"""Pages as files: taken apart as a browser does, and what their scripts take tables for.

Add here what tests of several pages need. What a page should hold belongs to the test.
"""

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pyarrow as pa

Json = dict[str, Any]


class Read(HTMLParser):
    """The page as a browser takes it apart."""

    def __init__(self, told: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text = ""
        self._open: str | None = None
        self.feed(told)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 the parser calls it so
        self._open = None

    def handle_data(self, data: str) -> None:
        if self._open == "script":
            attributes, told = self.scripts[-1]
            self.scripts[-1] = (attributes, told + data)
        elif self._open != "style":
            self.text += data

    @property
    def carried(self) -> Json:
        """The tables, as packed."""
        [told] = [told for attributes, told in self.scripts if attributes.get("id") == "data"]
        return json.loads(told)  # type: ignore[no-any-return]


def typed(field: pa.Field) -> str:
    """How the types of the page's script write a column."""
    kinds = {"bool": "boolean", "string": "string", "date32[day]": "Day"}
    if pa.types.is_list(field.type):
        # Within a list nothing is null, though no schema says so.
        entries = (field.type.value_type.field(n) for n in range(field.type.value_type.num_fields))
        each = "; ".join(typed(entry.with_nullable(False)) for entry in entries)
        return f"{field.name}: {{ {each} }}[]"
    kind = "Instant" if pa.types.is_timestamp(field.type) else kinds.get(str(field.type), "number")
    return f"{field.name}: {kind}{' | null' if field.nullable else ''}"


def types_of(file: str) -> dict[str, list[str]]:
    """Columns of tables, as the types of the scripts have them.

    Args:
        file: in `js/data/`.
    """
    types = files("pipelines.report").joinpath(f"js/data/{file}").read_text(encoding="utf-8")
    return {
        name: columns.split(";\n    ")
        for name, columns in re.findall(
            r"^  (\w+): \{\n    (.*?);\n  \};", types, re.MULTILINE | re.DOTALL
        )
    }
