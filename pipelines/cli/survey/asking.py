"""How commands about one person ask whom they are about: without echo, and never as an argument."""

import click


def ask_who() -> str:
    """The mail or name of a person, as they gave it in their answer."""
    asked = "Their mail, or their name where the sheet has no mail"
    answer: str = click.prompt(asked, hide_input=True)
    return answer
