"""Trains an autoencoder, a forecaster and a regressor on synthetic motion, and writes what is to be published of them.

    python3 test/golden/generator/task_models.py            trains all three anew: seconds each
    python3 test/golden/generator/task_models.py --check    computes the numbers anew from the files that are kept
    python3 test/golden/generator/task_models.py --keep     ... and writes them

Training does not give the same weights on every machine, so that these two take those of the kept files. All
scores, errors and values are numpy's, in float64, of what Keras predicts for each window in float32.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
from keras import Input, Sequential
from keras.layers import GRU, LSTM, Dense, RepeatVector, TimeDistributed

from motion import RATE_HZ, acceleration

TASKS = Path(__file__).parent.parent / "tasks"
WINDOW = 16
HORIZON = 5
# The regressor's outputs are standardised: steps a minute, and the swing of a step in g.
REGRESSION = {"labels": ["cadence", "swing"], "units": ["1/min", "g"], "scale": [40.0, 0.5], "offset": [110.0, 0.8]}


def windows_of(rows, steps=WINDOW):
    """(windows, steps, features), one from each sample on."""
    rows = np.asarray(rows, np.float32)
    return np.stack([rows[n : n + steps] for n in range(len(rows) - steps + 1)])


def fitted(model, inputs, targets, epochs):
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.fit(inputs, targets, epochs=epochs, batch_size=64, verbose=0)
    return model


def train_autoencoder():
    """LSTM - RepeatVector - LSTM - TimeDistributed(Dense), trained on motion to give its window back."""
    windows = windows_of(acceleration(1200, 1))
    layers = [
        Input((WINDOW, 3)),
        LSTM(10),
        RepeatVector(WINDOW),
        LSTM(10, return_sequences=True),
        TimeDistributed(Dense(3)),
    ]
    return fitted(Sequential(layers, name="autoencoder"), windows, windows, 12)


def train_forecaster():
    """LSTM - RepeatVector - LSTM - TimeDistributed(Dense), trained to give the next samples."""
    whole = windows_of(acceleration(1200, 2), WINDOW + HORIZON)
    layers = [
        Input((WINDOW, 3)),
        LSTM(12),
        RepeatVector(HORIZON),
        LSTM(8, return_sequences=True),
        TimeDistributed(Dense(3)),
    ]
    return fitted(Sequential(layers, name="forecaster"), whole[:, :WINDOW], whole[:, WINDOW:], 12)


def train_regressor():
    """GRU - Dense, trained to tell the cadence and the swing of steps, both standardised."""
    random = np.random.default_rng(3)
    windows, targets = [], []
    for _ in range(900):
        cadence, swing = random.uniform(40, 180), random.uniform(0.1, 1.6)
        phase = random.uniform(0, 2 * np.pi) + 2 * np.pi * cadence / 60 / RATE_HZ * np.arange(WINDOW)
        motion = [1 + swing * np.sin(phase), 0.5 * swing * np.cos(phase), 0.3 * swing * np.sin(phase / 2)]
        windows.append(np.stack(motion, -1) + 0.02 * random.normal(size=(WINDOW, 3)))
        targets.append([cadence, swing])
    targets = (np.array(targets) - REGRESSION["offset"]) / REGRESSION["scale"]
    layers = [Input((WINDOW, 3)), GRU(10), Dense(2, name="gait")]
    return fitted(Sequential(layers, name="regressor"), np.array(windows, np.float32), targets, 20)


def shares(per_feature):
    return per_feature / per_feature.sum(-1, keepdims=True)


def expect_autoencoder(model):
    rows = acceleration(40, 11)
    windows = windows_of(rows)
    outputs = model.predict(windows, verbose=0)
    error = windows.astype(np.float64) - outputs
    # The errors that are usual: those of motion that the model was trained on.
    trained = windows_of(acceleration(1200, 1))
    usual = (trained.astype(np.float64) - model.predict(trained, verbose=0)).reshape(-1, 3)
    mean, inverse = usual.mean(0), np.linalg.inv(np.cov(usual.T))
    away = error - mean
    parts = away * (away @ inverse)
    # Of one feature alone it is the deviation in standard deviations.
    alone = np.abs(away) / usual.std(0, ddof=1)
    absolute, squared = np.abs(error).mean(1), (error**2).mean(1)
    sizes = np.abs(usual)
    absolute_distribution = {
        "mean": sizes.mean(0),
        "inverse_covariance": np.linalg.inv(np.cov(sizes.T)),
        "error": "absolute",
        "squared": True,
    }
    away_sizes = np.abs(error) - absolute_distribution["mean"]
    parts_sizes = away_sizes * (away_sizes @ absolute_distribution["inverse_covariance"])
    return {
        "input": rows,
        "outputs": outputs.reshape(len(outputs), -1),
        "distribution": {"mean": mean, "inverse_covariance": inverse},
        "absolute_distribution": absolute_distribution,
        "scores": {
            "mae_all": absolute.mean(-1),
            "mae_last": np.abs(error[:, -1]).mean(-1),
            "mae_feature": absolute.max(-1),
            "mse_all": squared.mean(-1),
            "mse_last": (error[:, -1] ** 2).mean(-1),
            "mse_feature": squared.max(-1),
            "mahalanobis_feature": alone.mean(1).max(-1),
            "mahalanobis_sizes": parts_sizes.sum(-1).mean(-1),
            "mahalanobis_all": np.sqrt(parts.sum(-1)).mean(-1),
            "mahalanobis_last": np.sqrt(parts[:, -1].sum(-1)),
        },
        "shares": {
            "mae_all": shares(absolute),
            "mae_last": shares(np.abs(error[:, -1])),
            "mae_feature": shares(absolute),
            "mse_all": shares(squared),
            "mse_last": shares(error[:, -1] ** 2),
            "mse_feature": shares(squared),
            "mahalanobis_feature": shares(alone.mean(1)),
            "mahalanobis_sizes": shares(parts_sizes.sum(1)),
            "mahalanobis_all": shares(parts.sum(1)),
            "mahalanobis_last": shares(parts[:, -1]),
        },
    }


def expect_forecaster(model):
    rows = acceleration(44, 12)
    windows = windows_of(rows)
    outputs = model.predict(windows, verbose=0)
    came = windows_of(rows[WINDOW:], HORIZON)
    error = outputs[: len(came)].astype(np.float64) - came
    # Error n is known HORIZON samples after output n.
    errors = {"mae": np.abs(error).mean((1, 2)), "mse": (error**2).mean((1, 2))}
    return {"input": rows, "outputs": outputs.reshape(len(outputs), -1), "horizon": HORIZON, "errors": errors}


def expect_regressor(model):
    rows = acceleration(40, 13)
    outputs = model.predict(windows_of(rows), verbose=0)
    values = outputs.astype(np.float64) * REGRESSION["scale"] + REGRESSION["offset"]
    return {"input": rows, "outputs": outputs, "values": values, **REGRESSION}


TASK_MODELS = {
    "autoencoder": (train_autoencoder, expect_autoencoder),
    "forecaster": (train_forecaster, expect_forecaster),
    "regressor": (train_regressor, expect_regressor),
}


def plain(value):
    """As JSON has it, numbers to nine digits."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list):
        return [plain(part) for part in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def differs(some, other) -> bool:
    if isinstance(some, dict):
        return some.keys() != other.keys() or any(differs(some[key], other[key]) for key in some)
    if isinstance(some, list) and some and not isinstance(some[0], str):
        return not np.allclose(np.array(some), np.array(other), rtol=1e-5, atol=1e-5)
    return some != other


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    check = arguments.check
    status = 0
    for name, (train, expect) in TASK_MODELS.items():
        folder = TASKS / name
        if check or arguments.keep:
            model = keras.models.load_model(folder / "model.keras")
        else:
            keras.utils.set_random_seed(7)
            model = train()
            folder.mkdir(parents=True, exist_ok=True)
            model.save(folder / "model.keras", include_optimizer=False)
        # What `json` reads back is compared and written, so that both have the same digits.
        found = {"about": train.__doc__, "window": WINDOW, "rate_hz": RATE_HZ, **plain(expect(model))}
        if not check:
            (folder / "expected.json").write_text(json.dumps(found) + "\n")
        elif differs(json.loads((folder / "expected.json").read_text()), found):
            print(f"{name}: the numbers are others")
            status = 1
        else:
            print(f"{name}: the same")
    return status


if __name__ == "__main__":
    sys.exit(main())
