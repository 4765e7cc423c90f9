"""Draws models of all layers and operations that are supported, with branches, and writes each as a golden case.

    python3 test/golden/generator/random_models.py FOLDER [COUNT [SEED]]
    LSTMD_GOLDEN_CASES=FOLDER node --test build/test/golden/golden.test.js

Which modes are exact hangs on what was drawn: a mode of null is judged where the program calls it exact. Of
`sequence` the end of each window is known, and of both others than `sliding` what the model gives when the
steps so far are all there is, where Keras can build it so.
"""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
from keras import Input, Model, layers, ops

import case_json
from drawing import Draw
from motion import acceleration
from random_layers import Parts
from random_operations import merged, operated
from weights import drawn as weights_of


@dataclass
class Drawn:
    """A model that is drawn from a seed: its shape, and how samples flow into it."""

    seed: int

    def __post_init__(self):
        draw = Draw(self.seed)
        self.steps = draw.choice([6, 8, 10, 12, 12, 15])
        self.kind = draw.choice(["plain"] * 12 + ["flat", "grid", "parts", "several", "several", "index", "constant"])
        if self.kind == "parts":
            self.steps -= self.steps % 2
        self.features = {"several": 5, "index": 4}.get(self.kind, draw.integer(2, 4))
        self.policy = draw.choice(["float32"] * 9 + ["mixed_float16"])
        self.stateful = self.kind == "plain" and draw.chance(0.2)
        self.feeds = {
            "several": {"acc": [0, 1, 2], "gyro": [4, 3]},
            "index": {"x": [0, 1, 2], "state": [3]},
            "constant": {"x": list(range(self.features))},
        }.get(self.kind)
        self.constants = {"site": [0.5, -0.25]} if self.kind == "constant" else {}
        self.drawn: list | None = None
        rows = np.concatenate([acceleration(2 * self.steps + 3, self.seed + i) for i in range(2)], axis=1)
        self.input = np.round(rows[:, : self.features], 3).astype("float32")
        if draw.chance(0.3):
            self.input[np.arange(len(self.input)) % 5 < 2] = 0
        if self.kind == "index":
            self.input[:, 3] = (np.arange(len(self.input)) // 3) % 4

    def inputs(self, steps: int, batch: int | None):
        """The inputs, and a sequence that is made of them."""
        shape = (batch, steps, self.features)
        if self.kind == "flat":
            x = Input((steps * self.features,))
            return x, layers.Reshape((steps, self.features))(x)
        if self.kind == "grid":
            x = Input((steps, self.features, 1))
            return x, layers.TimeDistributed(layers.Flatten())(layers.Conv2D(3, (3, 1), activation="relu")(x))
        if self.kind == "parts":
            x = Input((2, steps // 2, self.features))
            return x, layers.TimeDistributed(layers.Flatten())(layers.TimeDistributed(layers.Conv1D(3, 2))(x))
        if self.kind == "several":
            acc, gyro = Input((steps, 3), name="acc"), Input((steps, 2), name="gyro")
            return [acc, gyro], layers.Concatenate()([layers.Dense(3, "tanh")(acc), gyro])
        if self.kind == "index":
            x, state = Input((steps, 3), name="x"), Input((steps,), name="state", dtype="int32")
            return [x, state], layers.Concatenate()([x, layers.Embedding(4, 2)(state)])
        if self.kind == "constant":
            x, site = Input(shape[1:], name="x"), Input((2,), name="site")
            return [x, site], layers.Concatenate()([x, layers.RepeatVector(steps)(layers.Dense(2)(site))])
        x = Input(batch_shape=shape)
        return x, x

    def build(self, steps: int, batch: int | None = None, stateful: bool = False, policy: str = "float32") -> Model:
        """The model on windows of so many steps: the second time, what was drawn the first time."""
        keras.config.set_dtype_policy(policy)
        draw = Draw(self.seed + 7, self.drawn)
        parts = Parts(draw, stateful)
        inputs, x = self.inputs(steps, batch)
        if self.kind == "plain" and draw.chance(0.25):
            x = layers.Masking()(x)
        for _ in range(draw.integer(1, 4)):
            x = self.part(draw, parts, x)
        model = Model(inputs, self.heads(draw, parts, x))
        self.drawn = draw.drawn if self.drawn is None else self.drawn
        keras.config.set_dtype_policy("float32")
        weights_of(self.seed, forget_bias=0)(model)
        for layer in model.layers:
            if isinstance(layer, layers.Normalization):
                layer.finalize_state()
        return model

    def part(self, draw: Draw, parts: Parts, x):
        deep = draw.when(x.shape[1] > 3)
        kind = draw.choice(["layer"] * 7 + ["operation"] * 4 + ["merge"] * 3 + ["grid", "conv lstm", "parts", "seq2seq", "nested"])
        if kind == "layer" or not deep:
            return parts.sequence_layer(x)
        if kind == "operation":
            return operated(draw, x)
        if kind == "merge":
            units = draw.integer(2, 4)
            left = layers.Dense(units)(x)
            return merged(draw, x, left, parts.recurrent(units, return_sequences=True)(x))
        made = {
            "grid": parts.grid,
            "conv lstm": parts.convolved_lstm,
            "parts": parts.sub_windows,
            "seq2seq": parts.encoder_decoder,
            "nested": parts.nested,
        }
        return made[kind](x)

    def heads(self, draw: Draw, parts: Parts, x):
        """One output or several."""
        end = draw.kind(
            {
                "recurrent": lambda: parts.recurrent(3)(x),
                "recurrent 2": lambda: parts.recurrent(4)(x),
                "both ways": lambda: layers.Bidirectional(layers.GRU(2), merge_mode="concat")(x),
                "flatten": lambda: layers.Flatten()(x),
                "average": lambda: layers.GlobalAveragePooling1D()(x),
                "maximum": lambda: layers.GlobalMaxPooling1D()(x),
                "two pools": lambda: layers.Concatenate()(
                    [layers.GlobalAveragePooling1D()(x), layers.GlobalMaxPooling1D()(x)]
                ),
                "last": lambda: x[:, -1, :],
                "mean": lambda: ops.mean(x, axis=1),
                "steps": lambda: x,
                "sum": lambda: ops.sum(x, axis=1),
            }
        )
        outputs = [layers.Dense(2, activation=draw.choice(["linear", "softmax", "sigmoid"]))(end)]
        if draw.chance(0.2):
            outputs.append(layers.Dense(3)(end))
        return outputs

    def fed(self, model: Model, windows: np.ndarray):
        """(batch, steps, features) as the model takes them."""
        if self.feeds is None:
            return windows.reshape(-1, *model.inputs[0].shape[1:])
        fed = {name: windows[..., columns] for name, columns in self.feeds.items()}
        if "state" in fed:
            fed["state"] = fed["state"][..., 0].astype("int32")
        for name, numbers in self.constants.items():
            fed[name] = np.tile(np.array([numbers], "float32"), (len(windows), 1))
        return fed

    def rows(self, model: Model, windows: np.ndarray) -> np.ndarray:
        """A row of outputs for each window: the last step of those that have steps."""
        outputs = model(self.fed(model, windows), training=False)
        listed = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        flat = [ops.convert_to_numpy(one).astype("float64") for one in listed]
        return np.concatenate([one if one.ndim == 2 else one[:, -1] for one in flat], axis=-1)

    def sliding(self, model: Model) -> np.ndarray:
        """A row of outputs for each window that the input holds."""
        count = len(self.input) - self.steps + 1
        return self.rows(model, np.stack([self.input[k : k + self.steps] for k in range(count)]))

    def numbers(self) -> dict[str, np.ndarray]:
        """Rows of each mode for each sample, NaN where they are not known."""
        steps, values = self.steps, self.input
        model = self.build(steps)
        sliding = self.sliding(model)
        found = {mode: np.full((len(values), sliding.shape[1]), np.nan) for mode in ("continuous", "sequence")}
        found["sliding"] = sliding
        found["sequence"][steps - 1 :: steps] = sliding[::steps]
        found["continuous"][steps - 1] = sliding[0]
        shapes = [weight.shape for weight in model.weights]
        for count in (steps // 2, steps + 1, 2 * steps + 3):
            try:
                other = self.build(count)
                if [weight.shape for weight in other.weights] != shapes:
                    break
                row = self.rows(other, values[None, :count])[0]
            except Exception:  # What fits the window need not fit so many steps.
                continue
            found["continuous"][count - 1] = row
            if count < steps:
                found["sequence"][count - 1] = row
        return found

    def write(self, folder: Path) -> None:
        batch = 1 if self.stateful else None
        model = self.build(self.steps, batch, self.stateful, self.policy)
        found = self.numbers()
        distance = np.abs(found["sliding"] - self.sliding(self.build(self.steps, policy="float64"))).max()
        if not all(np.nanmax(np.abs(rows), initial=0) < 1e4 for rows in found.values()):
            raise ValueError("its numbers are too large")
        if np.isnan(found["sliding"]).any():
            raise ValueError("it gives NaN")
        case = {
            "about": "drawn", "file": "model.keras" if self.seed % 2 else "model.h5",
            "features": self.features, "window": self.steps, "expect": "drawn",
            "input": self.input, "tolerance": case_json.tolerance(float(distance)),
        }  # fmt: skip
        for mode, rows in found.items():
            listed = [None if np.isnan(row).any() else row.astype("float32") for row in rows]
            case[mode] = {"outputs": listed} | ({"stride": 1} if mode == "sliding" else {})
        if self.feeds is not None:
            case |= {"inputs": self.feeds, "constants": self.constants}
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "case.json").write_text(case_json.text(case))
        model.save(folder / case["file"])


def main() -> int:
    folder, count, seed = Path(sys.argv[1]), *(int(text) for text in [*sys.argv[2:], "100", "1"][:2])
    for number in range(seed, seed + count):
        try:
            Drawn(number).write(folder / f"random-{number}")
        except Exception as error:  # What was drawn does not fit, or Keras itself cannot compute or save it.
            print(f"random-{number}: {type(error).__name__} {str(error).splitlines()[0][:150]}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
