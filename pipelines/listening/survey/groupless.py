"""People without groups, who are otherwise like those who answered: what chance makes of them.

Three kinds, since each of them alone is easily beaten by something that is no group: a tail, a long
cloud, a feature that is nearly two-valued. People are evened out first, so that a tail is none. Add
here another kind of people without groups; they are held against real ones in `clusters.py`.
"""

import numpy as np

from pipelines.listening.arrays import Doubles
from pipelines.listening.survey.vectors import standardised

_CLIP = 2.5
"""Standard deviations that a feature is away at most."""

_ROUNDING = 1e-6
_POWERS = np.arange(-2, 4.01, 0.25)


def evened(means: Doubles) -> Doubles:
    """Standardised features, as symmetric as a power makes them and without extremes.

    A long tail is no group, and one odd person neither.
    """
    return clipped(_symmetric(standardised(means)))


def clipped(tables: Doubles) -> Doubles:
    """Standardised features without extremes."""
    return standardised(np.clip(standardised(tables), -_CLIP, _CLIP))


def _symmetric(z: Doubles) -> Doubles:
    """Each column by that power of Yeo and Johnson that makes it likeliest to be normal."""
    up, down = np.maximum(z, 0), np.maximum(-z, 0)
    tried = np.stack([_power(up, one) - _power(down, 2 - one) for one in _POWERS])
    signed = (np.sign(z) * np.log1p(np.abs(z))).sum(0)
    spread = np.maximum(tried.var(1), 1e-12)
    likelihood = -len(z) / 2 * np.log(spread) + (_POWERS[:, None] - 1) * signed
    return np.ascontiguousarray(tried[likelihood.argmax(0), :, np.arange(z.shape[1])].T)


def _power(values: Doubles, power: float) -> Doubles:
    changed: Doubles = (
        np.log1p(values) if abs(power) < _ROUNDING else np.expm1(power * np.log1p(values)) / power
    )
    return changed


def dealt_out(z: Doubles, tables: int, rng: np.random.Generator) -> Doubles:
    """Each feature dealt out anew among people, so that none goes with another."""
    return rng.permuted(np.broadcast_to(z, (tables, *z.shape)), axis=1)


def one_cloud(z: Doubles, tables: int, rng: np.random.Generator) -> Doubles:
    """Elliptical, with the covariance and the (Mahalanobis) radii that there are."""
    spread, axes = _axes(z)
    there = spread > _ROUNDING
    axes, spread = axes[:, there], spread[there]
    radius = np.sqrt((((z @ axes) / spread) ** 2).sum(1))
    way = rng.standard_normal((tables, len(z), len(spread)))
    way /= np.linalg.norm(way, axis=-1, keepdims=True)
    drawn = radius[rng.integers(len(z), size=(tables, len(z)))]
    cloud: Doubles = (way * drawn[..., None]) @ (axes * spread).T
    return cloud


def one_even_cloud(z: Doubles, tables: int, rng: np.random.Generator) -> Doubles:
    """Evenly spread along each component: of all clouds without a gap the easiest to split."""
    spread, axes = _axes(z)
    return rng.uniform(-(3**0.5), 3**0.5, (tables, *z.shape)) @ (axes * spread).T


def _axes(z: Doubles) -> tuple[Doubles, Doubles]:
    spread, axes = np.linalg.eigh(z.T @ z / len(z))
    return np.sqrt(np.maximum(spread, 0)), axes
