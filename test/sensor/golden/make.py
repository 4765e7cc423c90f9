"""Writes resampled.json beside it: samples, and what scipy and numpy take from them at other rates.

Needs numpy and scipy: `python make.py`. The filter is the one of docs/time-and-units.md.
"""

import json
from pathlib import Path

import numpy as np
from scipy.signal import firwin

random = np.random.default_rng(11)


def case(from_hz, to_hz, seconds):
    """Readings of two axes at uneven times, and the rows at the other rate."""
    count = int(seconds * from_hz)
    times = np.arange(count) * 1000 / from_hz + 5000
    times = times + random.uniform(-0.2, 0.2, count) * 1000 / from_hz
    t = times / 1000
    rows = np.stack(
        [
            np.sin(2 * np.pi * 0.07 * from_hz * t) + 0.5 * np.sin(2 * np.pi * 0.43 * from_hz * t),
            random.standard_normal(count),
        ],
        axis=1,
    ).astype(np.float32)
    x = rows.astype(np.float64)
    if to_hz < from_hz:
        q = from_hz / to_hz
        taps = firwin(2 * int(np.ceil(10 * q)) + 1, 1 / q, window="hamming")
        side = len(taps) // 2
        y = np.stack([np.convolve(axis, taps, mode="valid") for axis in x.T], axis=1)
        at = times[side : count - side]
    else:
        y, at = x, times
    grid = np.arange(at[0], at[-1], 1000 / to_hz)
    taken = np.stack([np.interp(grid, at, axis) for axis in y.T], axis=1)
    return {
        "fromHz": from_hz,
        "toHz": to_hz,
        "timesMs": times.tolist(),
        "readings": [[float(value) for value in row] for row in rows],
        "gridMs": grid.tolist(),
        "taken": [[float(f"{value:.9g}") for value in row] for row in taken],
    }


Path(__file__).with_name("resampled.json").write_text(
    json.dumps([case(100, 50, 3), case(100, 26, 4), case(208, 52, 2), case(26, 40, 4), case(52, 52, 2)])
    + "\n"
)
