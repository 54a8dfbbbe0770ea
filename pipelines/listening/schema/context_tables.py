"""The tables of context labels, declared once, as in `tables.py`.

Add a table here when it holds contexts. How a context is found belongs in `listening/contexts/`.
"""

import pyarrow as pa

from pipelines.listening.schema.table import Table, column
from pipelines.listening.schema.tables import (
    ARTIST_KEY,
    KIND_SOURCE,
    PLAYS,
    UNKNOWN_LENGTHS,
    UTC_MS,
)

EXPLANATIONS = pa.list_(pa.string())
SCORES = pa.list_(pa.struct([("context", pa.string()), ("score", pa.float32())]))

_CONTEXT = (
    column(
        "context",
        pa.string(),
        "sleep, kids, workout, focus, party, relaxation or everyday",
        required=True,
    ),
    column(
        "context_confidence",
        pa.float32(),
        "how sure that is, 0 to 1: of plays with 0.8, four in five are right",
        required=True,
    ),
)

LABELLED_PLAYS = Table(
    name="labelled_plays",
    path="labelled_plays/year={year}/month={month}/data.parquet",
    grain="One play, with what is known of its track and the context in which it was heard.",
    fields=(
        *PLAYS.fields,
        KIND_SOURCE,
        column(
            "recording_id",
            pa.string(),
            "the same for one song on several albums, as in unique_tracks",
            required=True,
        ),
        ARTIST_KEY,
        column("session_id", pa.string(), "session, as in sessions", required=True),
        *_CONTEXT,
        column(
            "context_scores",
            SCORES,
            "each context's share of one by the evidence alone, without what the listener said",
            required=True,
        ),
        column(
            "context_evidence",
            EXPLANATIONS,
            "why, in sentences, strongest first; empty for everyday, but for what you said",
            required=True,
        ),
        column(
            "context_given",
            pa.string(),
            "session (labelled by hand) or rule (listeners.toml) where the listener said so",
        ),
        column("mine", pa.bool_(), "not in a context that the listener excludes", required=True),
    ),
    key=("play_id",),
    order=PLAYS.order,
)

SESSIONS = Table(
    name="sessions",
    path="aggregated/sessions.parquet",
    grain="One listening session: plays without a pause of more than 20 minutes, or as configured.",
    fields=(
        column("session_id", pa.string(), "when it began, UTC", required=True),
        column("started_at", UTC_MS, "start of its first play", required=True),
        column("ended_at", UTC_MS, "end of its last play", required=True),
        column(
            "local_date",
            pa.date32(),
            "day on which it began, as the listener's calendar has it",
            required=True,
        ),
        column("plays", pa.int32(), "plays, short ones too", required=True),
        column("minutes", pa.float64(), "minutes heard", required=True),
        UNKNOWN_LENGTHS,
        column("unique_tracks", pa.int32(), "different recordings", required=True),
        column("skip_share", pa.float64(), "share of skipped plays; null where no export covers"),
        column("opened_from", pa.string(), "what its first play was played from; polls only"),
        *_CONTEXT,
        column(
            "context_evidence", EXPLANATIONS, "why, in words, most frequent first", required=True
        ),
        column(
            "mine",
            pa.bool_(),
            "its context is none that the listener excludes",
            required=True,
        ),
    ),
    key=("session_id",),
    order=("started_at",),
)

CONTEXT_EVALUATION = Table(
    name="context_evaluation",
    path="aggregated/context_evaluation.parquet",
    grain="One context: how well the evidence alone finds what the listener labelled by hand.",
    fields=(
        _CONTEXT[0],
        column("sessions", pa.int32(), "sessions labelled so by hand", required=True),
        column("minutes", pa.float64(), "minutes labelled so by hand", required=True),
        column(
            "precision", pa.float64(), "of the minutes found, the share that is right; null: none"
        ),
        column(
            "recall", pa.float64(), "of the minutes labelled by hand, the share found; null: none"
        ),
        column("f1", pa.float64(), "harmonic mean of both; null where neither is known"),
    ),
    key=("context",),
)

LABELS = Table(
    name="labels",
    path="labels/data.parquet",
    grain="One session that the listener labelled by hand: their own word, never derived.",
    fields=(
        column("heard_at", UTC_MS, "an instant inside the session", required=True),
        _CONTEXT[0],
        column(
            "given_at",
            UTC_MS,
            "when it was said; of several for a session the last holds",
            required=True,
        ),
    ),
    key=("heard_at",),
    repair="put a copy of it back: labels are stored nowhere else",
)
