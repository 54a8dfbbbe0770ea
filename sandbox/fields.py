"""The `fields` parameter of playlists: which parts of an answer a client wants.

`snapshot_id,items.total` and `items(item(id,name)),next` are enough for those that there are; a
list that begins with `!` names what is left out. It works on the shape that the client is sent, so
that `track` finds nothing since that is called `item` (blastbeng/spotisub#106). Nothing else
belongs here.
"""

import re
from collections import deque
from typing import Any

from sandbox.messages import Refused

_Tree = dict[str, Any]
"""Names, each with the tree of what is wanted of it; an empty one is everything."""


def only(body: Any, fields: str | None) -> Any:
    """The wanted parts of an answer, all of it where nothing is said.

    Raises:
        Refused: 400 for parentheses that do not match.
    """
    if not fields:
        return body
    tokens = deque(re.findall(r"[^\s,().]+|[,().]", fields))
    try:
        tree = _list(tokens)
    except IndexError:
        raise Refused(400, "Invalid fields") from None
    if tokens:
        raise Refused(400, "Invalid fields")
    return _select(body, tree)


def _list(tokens: deque[str]) -> _Tree:
    tree: _Tree = {}
    _entry(tokens, tree)
    while tokens and tokens[0] == ",":
        tokens.popleft()
        _entry(tokens, tree)
    return tree


def _entry(tokens: deque[str], tree: _Tree) -> None:
    inner = tree.setdefault(tokens.popleft(), {})
    if not tokens or tokens[0] not in {".", "("}:
        return
    if tokens.popleft() == ".":
        _entry(tokens, inner)
        return
    inner.update(_list(tokens))
    if tokens.popleft() != ")":
        raise IndexError


def _select(value: Any, tree: _Tree) -> Any:
    if isinstance(value, list):
        return [_select(one, tree) for one in value]
    if not tree or not isinstance(value, dict):
        return value
    if any(name.startswith("!") for name in tree):
        unwanted = {name.removeprefix("!") for name in tree}
        return {name: one for name, one in value.items() if name not in unwanted}
    return {name: _select(value[name], inner) for name, inner in tree.items() if name in value}
