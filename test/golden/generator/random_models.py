"""Draws models of layers that are supported, with branches, and writes each as a golden case.

    python3 test/golden/generator/random_models.py FOLDER [COUNT [SEED]]
    LSTMD_GOLDEN_CASES=FOLDER node --test build/test/golden/golden.test.js

Modes other than `sliding` are not judged: which of them are exact hangs on what was drawn.
"""

import os
import random
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

from keras import Input, Model, layers, ops

import case_json
from case import Case, Modes
from motion import acceleration
from weights import drawn

WINDOW = 12
FEATURES = 3


def sequence_layer(draw: random.Random, steps: int, size: int):
    """A layer from (steps, size) to a sequence that has four steps or more."""
    units = draw.randint(2, 5)
    padding = draw.choice(["same", "valid", "causal"])
    kinds = [
        lambda: layers.LSTM(units, return_sequences=True, go_backwards=draw.random() < 0.2),
        lambda: layers.GRU(units, return_sequences=True, reset_after=draw.random() < 0.7),
        lambda: layers.SimpleRNN(units, return_sequences=True),
        lambda: layers.Bidirectional(
            layers.GRU(units, return_sequences=True), merge_mode=draw.choice(["concat", "sum", "mul", "ave"])
        ),
        lambda: layers.Dense(units, activation=draw.choice(["relu", "tanh", "gelu", "softplus", "softmax"])),
        lambda: layers.TimeDistributed(layers.Dense(units)),
        lambda: layers.LayerNormalization(axis=draw.choice([-1, 1, [1, 2]]), epsilon=0.01),
        lambda: layers.BatchNormalization(axis=draw.choice([-1, 1])),
        lambda: layers.UnitNormalization(axis=draw.choice([-1, 1])),
        lambda: layers.RMSNormalization(),
        lambda: layers.GroupNormalization(-1),
        lambda: layers.PReLU(shared_axes=draw.choice([None, [1]])),
        lambda: layers.LeakyReLU(0.2),
        lambda: layers.Softmax(axis=draw.choice([-1, 1])),
        lambda: layers.EinsumDense("abc,cd->abd", output_shape=(steps, units), bias_axes="d"),
        lambda: layers.Dropout(0.2),
    ]
    if steps > 6:
        kinds += [
            lambda: layers.Conv1D(
                units, 3, padding=padding, dilation_rate=draw.choice([1, 2]), activation="relu"
            ),
            lambda: layers.SeparableConv1D(units, 2, padding="same"),
            lambda: layers.DepthwiseConv1D(2, depth_multiplier=2, padding="same"),
            lambda: layers.SpectralNormalization(layers.Conv1D(units, 2, padding="causal")),
            lambda: layers.MaxPooling1D(2, strides=draw.choice([1, 2]), padding=draw.choice(["same", "valid"])),
            lambda: layers.AveragePooling1D(3, strides=1, padding=draw.choice(["same", "valid"])),
            lambda: layers.Cropping1D((1, draw.randint(0, 1))),
        ]
    if steps < 12:
        kinds += [
            lambda: layers.UpSampling1D(2),
            lambda: layers.ZeroPadding1D((1, 1)),
            lambda: layers.Conv1DTranspose(units, 3, strides=2, padding=draw.choice(["same", "valid"])),
        ]
    if size > 1:
        kinds += [lambda: layers.Permute((2, 1))] if size >= 4 else []
    return draw.choice(kinds)()


def grid(draw: random.Random, x):
    """A part over (steps, features, 1), back to a sequence."""
    steps, size = x.shape[1:]
    made = layers.Reshape((steps, size, 1))(x)
    made = layers.Conv2D(
        4, (3, draw.randint(1, size)), padding=draw.choice(["same", "valid"]), groups=1, activation="relu"
    )(made)
    made = draw.choice(
        [
            lambda: layers.MaxPooling2D((2, 1)),
            lambda: layers.BatchNormalization(axis=draw.choice([-1, 1, 2])),
            lambda: layers.DepthwiseConv2D((2, 1), padding="same"),
            lambda: layers.SeparableConv2D(3, (2, 1), padding="same"),
            lambda: layers.Conv2D(4, 1, groups=2),
            lambda: layers.PReLU(shared_axes=[1, 2]),
        ]
    )()(made)
    if draw.random() < 0.5:
        return layers.TimeDistributed(layers.Flatten())(made)
    return layers.Reshape((made.shape[1], made.shape[2] * made.shape[3]))(made)


def convolved_lstm(draw: random.Random, x):
    """A part over (steps, features, 1) by a ConvLSTM1D, back to a sequence."""
    steps, size = x.shape[1:]
    made = layers.ConvLSTM1D(2, min(2, size), padding="same", return_sequences=True)(
        layers.Reshape((steps, size, 1))(x)
    )
    return layers.TimeDistributed(layers.Flatten())(made)


def operated(draw: random.Random, x):
    """An operation between layers."""
    return draw.choice(
        [
            lambda: ops.concatenate([x, ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True))], axis=-1),
            lambda: x - ops.mean(x, axis=draw.choice([1, -1]), keepdims=True),
            lambda: ops.where(x > 0.1, x, 0.3 * x),
            lambda: ops.clip(ops.cumsum(x, axis=draw.choice([1, -1])), -3, 3),
            lambda: ops.roll(x, 1, axis=draw.choice([1, -1])),
            lambda: ops.flip(x, axis=draw.choice([1, -1])),
            lambda: ops.pad(x, [[0, 0], [1, 0], [0, 1]]),
            lambda: ops.concatenate([ops.diff(x, axis=1), x[:, :1]], axis=1),
            lambda: ops.tanh(x) * ops.exp(-ops.abs(x)),
            lambda: x / (ops.std(x, axis=1, keepdims=True) + 0.5),
        ]
    )()


def merged(draw: random.Random, x):
    """Two branches that come together again."""
    units = draw.randint(2, 4)
    left, right = layers.Dense(units)(x), layers.LSTM(units, return_sequences=True)(x)
    return draw.choice(
        [
            lambda: layers.Add()([left, right]),
            lambda: layers.Multiply()([left, right]),
            lambda: layers.Maximum()([left, right]),
            lambda: layers.Concatenate(axis=draw.choice([1, -1]))([left, right]),
            lambda: layers.Attention()([left, right], use_causal_mask=draw.random() < 0.5),
            lambda: layers.MultiHeadAttention(2, 2)(left, right, use_causal_mask=draw.random() < 0.5),
            lambda: layers.Multiply()([left, layers.Dense(units)(layers.GlobalAveragePooling1D()(right))]),
        ]
    )()


def build_of(seed: int):
    def build(shape, stateful):
        draw = random.Random(seed)
        x = inputs = Input((shape[1], shape[2]))
        if draw.random() < 0.3:
            x = layers.Masking()(x)
        for _ in range(draw.randint(1, 5)):
            chance = draw.random()
            if chance < 0.1:
                x = grid(draw, x) if x.shape[1] > 3 else x
            elif chance < 0.15:
                x = convolved_lstm(draw, x)
            elif chance < 0.3:
                x = operated(draw, x)
            elif chance < 0.45:
                x = merged(draw, x)
            else:
                x = sequence_layer(draw, *x.shape[1:])(x)
        end = draw.choice(["lstm", "flatten", "average", "maximum"])
        head = {
            "lstm": lambda: layers.LSTM(3),
            "flatten": layers.Flatten,
            "average": layers.GlobalAveragePooling1D,
            "maximum": layers.GlobalMaxPooling1D,
        }[end]()(x)
        return Model(inputs, layers.Dense(2, activation=draw.choice(["linear", "softmax"]))(head))

    return build


def main() -> int:
    folder, count, seed = Path(sys.argv[1]), *(int(text) for text in [*sys.argv[2:], "100", "1"][:2])
    for number in range(seed, seed + count):
        name = f"random-{number}"
        case = Case(
            name,
            "drawn",
            build_of(number),
            drawn(number),
            acceleration(2 * WINDOW + 3, number),
            WINDOW,
            FEATURES,
            file="model.keras" if number % 2 else "model.h5",
            modes=Modes(None, None, True),
        )
        try:
            contents = case_json.contents(case)
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name / "case.json").write_text(case_json.text(contents))
            case.model().save(folder / name / case.file)
        except ValueError as error:
            # What was drawn does not fit, or Keras itself cannot mask it.
            print(f"{name}: {str(error).splitlines()[0]}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
