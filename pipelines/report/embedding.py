"""HTML files that hold all that they show: style, data, Plotly's script and our own.

What every page of ours shares, and nothing that only one of them says. Nothing is fetched when one
is opened, and its content security policy forbids it. Our scripts are the modules of `js/`, from
which `make js` builds them.
"""

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

_HERE = files("pipelines.report")

FLAT, SPACE = "plotly-flat.js", "plotly-space.js"
"""What of Plotly draws the report, and what draws a survey, in three dimensions too."""


def self_contained(template: str, plotly: str, script: str, data: object, **words: object) -> str:
    """A page that needs nothing else.

    Args:
        template: its file in this folder, which extends `frame.html`.
        plotly: what it is drawn with, `FLAT` or `SPACE`.
        script: what draws it, a file in this folder that `make js` builds.
        data: what the script reads, as JSON.
        words: what the template says; they are escaped.
    """
    scripts = (_built(plotly), _built(script))
    return (
        _templates()
        .get_template(template)
        .render(
            **words,
            style=Markup(_text("chart.css") + _text("style.css")),  # noqa: S704 our own files
            data=_json(data),
            scripts=scripts,
            policy=_policy(scripts),
        )
    )


def script_digests(plotly: str, script: str) -> tuple[str, ...]:
    """Digests of a page's scripts, for a policy of whoever shows the page within one of their own.

    Args:
        plotly: as for `self_contained`.
        script: likewise.
    """
    return (_digest(_built(plotly)), _digest(_built(script)))


@cache
def _templates() -> Environment:
    return Environment(
        autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(_text), trim_blocks=True
    )


def _json(content: object) -> Markup:
    """JSON that is safe in a script element, whatever names contain."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    # In JSON these occur in strings only, where they may be escaped.
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 the end of a script element is escaped


@cache
def _built(name: str) -> Markup:
    """A script, built and committed, so that a page can be made where there is no Node."""
    return Markup(_text(name))  # noqa: S704 has no end of a script element


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
