"""What the statistics of a survey cost: 45 people and 1,000, who name ten songs each.

Beside scikit-learn's own permutation test of the same discriminant, with 10 shuffles where ours has
500: the floor would take minutes. One thread, as in the product.
"""

import time
import warnings

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import RepeatedStratifiedKFold, permutation_test_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from pipelines.listening.survey.measures import measure
from pipelines.listening.survey.predictor import SHRINKAGE
from pipelines.listening.survey.vectors import person_vectors
from sandbox.survey_worlds import world

BARS = {45: 1.0, 1000: 3.0}
SHUFFLES, OURS = 10, 500


def main() -> None:
    """Print processor seconds, beside scikit-learn's for a fiftieth of the shuffles."""
    small = world("strong", 0)
    measure(small.responses, small.songs, 5)
    for people, bar in BARS.items():
        made = world("weak", 1, people)
        began = time.process_time()
        measure(made.responses, made.songs, 5)
        took = time.process_time() - began
        print(
            f"all statistics of {people:,} people in {took:.2f} s of processor; "
            f"{'within' if took <= bar else 'BEYOND'} the bar of {bar:.0f} s"
        )
    people_ = person_vectors(small.responses, small.songs)
    model = make_pipeline(
        StandardScaler(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage=SHRINKAGE)
    )
    began = time.process_time()
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        permutation_test_score(
            model,
            people_.means,
            np.array(people_.majors),
            cv=RepeatedStratifiedKFold(n_splits=5, n_repeats=5, random_state=0),
            n_permutations=SHUFFLES,
            scoring="balanced_accuracy",
        )
    theirs = time.process_time() - began
    print(
        f"scikit-learn's {SHUFFLES} shuffles of 45 people in {theirs:.1f} s: {OURS} would take "
        f"{theirs * OURS / SHUFFLES:.0f} s"
    )


if __name__ == "__main__":
    main()
