"""Tables in which a row can be chosen, as Streamlit keeps what was chosen in them."""

from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st


class Tables:
    """What Streamlit keeps of tables: by its key, the number of the row that was chosen."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.keys: list[str] = []
        self.address: dict[str, str] = {}
        self.chosen: dict[str, list[int]] = {}
        monkeypatch.setattr(st, "dataframe", self.shown)
        monkeypatch.setattr(st, "query_params", self.address)

    def shown(self, *_: Any, key: str, **__: Any) -> Any:
        self.keys.append(key)
        return SimpleNamespace(selection=SimpleNamespace(rows=self.chosen.get(key, [])))
