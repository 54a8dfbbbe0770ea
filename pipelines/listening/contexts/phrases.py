"""Phrases in names of playlists, albums, tracks, artists, genres and devices that hint at contexts.

How names are searched lives here. The phrases are data: add one to
`reference_data/context_names.csv`.
"""

import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from pipelines.listening.catalogue.names import words_sql
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.schema.sql import query

NAME_FIELDS = ("playlist", "album", "track", "artist", "genre", "platform")
HINT, LIKELY, STRONG = 1, 2, 3
NO_CONTEXT = "none"

_WITHOUT_BLANKS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}]"
"""Scripts whose words are not, or not reliably, separated by spaces."""


@dataclass(frozen=True)
class PhraseMatches:
    """The strongest phrase in each name for each context.

    Attributes:
        strength: its strength, 0 where there is none; int8, one row per name, one column per
            context.
        phrase: its index in `phrases`, of the same shape; -1 where there is none.
        phrases: all phrases.
    """

    strength: npt.NDArray[np.int8]
    phrase: npt.NDArray[np.int32]
    phrases: pa.Array


@cache
def phrases_file() -> str:
    """The content of the file of phrases that comes with Playledger."""
    path = files("reference_data").joinpath("context_names.csv")
    return path.read_text(encoding="utf-8")


@cache
def default_phrases() -> pa.Table:
    """The phrases that come with Playledger: field, context, whole, phrase, strength."""
    kinds = dict.fromkeys(("context", "where", "match", "phrase"), pa.string())
    options = csv.ConvertOptions(column_types=kinds)
    rows = csv.read_csv(io.BytesIO(phrases_file().encode()), convert_options=options)
    return query(_SHIPPED, rows=rows)


_SHIPPED = """
SELECT unnest(string_split("where", ' ')) AS field, context, match = 'whole' AS whole, phrase,
    strength
FROM rows
"""


def find_phrases(names: pa.Array, field: str, phrases: pa.Table | None = None) -> PhraseMatches:
    """Search names for phrases: whole words only, and the longest of overlapping ones.

    Args:
        names: distinct names; null for none.
        field: what they are names of, one of `NAME_FIELDS`.
        phrases: rows like those of `default_phrases`, which are the default.
    """
    phrases = default_phrases() if phrases is None else phrases
    wanted = phrases.filter(pc.equal(phrases["field"], field)).drop_columns("field")
    wanted = wanted.append_column("number", pa.array(np.arange(len(wanted), dtype=np.int32)))
    strength = np.zeros((len(names), len(CONTEXTS)), np.int8)
    phrase = np.full((len(names), len(CONTEXTS)), -1, np.int32)
    table = pa.table({"name": names, "row": np.arange(len(names))})
    hits = query(_HITS, names=table, phrases=wanted)
    at = hits["row"].to_numpy(), hits["context"].to_numpy()
    strength[at], phrase[at] = hits["strength"].to_numpy(), hits["number"].to_numpy()
    return PhraseMatches(strength, phrase, wanted["phrase"].combine_chunks())


_LONGEST = 9
"""Words in the longest phrase."""

_NUMBER_OF = " ".join(f"WHEN '{context}' THEN {n}" for n, context in enumerate(CONTEXTS))

_HITS = f"""
WITH normal AS MATERIALIZED (
    SELECT row, normal, string_split(normal, ' ') AS words
    FROM (SELECT row, {words_sql("name")} AS normal FROM names WHERE name IS NOT NULL)
    WHERE normal <> ''
),
begun AS (SELECT row, words, unnest(range(1, len(words) + 1)) AS word FROM normal),
spans AS (
    SELECT row, words, word, array_to_string(words[word:word + more], ' ') AS phrase
    FROM begun, range({_LONGEST}) AS lengths(more) WHERE word + more <= len(words)
),
-- Positions in the name are in letters, since not all words are separated.
hits AS (
    SELECT spans.row, length(array_to_string(words[:word - 1], ' ')) + least(word, 2) AS first,
        first + length(phrase) - 1 AS last, p.number, p.context, p.strength
    FROM spans JOIN phrases p USING (phrase) WHERE NOT p.whole
    UNION ALL
    SELECT normal.row, 0, length(normal) + 1, p.number, p.context, p.strength
    FROM normal JOIN phrases p ON p.phrase = normal.normal WHERE p.whole
    UNION ALL
    SELECT row, letter, letter + length(phrase) - 1, number, context, strength FROM (
        SELECT n.row, instr(n.normal, p.phrase) AS letter, p.*
        FROM normal n, phrases p
        WHERE NOT p.whole AND regexp_matches(p.phrase, '{_WITHOUT_BLANKS}')
            AND regexp_matches(n.normal, '{_WITHOUT_BLANKS}') AND contains(n.normal, p.phrase)
    )
),
-- A longer phrase overrides a shorter one in it: "sleeping satellite" is not sleep.
longest AS (
    SELECT * FROM hits h WHERE NOT EXISTS (
        FROM hits o WHERE o.row = h.row
            AND o.first <= h.first AND o.last >= h.last AND o.last - o.first > h.last - h.first
    )
)
SELECT row, CASE context {_NUMBER_OF} END AS context,
    max(strength)::TINYINT AS strength, arg_max(number, (strength, -number)) AS number
FROM longest WHERE context <> '{NO_CONTEXT}' AND strength > 0 GROUP BY ALL
"""  # noqa: S608 built from constants
