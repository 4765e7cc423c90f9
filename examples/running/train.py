"""Trains running.keras: is the wearer of a 3-axis accelerometer running, at every sample?

The network is LSTM 32, LeakyReLU, LSTM 16, LeakyReLU, Dense 1, sigmoid, on 26 Hz samples in g. It is
made for lstmd's `continuous` mode, whose state is never reset: every step of long sequences with
changes of activity in them counts in the loss, so that it learns to forget as well as to notice.

Needs Keras 3 with TensorFlow, node, and the compiled simulator (`npm run build`):

    python3 examples/running/train.py --recordings DIRECTORY

DIRECTORY holds `stationary/`, `walking/` and `running/` with CSV recordings of x, y, z in mg at 26 Hz
(the HAR dataset of STMicroelectronics/stm32ai). Without it the simulated wearer alone teaches.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
RATE_HZ = 26
SCALE = 0.001  # mg to g
ACTIVITIES = ("stationary", "walking", "running")
STEPS = 520  # of a training sequence: 20 s
BATCH = 64
EPOCHS = 12
BATCHES = 40  # an epoch
FOLDS = 4
GRACE = int(1.5 * RATE_HZ)  # after a reset or a change, before which an answer is not judged in training
TRAINING_SEEDS = range(1, 17)
HOUR_SEED = 2001
CASE_SEED = 3001

Stream = tuple[np.ndarray, np.ndarray]  # (samples, 3) in g; (samples,) index into ACTIVITIES


def network(batch_shape=(None, None, 3), stateful=False):
    return keras.Sequential(
        [
            keras.layers.Input(batch_shape=batch_shape, name="acceleration"),
            keras.layers.LSTM(32, return_sequences=True, stateful=stateful, name="lstm_1"),
            keras.layers.LeakyReLU(negative_slope=0.3, name="leaky_1"),
            keras.layers.LSTM(16, return_sequences=True, stateful=stateful, name="lstm_2"),
            keras.layers.LeakyReLU(negative_slope=0.3, name="leaky_2"),
            keras.layers.Dense(1, activation="sigmoid", name="running"),
        ],
        name="running",
    )


def copy_of(model, **kwargs):
    copy = network(**kwargs)
    copy.set_weights(model.get_weights())
    return copy


def simulate(seed: int, seconds: int) -> Stream:
    command = ["node", HERE / "motion-to-csv.mjs", str(seed), str(RATE_HZ), str(seconds * RATE_HZ)]
    rows = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    cells = [row.split(",") for row in rows]
    values = np.array([row[:3] for row in cells], dtype=np.float64) * SCALE
    return values.astype(np.float32), np.array([ACTIVITIES.index(row[3]) for row in cells])


def read_recordings(directory: Path) -> dict[str, Stream]:
    recordings = {}
    for index, activity in enumerate(ACTIVITIES):
        for file in sorted((directory / activity).glob("*.csv")):
            values = np.loadtxt(file, delimiter=",") * SCALE
            recordings[file.name] = (values.astype(np.float32), np.full(len(values), index))
    return recordings


def rotation(random: np.random.Generator) -> np.ndarray:
    """Any orientation of the sensor, or one near to what it was: half and half."""
    matrix = random.normal(size=(3, 3))
    if random.random() < 0.5:
        matrix = np.eye(3) + 0.15 * matrix
    q, r = np.linalg.qr(matrix)
    q = q * np.sign(np.diag(r))
    return q if np.linalg.det(q) > 0 else -q


def piece(streams: list[Stream], length: int, random: np.random.Generator) -> Stream:
    values, labels = streams[random.integers(len(streams))]
    start = random.integers(len(values) - length + 1)
    turned = values[start : start + length] @ rotation(random) * random.uniform(0.9, 1.1)
    return np.clip(turned, -4, 4), labels[start : start + length]


def spliced(by_activity: list[list[Stream]], random: np.random.Generator) -> Stream:
    """Recordings hold one activity each: pieces of 3 to 12 s one after the other make changes."""
    parts, left = [], STEPS
    while left > 0:
        length = min(left, int(random.uniform(3, 12) * RATE_HZ))
        activity = random.choice(3, p=(0.25, 0.35, 0.4))
        parts.append(piece(by_activity[activity], length, random))
        left -= length
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def judged(labels: np.ndarray, grace: int) -> np.ndarray:
    """False within `grace` samples of the start and of each change."""
    mask = np.ones(len(labels), dtype=bool)
    for change in [0, *np.flatnonzero(np.diff(labels)) + 1]:
        mask[change : change + grace] = False
    return mask


def batches(recordings: list[Stream], simulated: list[Stream], random: np.random.Generator):
    by_activity = [[s for s in recordings if s[1][0] == a] for a in range(3)]
    while True:
        chosen = [
            spliced(by_activity, random)
            if recordings and random.random() < 0.6
            else piece(simulated, STEPS, random)
            for _ in range(BATCH)
        ]
        running = np.stack([labels == 2 for _, labels in chosen]).astype(np.float32)
        weights = np.stack([judged(labels, GRACE) for _, labels in chosen]).astype(np.float32)
        # Not quite 0 and 1, or certainty grows without bound and a change takes ever longer to see.
        yield np.stack([v for v, _ in chosen]), (0.01 + 0.98 * running)[..., None], weights[..., None]


def fit(recordings: list[Stream], simulated: list[Stream]):
    keras.utils.set_random_seed(1)
    model = network()
    rate = keras.optimizers.schedules.CosineDecay(0.004, EPOCHS * BATCHES)
    optimizer = keras.optimizers.Adam(rate, clipnorm=1.0)
    source = batches(recordings, simulated, np.random.default_rng(1))

    @tf.function(input_signature=[tf.TensorSpec((BATCH, STEPS, n)) for n in (3, 1, 1)])
    def train_step(x, y, weights):
        with tf.GradientTape() as tape:
            losses = keras.ops.binary_crossentropy(y, model(x, training=True))
            loss = tf.reduce_sum(losses * weights) / tf.reduce_sum(weights)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    for epoch in range(EPOCHS):
        began = time.monotonic()
        loss = np.mean([train_step(*next(source)) for _ in range(BATCHES)])
        print(f"epoch {epoch + 1}/{EPOCHS} loss {loss:.4f} {time.monotonic() - began:.1f} s", file=sys.stderr)
    return model


def step_through(model, values: np.ndarray, block: int = 1):
    """What lstmd does in `continuous` mode: a stateful twin, `block` samples at a time, never reset.

    Returns one probability a sample, and h and c of each LSTM after the last.
    """
    twin = copy_of(model, batch_shape=(1, block, 3), stateful=True)
    step = tf.function(lambda x: twin(x)).get_concrete_function(tf.TensorSpec((1, block, 3)))
    outputs = [step(values[None, n : n + block]).numpy()[0, :, 0] for n in range(0, len(values), block)]
    states = {
        layer.name: [keras.ops.convert_to_numpy(state)[0] for state in layer.states]
        for layer in twin.layers
        if isinstance(layer, keras.layers.LSTM)
    }
    return np.concatenate(outputs), states


def probabilities(model, values: np.ndarray) -> np.ndarray:
    return model.predict(values[None], verbose=0)[0, :, 0]


def judge_recordings(model, recordings: dict[str, Stream]) -> dict[str, tuple]:
    """Each from a fresh state: share of samples right, whether the whole is, share called running."""
    verdicts = {}
    for name, (values, labels) in recordings.items():
        called = probabilities(model, values)[GRACE:] > 0.5
        right = float((called == (labels[GRACE:] == 2)).mean())
        verdicts[name] = (int(labels[0]), right, right > 0.5, float(called.mean()))
    return verdicts


def figures_of(verdicts: dict[str, tuple]) -> dict:
    by_activity = {
        activity: [v for v in verdicts.values() if v[0] == index] for index, activity in enumerate(ACTIVITIES)
    }
    return {
        "recordings": len(verdicts),
        "samples_right": rounded(np.mean([v[1] for v in verdicts.values()])),
        "recordings_right": sum(v[2] for v in verdicts.values()),
        "by_activity": {
            activity: {
                "recordings": len(found),
                "recordings_right": sum(v[2] for v in found),
                "samples_called_running": rounded(np.mean([v[3] for v in found])),
            }
            for activity, found in by_activity.items()
            if found
        },
        "recordings_wrong": [name for name, v in verdicts.items() if not v[2]],
    }


def judge_stream(model, values: np.ndarray, labels: np.ndarray) -> dict:
    """One stream, never reset; a change is answered when the answer is right for a whole second."""
    p, _ = step_through(model, values, block=RATE_HZ)
    truth = labels == 2
    right = (p > 0.5) == truth
    changes = np.flatnonzero(np.diff(truth)) + 1
    delays = []
    for change, end in zip(changes, [*changes[1:], len(truth)]):
        if end - change < 3 * RATE_HZ:
            continue  # the stream ended
        steady = np.lib.stride_tricks.sliding_window_view(right[change:end], RATE_HZ).all(axis=1)
        delays.append(np.argmax(steady) / RATE_HZ if steady.any() else np.inf)
    settled = judged(truth, 3 * RATE_HZ)
    confusion = {
        activity: rounded((p > 0.5)[settled & (labels == index)].mean())
        for index, activity in enumerate(ACTIVITIES)
    }
    return {
        "seconds": len(p) // RATE_HZ,
        "changes": len(changes),
        "samples_right": rounded(right.mean()),
        "samples_right_from_3_s_after_changes": rounded(right[settled].mean()),
        "samples_called_running_from_3_s_after_changes": confusion,
        "change_seen_after_s": {
            "median": rounded(np.median(delays)),
            "p95": rounded(np.percentile(delays, 95, method="higher")),
            "worst": rounded(np.max(delays)),
        },
    }


def shuffled(recordings: dict[str, Stream]) -> Stream:
    """Pieces of 9 s of held-out recordings in a random order, as one stream."""
    length = 9 * RATE_HZ
    pieces = [
        (values[n : n + length], labels[n : n + length])
        for values, labels in recordings.values()
        for n in range(0, len(values) - length + 1, length)
    ]
    order = np.random.default_rng(2).permutation(len(pieces))
    return np.concatenate([pieces[i][0] for i in order]), np.concatenate([pieces[i][1] for i in order])


def rounded(value) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def steady_over_100000_steps(model) -> dict:
    """State and answers after hours without a reset, against those of a fresh start a minute before."""
    values, _ = simulate(HOUR_SEED + 1, 3900)
    p, states = step_through(model, values[:101_400], block=RATE_HZ)
    fresh, _ = step_through(model, values[101_400 - 60 * RATE_HZ : 101_400], block=RATE_HZ)
    largest = max(float(np.abs(state).max()) for pair in states.values() for state in pair)
    assert np.isfinite(p).all() and np.isfinite(largest)
    return {
        "steps": len(p),
        "largest_state": rounded(largest),
        "last_30_s_against_a_fresh_start_60_s_before_the_end": rounded(
            np.abs(p[-30 * RATE_HZ :] - fresh[-30 * RATE_HZ :]).max()
        ),
    }


def write_case(model) -> dict:
    """The form that `lstmd verify` reads: 600 samples with changes to running and away from it."""
    values, labels = simulate(CASE_SEED, 120)
    start = int(np.flatnonzero((labels[:-1] != 2) & (labels[1:] == 2))[0]) - 150
    values = values[start : start + 600]
    p, states = step_through(model, values)
    window = probabilities(model, values)

    keras.config.set_dtype_policy("float64")
    exact, exact_states = step_through(copy_of(model), values)
    keras.config.set_dtype_policy("float32")

    distance = float(np.abs(p - exact).max())
    state_distance = max(
        float(np.abs(a - b).max()) for name in states for a, b in zip(states[name], exact_states[name])
    )
    stateful_distance = float(np.abs(p - window).max())
    assert stateful_distance < 1e-5, stateful_distance
    case = {
        "name": "running",
        "about": "the demo network on the simulated wearer, who starts to run and stops",
        "file": "running.keras",
        "format": "keras",
        "keras_version": keras.__version__,
        "source": f"Keras {keras.__version__} / TensorFlow {tf.__version__}",
        "features": 3,
        "window": None,
        "labels": ["running"],
        "expect": "ok",
        "parameters": model.count_params(),
        "streamable": {"continuous": True, "sequence": None, "sliding": None},
        "output_sizes": [1],
        "tolerance": max(1e-5, 4 * distance),
        "state_tolerance": max(1e-5, 4 * state_distance),
        "measured": {"float32_vs_float64": distance, "states": state_distance},
        "input": [[round(float(v), 3) for v in row] for row in values],
        "continuous": {
            "outputs": [[float(v)] for v in p],
            "states": {name: [state.tolist() for state in pair] for name, pair in states.items()},
        },
    }
    (HERE / "case.json").write_text(json.dumps(case, separators=(",", ":")) + "\n")
    return {"stateful_against_window": stateful_distance, "float32_against_float64": distance}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recordings", type=Path, help="directory of the HAR recordings")
    arguments = parser.parse_args()
    tf.config.experimental.enable_op_determinism()

    recordings = read_recordings(arguments.recordings) if arguments.recordings else {}
    if not recordings:
        print("warning: no recordings: only the simulated wearer teaches and tests", file=sys.stderr)
    simulated = [simulate(seed, 600) for seed in TRAINING_SEEDS]
    by_activity = [[n for n, s in recordings.items() if s[1][0] == a] for a in range(3)]
    held_out = {n: recordings[n] for names in by_activity for n in names[FOLDS - 1 :: FOLDS]}
    kept = {n: s for n, s in recordings.items() if n not in held_out}

    began = time.monotonic()
    model = fit(list(kept.values()), simulated)
    figures = {
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "python": platform.python_version(),
        "parameters": model.count_params(),
        "training_seconds": round(time.monotonic() - began),
        "training_recordings": len(kept),
        "simulated": {},
    }
    copy_of(model).save(HERE / "running.keras")
    figures["simulated"]["held_out_hour"] = judge_stream(model, *simulate(HOUR_SEED, 3600))
    figures["simulated"]["without_reset"] = steady_over_100000_steps(model)
    figures["case"] = write_case(model)
    if recordings:
        figures["recordings"] = {
            "held_out": figures_of(judge_recordings(model, held_out)),
            "held_out_pieces_without_reset": judge_stream(model, *shuffled(held_out)),
            "trained_on": figures_of(judge_recordings(model, kept)),
        }
        verdicts = {}
        for fold in range(FOLDS):
            # Neighbours in number are often one session of one wearer: whole runs of numbers are left out.
            out = {
                n: recordings[n]
                for names in by_activity
                for n in names[len(names) * fold // FOLDS : len(names) * (fold + 1) // FOLDS]
            }
            other = fit([s for n, s in recordings.items() if n not in out], simulated)
            verdicts |= judge_recordings(other, out)
        figures["recordings"]["four_folds_of_neighbours"] = figures_of(verdicts)
    (HERE / "running.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
