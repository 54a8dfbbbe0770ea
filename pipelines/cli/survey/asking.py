"""How commands about one person ask whom they are about: without echo, and never as an argument."""

import click


def ask_who() -> str:
    """The mail or name of a person, as they gave it in their answer."""
    answer: str = click.prompt("Their mail, or their name where the sheet has none", hide_input=True)
    return answer
