"""Names of tracks and artists as people compare them.

The one place where names are made comparable, for SQL. What is compared with what belongs to
those who compare.
"""


def normal_sql(name: str) -> str:
    """DuckDB SQL for a name without case, accents, punctuation and superfluous blanks.

    A name of nothing but signs ("!!!", "???") is told from others by them.

    Args:
        name: an expression of type VARCHAR.
    """
    return (
        "coalesce(nullif(trim(regexp_replace("
        f"strip_accents(lower({name})), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')), ''), lower({name}))"
    )
