"""How good context labels are, and what it costs to label 1,000,000 plays.

Quality: half a year of each of the sandbox's people, whose true contexts are known because the
sandbox made them up. Beside it what two simpler rules find: fixed bounds of audio features, and
the hour alone. Speed: lives of all of them on end, labelled by a process of its own. Beside it, as
a floor, DuckDB merely looks at every value of the same table. `PLAYS=0` leaves the second part out.
"""

import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean

import pyarrow as pa
import pyarrow.compute as pc
from many import (
    HOME,
    NICO,
    PLAYS_IN_ALL,
    START,
    in_a_process,
    look_at,
    most_mb,
    reference,
    write_ledger,
)

from pipelines.listening.catalogue.audio_features import artist_genres, match_features
from pipelines.listening.catalogue.tracks_and_artists import unique_tracks
from pipelines.listening.contexts import CONTEXTS
from pipelines.listening.contexts.evaluation import (
    Evaluation,
    audio_thresholds,
    evaluate,
    hour_alone,
)
from pipelines.listening.contexts.labels import label, reference_data_of
from pipelines.listening.schema.tables import GAPS
from pipelines.resources.lake.lakes import Lake
from pipelines.settings import Settings
from sandbox.ledger import FEATURES_SHARE, plays_of
from sandbox.people import people

EXCLUDED = ("sleep", "kids")
HALF_A_YEAR = timedelta(days=26 * 7)
MOST_SECONDS, MOST_MB = 10, 1536

TRUTH = (
    "This truth is made by the project itself: the same sandbox, people and music, in other weeks, "
    "are what\nthe weights were fitted to. Read the figures as a regression test, not as a promise "
    "about a real listener."
)


@dataclass(frozen=True)
class Judged:
    """What is printed of one person's half year.

    Attributes:
        labels: how good the labels are.
        by_sound: what fixed bounds of audio features would find.
        by_hour: what the hour alone would find, learned on this very truth.
        lost_hours: hours of everyday that do not count as the listener's own.
        lost_share: the same, of all hours of everyday, 0 to 1.
    """

    labels: Evaluation
    by_sound: Evaluation
    by_hour: Evaluation
    lost_hours: float
    lost_share: float


def judge(person: str, features: pa.Table) -> Judged:
    """Label half a year of a person's life without a word from them, and compare."""
    plays, lived = plays_of(f"{person}/bench", START, START + HALF_A_YEAR)
    tracks = unique_tracks(plays)
    labelled = label(
        plays,
        tracks=tracks,
        known=reference_data_of(tracks, features, artist_genres(features)),
        gaps=GAPS.empty(),
        exclude=EXCLUDED,
    ).rows
    places = pc.index_in(labelled["play_id"], value_set=plays["play_id"].combine_chunks())
    truth = pa.array(lived).take(places)
    minutes = pc.divide(labelled["ms_played"].cast(pa.float64()), 60_000)
    confidence = labelled["context_confidence"]
    everyday = pc.equal(truth, "everyday")
    lost = pc.sum(minutes.filter(pc.and_(everyday, pc.invert(labelled["mine"])))).as_py() or 0

    def beside_truth(found: pa.Array) -> Evaluation:
        return evaluate(truth, found, confidence, minutes)

    return Judged(
        labels=beside_truth(labelled["context"]),
        by_sound=beside_truth(audio_thresholds(match_features(labelled, features))),
        by_hour=beside_truth(hour_alone(labelled["local_hour"], truth, minutes)),
        lost_hours=lost / 60,
        lost_share=lost / pc.sum(minutes.filter(everyday)).as_py(),
    )


def quality() -> None:
    """Print a line per person, and their mean."""
    print(TRUTH)
    names = "".join(f"{name:>11}" for name in CONTEXTS)
    print(
        f"\n{'':8} {'macro':>5} {'ECE':>5} {'everyday':>11}  precision/recall by minutes"
        f"{'':51}{'sound':>5} {'hour':>5}"
    )
    print(f"{'':8} {'F1':>5} {'':5} {'not mine':>11}{names}  {'F1':>5} {'F1':>5}")
    features = reference()
    everyone = {person: judge(person, features) for person in people()}
    for person, judged in everyone.items():
        print(line(person, judged))
    figures = [
        (
            one.labels.macro_f1 or 0,
            one.labels.calibration_error or 0,
            one.lost_share,
            one.by_sound.macro_f1 or 0,
            one.by_hour.macro_f1 or 0,
        )
        for one in everyone.values()
    ]
    f1, off, lost, by_sound, by_hour = map(fmean, zip(*figures, strict=True))
    print(
        f"{'mean':8} {f1:5.3f} {off:5.3f} {lost:11.1%}{'':{11 * len(CONTEXTS)}}  "
        f"{by_sound:5.3f} {by_hour:5.3f}\n"
        f"sound: fixed bounds of audio features, known of {FEATURES_SHARE:.0%} of the tracks; "
        "hour: the hour's usual\ncontext, learned on this very truth: no rule that knows but the "
        "hour is right for longer."
    )


def line(person: str, judged: Judged) -> str:
    """One person's figures."""
    found = judged.labels
    cells = "".join(
        f"{spelled(row['precision']) + '/' + spelled(row['recall']):>11}"
        for row in found.by_context.to_pylist()
    )
    lost = f"{judged.lost_hours:.1f} h {judged.lost_share:.1%}"
    return (
        f"{person:8} {found.macro_f1:5.3f} {found.calibration_error:5.3f} {lost:>11}{cells}  "
        f"{judged.by_sound.macro_f1:5.3f} {judged.by_hour.macro_f1:5.3f}"
    )


def spelled(share: float | None) -> str:
    """Two digits, or a dash for what is not known."""
    return "-" if share is None else f"{share:.2f}"


def speed() -> None:
    """Label many plays in a fresh process, and let DuckDB look at them in another one."""
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["LAKE_URL"] = temporary
        plays, tracks = write_ledger(Lake.open(Settings()).of(NICO.name))
        days = (plays["played_at"][-1].as_py() - plays["played_at"][0].as_py()).days
        print(f"\n{len(plays):,} plays of {len(tracks):,} tracks in {days / 365:.0f} years")
        least = min(in_a_process(__file__, "floor")["seconds"] for _ in range(3))
        told = in_a_process(__file__, "label")
    fits = told["seconds"] <= MOST_SECONDS and told["mb"] <= MOST_MB
    print(
        f"DuckDB looks at every value of the files in {least:.2f} s: the floor\n"
        f"months of plays to months of labelled plays in {told['seconds']:.1f} s, "
        f"{told['seconds'] / least:.0f} x the floor; at most {told['mb']:,.0f} MB\n"
        f"{'within' if fits else 'BEYOND'} the bar of {MOST_SECONDS} s and {MOST_MB:,} MB"
    )


def once(what: str) -> None:
    """What one process does: prints seconds, and how much memory it took."""
    from pipelines.assets.contexts import update_labelled_plays  # noqa: PLC0415 Dagster takes a second

    lake = Lake.open(Settings()).of(NICO.name)
    began = time.perf_counter()
    if what == "label":
        made = update_labelled_plays(lake, NICO)
        assert made["dagster/row_count"] == PLAYS_IN_ALL
    else:
        look_at(f"{os.environ['LAKE_URL']}/{HOME}/plays/*/*/*.parquet")
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "mb": most_mb()}))


def main() -> None:
    """Print both parts."""
    quality()
    if PLAYS_IN_ALL:
        speed()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        once(sys.argv[1])
    else:
        main()
