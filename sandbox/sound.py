"""How the invented music sounds, as reference data would measure it.

A sound is a distribution for each audio feature; published tables of sleep, study and general music
stand behind the means and spreads, and they overlap as widely as there. Add a sound here for a
shelf that has none. Which shelf sounds how stands in `people`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Sound:
    """Means and standard deviations; shares lie in 0 to 1, loudness is in dB, tempo in bpm.

    `vocal` is the share of tracks that are not instrumental: their instrumentalness is near 0,
    that of the others as `instrumentalness` says.
    """

    danceability: Range
    energy: Range
    loudness: Range
    speechiness: Range
    acousticness: Range
    instrumentalness: Range
    liveness: Range
    valence: Range
    tempo: Range
    vocal: float


def _sound(
    dance: Range,
    energy: Range,
    loud: Range,
    acoustic: Range,
    *,
    valence: Range,
    tempo: Range,
    vocal: float,
    speech: Range = (0.075, 0.06),
) -> Sound:
    return Sound(
        dance, energy, loud, speech, acoustic, (0.72, 0.22), (0.18, 0.14), valence, tempo, vocal
    )


SOUNDS: Mapping[str, Sound] = {
    "general": _sound(
        (0.54, 0.17),
        (0.58, 0.23),
        (-9.6, 4.5),
        (0.35, 0.32),
        valence=(0.47, 0.24),
        tempo=(120, 29),
        vocal=0.85,
    ),
    "pop": _sound(
        (0.64, 0.14),
        (0.66, 0.18),
        (-7.0, 2.8),
        (0.25, 0.25),
        valence=(0.53, 0.22),
        tempo=(118, 27),
        vocal=0.97,
    ),
    "workout": _sound(
        (0.62, 0.15),
        (0.77, 0.16),
        (-6.2, 2.8),
        (0.12, 0.17),
        valence=(0.46, 0.22),
        tempo=(129, 23),
        vocal=0.8,
    ),
    "party": _sound(
        (0.70, 0.13),
        (0.76, 0.15),
        (-6.2, 2.6),
        (0.14, 0.17),
        valence=(0.62, 0.21),
        tempo=(120, 19),
        vocal=0.92,
    ),
    "study": _sound(
        (0.52, 0.20),
        (0.34, 0.23),
        (-14.6, 6.5),
        (0.63, 0.33),
        valence=(0.33, 0.25),
        tempo=(111, 31),
        vocal=0.2,
    ),
    "acoustic": _sound(
        (0.50, 0.16),
        (0.33, 0.18),
        (-12.6, 4.5),
        (0.70, 0.25),
        valence=(0.39, 0.23),
        tempo=(112, 29),
        vocal=0.7,
    ),
    "sleep": _sound(
        (0.36, 0.17),
        (0.17, 0.17),
        (-21.5, 7.5),
        (0.84, 0.22),
        valence=(0.18, 0.17),
        tempo=(101, 31),
        vocal=0.12,
    ),
    "noise": _sound(
        (0.22, 0.14),
        (0.34, 0.33),
        (-22.0, 8.5),
        (0.62, 0.36),
        valence=(0.12, 0.17),
        tempo=(98, 37),
        vocal=0.06,
    ),
    "lullaby": _sound(
        (0.48, 0.17),
        (0.16, 0.14),
        (-18.0, 5.5),
        (0.90, 0.13),
        valence=(0.38, 0.25),
        tempo=(104, 30),
        vocal=0.35,
    ),
    "kids": _sound(
        (0.69, 0.15),
        (0.50, 0.20),
        (-9.8, 3.6),
        (0.46, 0.30),
        valence=(0.71, 0.22),
        tempo=(119, 26),
        vocal=0.97,
    ),
    "story": _sound(
        (0.63, 0.10),
        (0.32, 0.14),
        (-17.0, 4.0),
        (0.74, 0.18),
        valence=(0.48, 0.17),
        tempo=(102, 31),
        vocal=0.99,
        speech=(0.86, 0.1),
    ),
}


def measured(sound: str, rng: Random) -> dict[str, float | int]:
    """What would be measured of a track: the dataset's features from danceability to tempo."""
    of = SOUNDS[sound]
    # Energy and loudness rise and fall together, and acousticness against them.
    drive = rng.gauss(0, 1)
    return {
        "danceability": _share(of.danceability, rng),
        "energy": _share(of.energy, rng, 0.75 * drive),
        "key": rng.randrange(12),
        "loudness": round(min(1.0, of.loudness[0] + of.loudness[1] * _tied(rng, 0.75 * drive)), 3),
        "mode": int(rng.random() < 0.63),  # noqa: PLR2004 - as many are in major
        "speechiness": _share(of.speechiness, rng),
        "acousticness": _share(of.acousticness, rng, -0.6 * drive),
        "instrumentalness": _instrumentalness(of, rng),
        "liveness": _share(of.liveness, rng),
        "valence": _share(of.valence, rng, 0.3 * drive),
        "tempo": round(min(215.0, max(46.0, rng.gauss(*of.tempo))), 3),
        "time_signature": rng.choices((4, 3, 5, 1), (87, 10, 2, 1))[0],
    }


def _share(spread: Range, rng: Random, pull: float = 0.0) -> float:
    """A value in 0 to 1 with about this mean and deviation, pulled by something in common."""
    value = spread[0] + spread[1] * _tied(rng, pull)
    # What falls outside is folded back, as a heap at 0 or 1 would tell it apart.
    value = -value if value < 0 else value
    value = 2 - value if value > 1 else value
    return round(min(0.996, max(0.0, value)), 4)


def _tied(rng: Random, pull: float) -> float:
    """A standard normal value of which `pull` is the part that is not its own."""
    return pull + rng.gauss(0, 1) * 0.7


def _instrumentalness(of: Sound, rng: Random) -> float:
    if rng.random() < of.vocal:
        return round(min(0.5, rng.expovariate(60)), 6)
    return _share(of.instrumentalness, rng)
