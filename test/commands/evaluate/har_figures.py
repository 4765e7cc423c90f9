"""Writes figures.json: what scikit-learn says of the outputs that Keras gives for real recordings.

Two models: the demo's (examples/running) on the recordings of STMicroelectronics, and motionsense.keras, which
is trained here in seconds, on those of MotionSense (one subject). The recordings are not part of the project:

    python3 test/commands/evaluate/har_figures.py ../shared/data [--train]

Needs Keras 3 with TensorFlow, and scikit-learn.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import sklearn
from sklearn import metrics

HERE = Path(__file__).resolve().parent
DATA = Path(sys.argv[1])
CLASSES = ["dws", "jog", "sit", "std", "ups", "wlk"]
T = 40
STRIDE = 4


def recordings():
    for file in sorted((DATA / "motionsense").glob("accel_*.csv")):
        values = np.loadtxt(file, delimiter=",", skiprows=1, usecols=(1, 2, 3)).astype(np.float32)
        yield values, CLASSES.index(file.name.split("_")[2])


def network(steps, return_sequences):
    return keras.Sequential(
        [
            keras.Input((steps, 3)),
            keras.layers.LSTM(12, return_sequences=return_sequences, name="lstm"),
            keras.layers.Dense(len(CLASSES), activation="softmax", name="activity"),
        ]
    )


def train():
    keras.utils.set_random_seed(4)
    x, y = [], []
    for values, label in recordings():
        for start in range(0, 600 - T, 5):
            x.append(values[start : start + T])
            y.append(label)
    model = network(T, False)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(np.stack(x), np.array(y), epochs=12, batch_size=32, verbose=0)
    model.save(HERE / "motionsense.keras")


def multiclass(labels, p):
    every = range(len(CLASSES))
    predicted = p.argmax(axis=1)
    return {
        "outputs": len(labels),
        "accuracy": float(metrics.accuracy_score(labels, predicted)),
        "balancedAccuracy": float(metrics.balanced_accuracy_score(labels, predicted)),
        "macroF1": float(metrics.f1_score(labels, predicted, average="macro")),
        "correlation": float(metrics.matthews_corrcoef(labels, predicted)),
        "confusion": metrics.confusion_matrix(labels, predicted, labels=every).tolist(),
        "rocAuc": [float(metrics.roc_auc_score(labels == c, p[:, c])) for c in every],
        "averagePrecision": [float(metrics.average_precision_score(labels == c, p[:, c])) for c in every],
    }


def binary(labels, p):
    predicted = p >= 0.5
    return {
        "outputs": len(labels),
        "accuracy": float(metrics.accuracy_score(labels, predicted)),
        "balancedAccuracy": float(metrics.balanced_accuracy_score(labels, predicted)),
        "macroF1": float(metrics.f1_score(labels, predicted, average="macro")),
        "correlation": float(metrics.matthews_corrcoef(labels, predicted)),
        "confusion": metrics.confusion_matrix(labels, predicted).tolist(),
        "rocAuc": [float(metrics.roc_auc_score(labels, p))],
        "averagePrecision": [float(metrics.average_precision_score(labels, p))],
    }


def motionsense():
    """In each mode all outputs and those that are warm, as lstmd takes them: each file is a stream."""
    model = keras.saving.load_model(HERE / "motionsense.keras", compile=False)
    stepwise = network(None, True)
    stepwise.set_weights(model.get_weights())
    found = {}
    for mode in ("continuous", "sequence", "sliding"):
        rows, labels, warm = [], [], []
        for values, label in recordings():
            if mode == "continuous":
                own = stepwise.predict(values[None], verbose=0)[0]
                is_warm = np.arange(len(own)) >= T - 1
            elif mode == "sequence":
                own = np.concatenate(
                    [
                        stepwise.predict(values[None, start : start + T], verbose=0)[0]
                        for start in range(0, len(values), T)
                    ]
                )
                is_warm = np.arange(len(own)) % T == T - 1
            else:
                windows = np.stack([values[n : n + T] for n in range(0, len(values) - T + 1, STRIDE)])
                own = model.predict(windows, verbose=0)
                is_warm = np.ones(len(own), bool)
            rows.append(own)
            warm.append(is_warm)
            labels.append(np.full(len(own), label))
        p, labels, warm = np.concatenate(rows), np.concatenate(labels), np.concatenate(warm)
        found[mode] = {"all": multiclass(labels, p), "warm": multiclass(labels[warm], p[warm])}
    return found


def running():
    model = keras.saving.load_model(HERE / "../../../examples/running/running.keras", compile=False)
    p, labels = [], []
    for activity in ("running", "stationary", "walking"):
        for file in sorted((DATA / "stm32-har" / activity).glob("*.csv")):
            # As lstmd does: readings in float32, the feature in float64, rounded once.
            raw = np.loadtxt(file, delimiter=",").astype(np.float32).astype(np.float64)
            p.append(model.predict((raw * 0.001).astype(np.float32)[None], verbose=0)[0, :, 0])
            labels.append(np.full(len(raw), activity == "running"))
    return {"continuous": {"all": binary(np.concatenate(labels), np.concatenate(p))}}


if "--train" in sys.argv:
    train()
figures = {
    "keras": keras.__version__,
    "scikit-learn": sklearn.__version__,
    "stride": STRIDE,
    "motionsense": motionsense(),
    "running": running(),
}
(HERE / "figures.json").write_text(json.dumps(figures) + "\n")
