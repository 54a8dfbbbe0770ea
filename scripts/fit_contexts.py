"""Fit `reference_data/context_weights.toml` to the sandbox's listeners, whose contexts are known.

    .venv/bin/python scripts/fit_contexts.py

A multinomial logistic regression over the evidence that the product gathers, drawn towards the
reasoned weights in `context_weights_reasoned.toml`. Its listeners' truth is made by this project:
what fits them need not fit others, so the pull is strong, and the result is for a person to read
and change. It takes half a minute, and replaces numbers marked as fitted, whoever changed them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from pathlib import Path

import numpy as np
import pyarrow as pa
from scipy.optimize import minimize

from pipelines.listening.arrays import Floats, Ints
from pipelines.listening.catalogue.audio_features import artist_genres, merge_tracks, parse_tracks
from pipelines.listening.catalogue.tracks_and_artists import unique_tracks
from pipelines.listening.contexts import CONTEXTS, weights
from pipelines.listening.contexts.evidence import Evidence, gather
from pipelines.listening.contexts.filling import fill
from pipelines.listening.contexts.labels import reference_data_of
from pipelines.listening.contexts.overrides import ManualLabels
from pipelines.listening.contexts.scores import blend_with_neighbours, score, softmax
from pipelines.listening.contexts.sessions import PAUSE
from pipelines.listening.contexts.weights import HABITS, SIGNS, STRENGTHS, Weights
from pipelines.listening.schema.reference_tables import AUDIO_FEATURES
from pipelines.listening.schema.tables import GAPS
from pipelines.listening.time.months import Month
from sandbox.ledger import audio_features, plays_of
from sandbox.people import people

HERE = Path(__file__).resolve().parent.parent / "reference_data"
MONTHS = 6
LIVES = 3
"""Lives of each person, half a year each, in different seasons and from different sources."""

SAMPLE = 2000
ROUNDS = 4
PULL_OF_SIGNS = 60.0
PULL_OF_VOTES = 30.0
"""As many plays as the reasoned weight of a sign, or of names and habits, is believed for."""

EVERYDAY = len(CONTEXTS) - 1


@dataclass(frozen=True)
class Case:
    """A listener whose contexts are known.

    Attributes:
        evidence: what their plays carry.
        truth: for each play the number of its context.
        sample: plays to fit to, more of them where more minutes lie.
    """

    evidence: Evidence
    truth: Ints
    sample: Ints


@dataclass(frozen=True)
class Sample:
    """What speaks for what, play by play.

    Attributes:
        votes: each is worth one number, for whatever context it speaks.
        signs: each is worth one number for every context.
        truth: the number of each play's context.
    """

    habit_scores: Floats
    signs: Floats
    truth: Ints


def main() -> None:
    """Fit, and write the file."""
    start = weights.parse((HERE / "context_weights_reasoned.toml").read_text(encoding="utf-8"))
    cases = list(_cases())
    found = fit(cases, start)
    path = HERE / "context_weights.toml"
    head = path.read_text(encoding="utf-8").split("\n[start]")[0]
    path.write_text(head + "\n" + as_toml(found), encoding="utf-8")


def _cases() -> Iterator[Case]:
    rng = np.random.default_rng(2026)
    features = merge_tracks(AUDIO_FEATURES.empty(), parse_tracks(_as_read(audio_features())).tracks)
    for number, person in enumerate(sorted(people())):
        for life in range(LIVES):
            first = Month(2025, 1 + (number + 4 * life) % 12)
            start, end = _begins(first), _begins(first.plus_months(MONTHS))
            polled_from = (start, end, None)[life % 3]
            plays, labels = plays_of(f"{person}/fit{life}", start, end, polled_from=polled_from)
            # Some listeners never add reference data.
            known = features if life % 3 else AUDIO_FEATURES.empty()
            tracks = unique_tracks(plays)
            filled = fill(plays, tracks)
            about = reference_data_of(tracks, known, artist_genres(known))
            evidence = gather(filled.plays, about, filled.track_of, GAPS.empty(), PAUSE)
            truth = np.array([CONTEXTS.index(one) for one in labels])
            yield Case(evidence, truth, _sample(evidence, truth, rng))


def _begins(month: Month) -> datetime:
    return datetime.combine(month.first, time(), UTC)


def _as_read(rows: pa.Table) -> pa.Table:
    """As `parse_tracks` expects them: all text, and numbered."""
    texts = [column.cast(pa.string()) for column in rows.columns]
    table = pa.table(texts, names=rows.column_names)
    return table.append_column("row", pa.array(np.arange(1, len(rows) + 1)))


def _sample(evidence: Evidence, truth: Ints, rng: np.random.Generator) -> Ints:
    """Plays drawn by minutes; of a long stretch of one context less than its share."""
    line = evidence.timeline
    stretch = np.unique(line.session * len(CONTEXTS) + truth, return_inverse=True)[1]
    minutes = line.lasted / 60_000
    chance = minutes / np.sqrt(np.bincount(stretch, weights=minutes)[stretch])
    size = min(SAMPLE, len(line) // 2)
    return rng.choice(len(line), size, replace=False, p=chance / chance.sum())


def fit(cases: Sequence[Case], start: Weights) -> Weights:
    """Weights that explain the cases, drawn towards those to start with.

    What habits tell depends on the weights, so both are brought into line in a few rounds.
    """
    found, numbers = start, _numbers(start, cases[0].evidence)
    for round_ in range(ROUNDS):
        parts = [_design(case, found) for case in cases]
        whole = Sample(
            *(
                np.concatenate([getattr(p, name) for p in parts])
                for name in ("habit_scores", "signs")
            ),
            truth=np.concatenate([part.truth for part in parts]),
        )
        loss, solved = _solve(whole, numbers, _numbers(start, cases[0].evidence))
        numbers = solved if round_ == 0 else (numbers + solved) / 2
        found = _weights(numbers, start, cases[0].evidence)
        print(f"round {round_ + 1}: loss {loss:.4f}")  # noqa: T201
    return found


def _design(case: Case, found: Weights) -> Sample:
    evidence, at = case.evidence, case.sample
    nobody = np.full(len(evidence.timeline), -1)
    scores = score(
        evidence, found, ManualLabels(nobody.astype(np.int8), nobody.astype(np.int32), ())
    )

    def around(own: Floats) -> Floats:
        return blend_with_neighbours(scores.parts, own.astype(np.float32), found)[at]

    votes = [
        around(
            np.append(names.matches.strength == strength, [[False] * len(CONTEXTS)], axis=0)[
                names.of_play
            ]
        )
        for names in evidence.names
        for strength in (1, 2, 3)
    ]
    votes += [around(scores.habit_scores[kind]) for kind in HABITS]
    sound = [np.append(holds, False)[evidence.track_of] for holds in evidence.track_signs.values()]
    of_plays = (*evidence.play_signs.values(), *evidence.repertoire_signs.values())
    single = around(np.stack([*sound, *of_plays], axis=1))
    whole = np.stack(list(scores.signs.values()), axis=1)[scores.parts.session[at]]
    always = np.ones((len(at), 1))
    signs = np.concatenate([single, whole, always], axis=1).astype(np.float32)
    return Sample(np.stack(votes, axis=1), signs, case.truth[at])


def _solve(sample: Sample, begin: Floats, reasoned: Floats) -> tuple[float, Floats]:
    count, votes = len(sample.truth), sample.habit_scores.shape[1]
    pull = np.where(np.arange(len(begin)) < votes, PULL_OF_VOTES, PULL_OF_SIGNS) / count
    right = np.eye(len(CONTEXTS), dtype=np.float32)[sample.truth]

    def loss(numbers: Floats) -> tuple[float, Floats]:
        of_votes = numbers[:votes].astype(np.float32)
        of_signs = numbers[votes:].reshape(-1, len(CONTEXTS)).astype(np.float32)
        likely = softmax(
            np.einsum("nfc,f->nc", sample.habit_scores, of_votes) + sample.signs @ of_signs
        )
        missed = -np.log(np.maximum((likely * right).sum(axis=1), 1e-9)).mean()
        wrong = (likely - right) / count
        slope = [
            np.einsum("nfc,nc->f", sample.habit_scores, wrong),
            (sample.signs.T @ wrong).reshape(-1),
        ]
        away = numbers - reasoned
        return missed + (pull * away**2).sum(), np.concatenate(slope) + 2 * pull * away

    bounds = [(0, 8)] * votes + [(-4, 4)] * (len(begin) - votes)
    options = {"maxiter": 80}
    solved = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return float(solved.fun), solved.x


def _signs(evidence: Evidence) -> list[tuple[str, str]]:
    by_kind = evidence.signs(evidence.shape(evidence.timeline))
    return [(kind, sign) for kind, signs in by_kind.items() for sign in signs]


def _numbers(found: Weights, evidence: Evidence) -> Floats:
    """Weights as one row of numbers: of names, of habits, of signs, and the start."""
    votes = [number for names in evidence.names for number in found.names[names.field]]
    votes += [found.habits[kind] for kind in HABITS]
    vectors = [found.of_sign(kind, sign) for kind, sign in _signs(evidence)]
    return np.concatenate([votes, *vectors, found.start]).astype(np.float64)


def _weights(numbers: Floats, start: Weights, evidence: Evidence) -> Weights:
    places = [names.field for names in evidence.names]
    votes = len(places) * len(STRENGTHS) + len(HABITS)
    of_names = numbers[: len(places) * len(STRENGTHS)].reshape(len(places), -1)
    of_signs = numbers[votes:].reshape(-1, len(CONTEXTS))
    # Compared with everyday: what speaks for all contexts alike speaks for none.
    of_signs = (of_signs - of_signs[:, [EVERYDAY]]).astype(np.float32)
    signs: dict[str, dict[str, Floats]] = {kind: {} for kind in SIGNS}
    for (kind, sign), vector in zip(_signs(evidence), of_signs, strict=False):
        signs[kind][sign] = vector
    return replace(
        start,
        start=of_signs[-1],
        names=dict(zip(places, map(tuple, of_names.tolist()), strict=True)),
        habits=dict(zip(HABITS, numbers[votes - len(HABITS) : votes].tolist(), strict=True)),
        signs=signs,
    )


def as_toml(found: Weights) -> str:
    """The file's tables, to two decimals."""
    lines = ["[start]", *_vector_lines(found.start), 'source = "fitted"', ""]
    for table in ("alone", "unnamed"):
        limits = _vector_lines(getattr(found, table))
        lines += [f"[{table}]", *limits, 'source = "reasoned"', ""]
    lines += ["[least]", *_vector_lines(found.least), 'source = "reasoned"', ""]
    scopes = ("itself", "near", "near_minutes", "session")
    lines += ["[neighbours]", *(f"{name} = {getattr(found, name):g}" for name in scopes)]
    lines += ['source = "reasoned"', "", "[confidence]", f"certainty = {found.certainty:g}"]
    lines += ['source = "reasoned"', "", "[names]"]
    for place, numbers in found.names.items():
        each = zip(STRENGTHS, numbers, strict=True)
        lines.append(_inline(place, dict(each)))
    lines += ["", "[habits]", *(f"{k} = {n:.2f}" for k, n in found.habits.items())]
    lines.append('source = "fitted"')
    for kind, signs in found.signs.items():
        lines += ["", f"[{kind}]"]
        lines += [
            _inline(f'"{sign}"', dict(zip(CONTEXTS[:EVERYDAY], vector, strict=False)))
            for sign, vector in signs.items()
        ]
    return "\n".join(lines) + "\n"


def _vector_lines(vector: Floats) -> list[str]:
    told = zip(CONTEXTS, vector, strict=True)
    return [f"{context} = {_number(number)}" for context, number in told if number]


def _inline(name: str, numbers: dict[str, float]) -> str:
    told = ", ".join(f"{key} = {_number(number)}" for key, number in numbers.items())
    return f'{name} = {{ {told}, source = "fitted" }}'


def _number(number: float) -> str:
    return f"{number:.2f}".removesuffix("0").removesuffix("0").removesuffix(".")


if __name__ == "__main__":
    main()
