"""In which context a play was heard: sleep, kids, workout, focus, party, relaxation, everyday.

`labels.py` is the entry point; every other module is one kind of evidence or one step. Add here a
further kind of evidence or a better step. Weights and phrases, with their sources, are data in
`reference_data/`; monthly figures by context are insights.
"""

CONTEXTS = ("sleep", "kids", "workout", "focus", "party", "relaxation", "everyday")
"""Every context; the last is the default, where there is no evidence for another."""
