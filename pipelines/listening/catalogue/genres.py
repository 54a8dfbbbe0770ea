"""Genres: which spellings mean the same one, as SQL.

Every comparison of genres uses it. Which genres a track has is decided in `audio_features.py` and
in the insights.
"""


def genre_key_sql(genre: str) -> str:
    """DuckDB SQL for a genre without what its spellings differ in.

    "Hip-Hop", "hip hop" and "hiphop" are one, "R&B", "r-n-b" and "rnb" are one, and so are
    "drum & bass", "drum'n'bass" and "drum and bass".

    Args:
        genre: an expression of type VARCHAR.
    """
    words = f"replace(lower({genre}), '&', ' and ')"
    alone = r"(^|[^\p{L}\p{N}])n([^\p{L}\p{N}]|$)"
    spelled = f"regexp_replace({words}, '{alone}', ' and ', 'g')"
    signs = r"[^\p{L}\p{M}\p{N}]"
    bare = f"regexp_replace({spelled}, '{signs}', '', 'g')"
    return f"coalesce(nullif(replace({bare}, 'rnb', 'randb'), ''), lower({genre}))"
