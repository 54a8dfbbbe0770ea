"""Made-up groups as tables, of any size and with any seed."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from pipelines.listening.schema.survey_tables import COMPARED, MUSIC_DNA, RESPONSES, SONGS

MAJORS = ("Biology", "History", "Physics", "Music", "Law")
GENRES = ("pop", "indie", "metal", "jazz", "techno", "folk")


def group(seed: int, people: int, songs: int = 10) -> tuple[pa.Table, pa.Table]:
    """Rows of `survey_responses` and of `survey_songs`."""
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(len(MAJORS), 1.5))
    artists = [f"Artist {number}" for number in range(40)]
    genre_of = {one: list(rng.choice(GENRES, rng.integers(1, 3), replace=False)) for one in artists}
    popular = rng.dirichlet(np.full(len(artists), 0.3))
    answers, named = [], []
    for number in range(people):
        who = f"{number * 7919 % 100_003:032x}"
        told = lambda values, some=0.93: str(rng.choice(values)) if rng.random() < some else None  # noqa: E731
        answers.append(
            {
                "pseudonym": who,
                "answered_on": date(2026, 11, 2) + timedelta(days=int(rng.integers(0, 14))),
                "age_band": told(["15-19", "20-24", "20-24", "25-29"]),
                "major": str(rng.choice(MAJORS, p=weights)) if rng.random() < 0.97 else None,
                "year": told(["1", "2", "3", "4"]),
                "hours_band": told(["0-1", "1-2", "2-4", "4-6", "6+"]),
                "listening_time": told(["morning", "evening", "night"]),
                "may_be_matched": bool(rng.random() < 0.6),
                "songs": songs,
            }
        )
        for place in range(1, songs + 1):
            artist = str(rng.choice(artists, p=popular))
            title = f"Song {rng.integers(0, 3)}"
            known = rng.random() < 0.8
            sound = {one.name: float(rng.random()) if known else None for one in COMPARED}
            named.append(
                {
                    "pseudonym": who,
                    "place": place,
                    "song_key": f"{artist}|{title}",
                    "artist_name": artist,
                    "track_name": title,
                    "state": "matched" if known else "unmatched",
                    "release_year": 1980 + sum(map(ord, artist + title)) % 45,
                    "genres": genre_of[artist],
                    **sound,
                }
            )
    return RESPONSES.from_rows(answers), SONGS.from_rows(named)


def dna_of(songs: pa.Table, seed: int, fewest: int = 3) -> pa.Table:
    """Rows of `music_dna` with scores by chance, of everybody with enough songs."""
    rng = np.random.default_rng(seed)
    rows = [row for row in songs.to_pylist() if row["energy"] is not None]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["pseudonym"]] = counts.get(row["pseudonym"], 0) + 1
    return MUSIC_DNA.from_rows(
        [
            {
                "pseudonym": who,
                "songs": count,
                **{one.name: float(rng.normal()) for one in COMPARED},
                "scores": rng.normal(size=3).tolist(),
            }
            for who, count in sorted(counts.items())
            if count >= fewest
        ]
    )
