"""The input of most cases: an accelerometer whose wearer stands, walks and runs."""

import numpy as np

RATE_HZ = 26
SAMPLES_OF_AN_ACTIVITY = 52
# Steps per second, and the acceleration of a step in g.
GAITS = {"stationary": (0.0, 0.0), "walking": (1.8, 0.4), "running": (2.7, 1.5)}


def acceleration(samples: int, seed: int) -> list[list[float]]:
    """Rows of x, y, z in g, to three decimals: activities in a random order, the sensor turned at random."""
    random = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(random.normal(size=(3, 3)))
    rows = []
    phase = 0.0
    for start in range(0, samples, SAMPLES_OF_AN_ACTIVITY):
        steps_per_s, swing = GAITS[random.choice(list(GAITS))]
        for _ in range(min(SAMPLES_OF_AN_ACTIVITY, samples - start)):
            phase += 2 * np.pi * steps_per_s / RATE_HZ
            up = 1 + swing * np.sin(phase)
            ahead = 0.5 * swing * np.cos(phase)
            aside = 0.3 * swing * np.sin(phase / 2)
            reading = turned @ (up, ahead, aside) + 0.02 * random.normal(size=3)
            rows.append([round(float(value), 3) for value in reading])
    return rows
