"""Normalization of names of tracks and artists, as SQL.

Every comparison of names uses it. Which names are compared belongs to the modules that do so.
"""


def normal_sql(name: str) -> str:
    """DuckDB SQL for a name without case, accents, punctuation and superfluous spaces.

    A name of punctuation alone ("!!!", "???") is kept.

    Args:
        name: an expression of type VARCHAR.
    """
    return (
        "coalesce(nullif(trim(regexp_replace("
        f"strip_accents(lower({name})), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')), ''), lower({name}))"
    )
