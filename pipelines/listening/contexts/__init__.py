"""In which context a play was heard: sleep, kids, workout, focus, party, relaxation, everyday.

`labels.py` puts it all together; every other module is one kind of evidence or one step. Weights,
words and their sources are data, in `reference_data/`.
"""

CONTEXTS = ("sleep", "kids", "workout", "focus", "party", "relaxation", "everyday")
"""Every context; the last is the one where nothing speaks for another."""
