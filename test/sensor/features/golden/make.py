"""Writes features.json beside it: steps of `features.steps`, and what numpy and scipy make of the same readings.

Needs numpy and scipy: `python make.py`. The definitions here are those of docs/time-and-units.md.
"""

import json
from pathlib import Path

import numpy as np
from scipy.signal import butter, lfilter, lfilter_zi

RATE_HZ = 52.0
SAMPLES = 120

random = np.random.default_rng(7)
t = np.arange(SAMPLES) / RATE_HZ
motion = np.stack(
    [
        0.3 + 0.8 * np.sin(2 * np.pi * 1.7 * t),
        -0.6 + 0.5 * np.cos(2 * np.pi * 3.1 * t),
        0.9 + 0.2 * random.standard_normal(SAMPLES),
    ],
    axis=1,
)
# A decoder gives float32 readings, here in g.
x = motion.astype(np.float32).astype(np.float64)


def filtered(values, kind, cutoff, start="settled"):
    b, a = butter(1, cutoff, kind, fs=RATE_HZ)
    if start == "zero":
        return lfilter(b, a, values, axis=0)
    zi = lfilter_zi(b, a)[:, None] * values[:1]
    return lfilter(b, a, values, axis=0, zi=zi)[0]


def android_gravity(values, alpha):
    """The loop of Android's SensorEvent documentation, begun with the first value."""
    gravity = values[0].copy()
    left, kept = [], []
    for value in values:
        gravity = alpha * gravity + (1 - alpha) * value
        kept.append(gravity)
        left.append(value - gravity)
    return np.array(left), np.array(kept)


def difference(values):
    return np.diff(values, axis=0, prepend=values[:1])


def norm(values):
    return np.linalg.norm(values, axis=1, keepdims=True)


angle = np.deg2rad(30)
turn = np.array(
    [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
)

cases = [
    ("no step", {}, x),
    ("units and scale come first", {"factors": [9.80665 * 0.5] * 3}, x * 9.80665 * 0.5),
    (
        "mean and std come last",
        {
            "steps": [{"step": "magnitude"}],
            "mean": [0.1, 0.2, 0.3, 1],
            "std": [1, 2, 3, 0.5],
        },
        (np.hstack([x, norm(x)]) - [0.1, 0.2, 0.3, 1]) / [1, 2, 3, 0.5],
    ),
    (
        "magnitude alone",
        {"steps": [{"step": "magnitude", "as": "m"}, {"step": "axes", "order": ["m"]}]},
        norm(x),
    ),
    (
        "magnitude of two",
        {"steps": [{"step": "magnitude", "axes": ["x", "z"]}]},
        np.hstack([x, norm(x[:, [0, 2]])]),
    ),
    (
        "axes swapped and turned",
        {"steps": [{"step": "axes", "order": ["y", "-x", "z"]}]},
        np.stack([x[:, 1], -x[:, 0], x[:, 2]], axis=1),
    ),
    (
        "turned by a matrix",
        {"steps": [{"step": "turn", "matrix": turn.tolist()}]},
        x @ turn.T,
    ),
    (
        "two of three turned",
        {"steps": [{"step": "turn", "axes": ["z", "x"], "matrix": [[0.5, 2], [-1, 0.25]]}]},
        np.stack(
            [-x[:, 2] + 0.25 * x[:, 0], x[:, 1], 0.5 * x[:, 2] + 2 * x[:, 0]], axis=1
        ),
    ),
    (
        "high-pass",
        {"steps": [{"step": "highPass", "cutoffHz": 0.3}]},
        filtered(x, "highpass", 0.3),
    ),
    (
        "high-pass from zero",
        {"steps": [{"step": "highPass", "cutoffHz": 5, "start": "zero"}]},
        filtered(x, "highpass", 5, "zero"),
    ),
    (
        "low-pass beside the rest",
        {"steps": [{"step": "lowPass", "cutoffHz": 2, "axes": ["z"], "as": ["zSlow"]}]},
        np.hstack([x, filtered(x[:, 2:], "lowpass", 2)]),
    ),
    (
        "gravity by smoothing",
        {"steps": [{"step": "highPass", "alpha": 0.8}]},
        android_gravity(x, 0.8)[0],
    ),
    (
        "smoothing",
        {"steps": [{"step": "lowPass", "alpha": 0.8}]},
        android_gravity(x, 0.8)[1],
    ),
    ("differences", {"steps": [{"step": "difference"}]}, difference(x)),
    (
        "differences beside the rest",
        {"steps": [{"step": "difference", "axes": ["x", "y"], "as": ["dx", "dy"]}]},
        np.hstack([x, difference(x[:, :2])]),
    ),
    ("clipped", {"steps": [{"step": "clip", "min": -0.5, "max": 0.9}]}, np.clip(x, -0.5, 0.9)),
    (
        "clipped from above",
        {"steps": [{"step": "clip", "axes": ["x"], "max": 0.25}]},
        np.hstack([np.clip(x[:, :1], None, 0.25), x[:, 1:]]),
    ),
    (
        "scaled and standardised within",
        {
            "steps": [
                {"step": "scale", "by": [2, 3, 4]},
                {"step": "standardize", "mean": 0.5, "std": [1, 2, 4], "axes": ["x", "y", "z"]},
                {"step": "scale", "by": -1, "axes": ["y"]},
            ]
        },
        (x * [2, 3, 4] - 0.5) / [1, 2, 4] * [1, -1, 1],
    ),
    (
        "the order matters: high-pass, magnitude, clip, difference",
        {
            "factors": [9.80665] * 3,
            "steps": [
                {"step": "highPass", "cutoffHz": 0.3},
                {"step": "magnitude", "as": "m"},
                {"step": "axes", "order": ["m"]},
                {"step": "clip", "max": 8},
                {"step": "difference", "as": ["dm"]},
            ],
            "mean": [3, 0],
            "std": [2, 1.5],
        },
        None,
    ),
]


def in_order():
    m = np.clip(norm(filtered(x * 9.80665, "highpass", 0.3)), None, 8)
    return (np.hstack([m, difference(m)]) - [3, 0]) / [2, 1.5]


def rows(values):
    return [[float(f"{value:.9g}") for value in row] for row in values]


Path(__file__).with_name("features.json").write_text(
    json.dumps(
        {
            "rateHz": RATE_HZ,
            "readings": x.tolist(),
            "cases": [
                {"name": name, **options, "features": rows(in_order() if y is None else y)}
                for name, options, y in cases
            ],
        },
    )
    + "\n"
)
