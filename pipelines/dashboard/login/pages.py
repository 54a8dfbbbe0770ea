"""What people read at the door: the page to log in, their own account, and why they are not in.

Pages without a script but one line for invitations, since they must not need what they protect.
Which page is shown when is `routes.py`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from jinja2 import Environment, StrictUndefined

from pipelines.dashboard.theme import DARK, LIGHT, SANS, SERIF, Palette
from pipelines.resources.dashboard_logins import DashboardLogin

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{ title }} · Playledger</title>
<link rel="icon" href="/favicon.png">
<link rel="stylesheet" href="/auth/style.css">
</head>
<body>
<main>
<p class="maker">Playledger</p>
<h1>{{ title }}</h1>
{% block content %}{% endblock %}
</main>
</body>
</html>
"""

_MESSAGE = """{% extends "page" %}{% block content %}
<p>{{ text }}</p>
{% if link %}<p><a class="button" href="{{ link.address }}">{{ link.label }}</a></p>{% endif %}
{% endblock %}"""

_LOGIN = """{% extends "page" %}{% block content %}
{% if why %}<p role="status">{{ why }}</p>{% endif %}
<p>Your plays are behind this door. Show who you are with the Spotify account whose plays are
collected here: Playledger reads whose account it is, and keeps nothing of this login.</p>
<p><a class="button" href="/auth/login{{ then }}">Log in with Spotify</a></p>
<p class="faint">You were sent a link? Open it in this browser; it works once.</p>
{% endblock %}"""

_INVITATION = """{% extends "page" %}{% block content %}
<p id="ask">This link logs one person in to see their plays, once.</p>
<form method="post" action="/auth/invite">
<input type="hidden" name="invitation" id="invitation">
<button>Log in</button>
</form>
<noscript><p>Turn on JavaScript: the dashboard needs it too.</p></noscript>
<script src="/auth/invite.js"></script>
{% endblock %}"""

_ACCOUNT = """{% extends "page" %}{% block content %}
<p>You are logged in as <strong>{{ listener }}</strong>{% if is_owner %}, who sees how collecting
goes for everybody{% endif %}. <a href="/">Back to your plays</a></p>
<h2>Where you are logged in</h2>
<ul>
{% for one in logins %}<li>{{ one.agent or "A browser" }}
{% if one.key == here %}<strong>(this one)</strong>{% endif %}<br>
<span class="faint">since {{ one.began_at | moment }}, last used {{ one.seen_at | moment }},
until {{ one.ends_at | moment }} at the latest</span></li>
{% endfor %}</ul>
<form method="post" action="/auth/logout">
<input type="hidden" name="form" value="{{ form }}"><button>Log out</button></form>
<form method="post" action="/auth/logout-everywhere">
<input type="hidden" name="form" value="{{ form }}">
<button class="quiet">Log out everywhere</button></form>
<h2>Collecting your plays</h2>
<p>{{ consent }} Spotify asks for this consent anew every six months. Renewing it here lets
Playledger go on reading your plays, top lists and playlists; it can change nothing in your
account.</p>
<form method="post" action="/auth/renew">
<input type="hidden" name="form" value="{{ form }}"><button>Renew at Spotify</button></form>
{% endblock %}"""

_VARIABLES = (
    "--paper: {paper}; --field: {field}; --ink: {ink}; --faint: {faint}; --rule: {rule}; "
    "--accent: {accent}; --on-accent: {on_accent};"
)

_STYLE = """
:root {{ {light} color-scheme: light dark; }}
@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}
* {{ box-sizing: border-box; }}
body {{
  margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 {sans};
  overflow-wrap: anywhere;
}}
main {{ max-width: 36rem; margin: 0 auto; padding: clamp(1.5rem, 8vw, 5rem) 1.25rem; }}
.maker {{ font-weight: 650; letter-spacing: 0.02em; margin: 0; }}
h1, h2 {{ font-family: {serif}; font-weight: 400; text-wrap: balance; }}
h1 {{ font-size: clamp(2rem, 6vw, 3rem); line-height: 1.1; margin: 0.5em 0; }}
h2 {{ font-size: 1.4rem; margin: 2em 0 0.5em; }}
.faint {{ color: var(--faint); }}
a {{ color: var(--accent); text-underline-offset: 0.2em; }}
.button, button {{
  display: inline-block; border: 1px solid var(--accent); border-radius: 6px; cursor: pointer;
  background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600;
  padding: 0.7em 1.2em; min-height: 44px; text-decoration: none;
}}
.quiet {{ background: transparent; color: var(--accent); }}
form {{ display: inline-block; margin: 0.5rem 0.5rem 0.5rem 0; }}
[role="status"] {{ border-left: 3px solid var(--accent); padding-left: 0.8em; }}
:focus-visible {{ outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 2px; }}
"""

INVITATION_SCRIPT = """\
// The link's secret stands after '#', which no browser sends and no server logs.
document.getElementById('invitation').value = location.hash.slice(1);
history.replaceState(null, '', location.pathname);
"""

_templates = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
_templates.filters["moment"] = lambda at: f"{at:%Y-%m-%d %H:%M} UTC"
_base = _templates.from_string(_PAGE)


@dataclass(frozen=True)
class Link:
    """Where a page leads.

    Attributes:
        label: what it says.
        address: a path of the dashboard.
    """

    label: str
    address: str


def style() -> str:
    """The style of these pages, in the dashboard's colours."""
    return _STYLE.format(
        light=_variables(LIGHT), dark=_variables(DARK), sans=SANS, serif=SERIF
    ).lstrip()


def _variables(palette: Palette) -> str:
    return _VARIABLES.format(**vars(palette))


def message(title: str, text: str, link: Link | None = None) -> str:
    """A page that says one thing.

    Args:
        title: in a few words.
        text: in a sentence or two.
        link: what to do next, if there is something.
    """
    return _render(_MESSAGE, title=title, text=text, link=link)


def login_page(then: str, why: str = "") -> str:
    """The page to log in.

    Args:
        then: the query of the login's address, which says where it leads.
        why: what happened, if something did.
    """
    return _render(_LOGIN, title="Log in", then=then, why=why)


def invitation_page() -> str:
    """The page that a link leads to: opening it alone uses nothing up."""
    return _render(_INVITATION, title="You are invited")


def account_page(
    listener: str,
    *,
    is_owner: bool,
    logins: list[DashboardLogin],
    here: str,
    form: str,
    consent_ends_at: datetime | None,
) -> str:
    """Somebody's own page at the door.

    Args:
        listener: who they are.
        is_owner: whether they see how collecting goes for everybody.
        logins: their own.
        here: the key of the one that asks.
        form: what shows that a form is of this page.
        consent_ends_at: when Spotify's consent to collect ends; None where there is none.
    """
    return _render(
        _ACCOUNT,
        title="Your account",
        listener=listener,
        is_owner=is_owner,
        logins=logins,
        here=here,
        form=form,
        consent=consent_words(consent_ends_at, datetime.now(UTC)),
    )


def consent_words(ends_at: datetime | None, now: datetime) -> str:
    """How long plays are collected yet.

    Args:
        ends_at: when the consent ends; None where there is none.
        now: the current time.
    """
    if ends_at is None:
        return "Nothing is collected for you now: there is no consent, or no date is known for it."
    if ends_at <= now:
        return f"Your consent ended on {ends_at:%Y-%m-%d}: nothing is collected until you renew it."
    return f"Your consent lasts until {ends_at:%Y-%m-%d}."


def _render(content: str, **values: object) -> str:
    return _templates.from_string(content.replace('"page"', "base")).render(base=_base, **values)
