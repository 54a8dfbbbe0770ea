"""The report's page: one HTML file with its data, its charts and all scripts.

Nothing is fetched when it is opened, and its content security policy forbids it. Charts are the
modules of `js/`, from which `make js` builds `page.js`; the columns that they need are in
`packed.py`. The same tables give the same bytes.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files

import pyarrow as pa
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from pipelines.report.packed import pack_tables

_HERE = files("pipelines.report")


def page(listener: str, tables: Mapping[str, pa.Table]) -> str:
    """The report of one listener.

    Args:
        listener: their name.
        tables: by name, the insights and `sessions` and `gaps`; any may be empty or missing.

    Returns:
        HTML in UTF-8, of less than six million bytes for ten years.
    """
    scripts = (_plotly(), _charts())
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(
        _text("page.html")
    )
    return template.render(
        listener=listener,
        style=Markup(_text("style.css")),  # noqa: S704 our own file
        data=_data({"listener": listener, **pack_tables(tables)}),
        scripts=scripts,
        policy=_policy(scripts),
    )


def _data(content: object) -> Markup:
    """JSON that is safe in a script element, whatever names contain."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # In JSON these occur in strings only, where they may be escaped.
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 the end of a script element is escaped


@cache
def _plotly() -> Markup:
    path = files("plotly") / "package_data" / "plotly.min.js"
    return Markup(path.read_text(encoding="utf-8"))  # noqa: S704 has no end of a script element


@cache
def _charts() -> Markup:
    """Our own script, built and committed, so that a report can be made where there is no Node."""
    return Markup(_text("page.js"))  # noqa: S704 has no end of a script element


def _policy(scripts: tuple[Markup, ...]) -> str:
    """The content security policy: run these scripts, and fetch nothing."""
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _digest(script: str) -> str:
    return b64encode(sha256(script.encode()).digest()).decode()


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
