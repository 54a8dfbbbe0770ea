"""Who answered: by which text a person is known again, and where that text must not be.

Names and mails live in this module's arguments only; what is made of them is a pseudonym. Add here
another way in which one person writes their own name.
"""

import re
import unicodedata

from pipelines.listening.catalogue.names import normal_name

_MAIL = re.compile(r"[^\s@<>\"(),;:]+@[^\s@<>\"(),;:]+\.[^\W\d_]{2,}")


def mail_in(text: str) -> str:
    """The first mail address in a text; "" where there is none."""
    found = _MAIL.search(text)
    return found[0] if found else ""


def normal_identity(text: str) -> str:
    """A mail or a name, such that it is the same however it was typed.

    Of a mail, case does not count; of a name neither case nor accents, punctuation and which of
    two parts a comma puts first.
    """
    mail = mail_in(text)
    if mail:
        return unicodedata.normalize("NFKC", mail).casefold().strip(".")
    last, comma, first = text.partition(",")
    return normal_name(f"{first} {last}" if comma and first.strip() else text)
