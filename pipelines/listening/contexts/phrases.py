"""Words in names that tell a context: of playlists, albums, tracks, artists, genres, devices.

How names are searched lives here. Which words tell what is data:
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

from pipelines.listening.catalogue.names import normal_sql
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.schema.sql import query

NAME_FIELDS = ("playlist", "album", "track", "artist", "genre", "platform")
HINT, LIKELY, STRONG = 1, 2, 3
NO_CONTEXT = "none"

_WITHOUT_BLANKS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}]"
"""Scripts whose words are not, or not reliably, set apart by blanks."""


@dataclass(frozen=True)
class PhraseMatches:
    """What different names tell.

    Attributes:
        strength: of the best phrase in each name for each context, 0 where there is none;
            int8, one row per name, one column per context.
        phrase: that phrase's number in `phrases`; -1 where there is none.
        phrases: all phrases.
    """

    strength: npt.NDArray[np.int8]
    phrase: npt.NDArray[np.int32]
    phrases: pa.Array


@cache
def phrases_file() -> str:
    """The file of phrases that comes with Playledger."""
    path = files("reference_data").joinpath("context_names.csv")
    return path.read_text(encoding="utf-8")


@cache
def default_phrases() -> pa.Table:
    """The phrases that come with Playledger: place, context, whole, phrase, strength."""
    kinds = dict.fromkeys(("context", "where", "match", "phrase"), pa.string())
    options = csv.ConvertOptions(column_types=kinds)
    rows = csv.read_csv(io.BytesIO(phrases_file().encode()), convert_options=options)
    return query(_SHIPPED, rows=rows)


_SHIPPED = """
SELECT unnest(string_split("where", ' ')) AS place, context, match = 'whole' AS whole, phrase,
    strength
FROM rows
"""


def find_phrases(names: pa.Array, field: str, phrases: pa.Table | None = None) -> PhraseMatches:
    """Search different names for phrases: whole words only, and the longest of those that overlap.

    Args:
        names: as they are spelled; null for none.
        place: what they are names of, one of `PLACES`.
        phrases: as `shipped` gives them, which is the default.
    """
    phrases = default_phrases() if phrases is None else phrases
    wanted = phrases.filter(pc.equal(phrases["place"], field)).drop_columns("place")
    wanted = wanted.append_column("number", pa.array(np.arange(len(wanted), dtype=np.int32)))
    strength = np.zeros((len(names), len(CONTEXTS)), np.int8)
    phrase = np.full((len(names), len(CONTEXTS)), -1, np.int32)
    table = pa.table({"name": names, "place": np.arange(len(names))})
    hits = query(_HITS, names=table, phrases=wanted)
    at = hits["place"].to_numpy(), hits["context"].to_numpy()
    strength[at], phrase[at] = hits["strength"].to_numpy(), hits["number"].to_numpy()
    return PhraseMatches(strength, phrase, wanted["phrase"].combine_chunks())


_LONGEST = 9
"""Words in the longest phrase."""

_NUMBER_OF = " ".join(f"WHEN '{context}' THEN {n}" for n, context in enumerate(CONTEXTS))

_HITS = f"""
WITH normal AS MATERIALIZED (
    SELECT place, normal, string_split(normal, ' ') AS words
    FROM (SELECT place, {normal_sql("name")} AS normal FROM names WHERE name IS NOT NULL)
    WHERE normal <> ''
),
begun AS (SELECT place, words, unnest(range(1, len(words) + 1)) AS word FROM normal),
spans AS (
    SELECT place, words, word, array_to_string(words[word:word + more], ' ') AS phrase
    FROM begun, range({_LONGEST}) AS lengths(more) WHERE word + more <= len(words)
),
-- Places in the name are counted in letters, since not all words are set apart.
hits AS (
    SELECT spans.place, length(array_to_string(words[:word - 1], ' ')) + least(word, 2) AS first,
        first + length(phrase) - 1 AS last, p.number, p.context, p.strength
    FROM spans JOIN phrases p USING (phrase) WHERE NOT p.whole
    UNION ALL
    SELECT normal.place, 0, length(normal) + 1, p.number, p.context, p.strength
    FROM normal JOIN phrases p ON p.phrase = normal.normal WHERE p.whole
    UNION ALL
    SELECT place, letter, letter + length(phrase) - 1, number, context, strength FROM (
        SELECT n.place, instr(n.normal, p.phrase) AS letter, p.*
        FROM normal n, phrases p
        WHERE NOT p.whole AND regexp_matches(p.phrase, '{_WITHOUT_BLANKS}')
            AND regexp_matches(n.normal, '{_WITHOUT_BLANKS}') AND contains(n.normal, p.phrase)
    )
),
-- A longer phrase says what the shorter one in it means: "sleeping satellite" is not sleep.
longest AS (
    SELECT * FROM hits h WHERE NOT EXISTS (
        FROM hits o WHERE o.place = h.place
            AND o.first <= h.first AND o.last >= h.last AND o.last - o.first > h.last - h.first
    )
)
SELECT place, CASE context {_NUMBER_OF} END AS context,
    max(strength)::TINYINT AS strength, arg_max(number, (strength, -number)) AS number
FROM longest WHERE context <> '{NO_CONTEXT}' AND strength > 0 GROUP BY ALL
"""  # noqa: S608 built from constants
