"""How secrets are found in a text and replaced; it imports nothing that takes memory.

Add here what a secret looks like. Who must not say one is whoever writes a log or sends a message.
"""

import re
from collections.abc import Iterable
from urllib.parse import unquote

REDACTED = "…"
MIN_SECRET_LENGTH = 6
"""Parts of an address with fewer characters are words such as `api`. Reasoned."""


def secrets_pattern(secrets: Iterable[str]) -> re.Pattern[str]:
    """A pattern that matches any of these texts; nothing if there are none."""
    longest_first = sorted({*secrets}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def secrets_in_url(url: str) -> set[str]:
    """The parts of a URL that may be secrets: all but its scheme and what is short."""
    _, _, rest = url.partition("://")
    parts = {part for part in re.split(r"[/?&=:@,#]", rest) if len(part) >= MIN_SECRET_LENGTH}
    return parts | {unquote(part) for part in parts}
