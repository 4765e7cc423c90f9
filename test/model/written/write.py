"""Writes the models beside it, which are refused or bound: python3 write.py, with Keras 3."""

from pathlib import Path

import keras
from keras import layers

FOLDER = Path(__file__).parent


def quantized():
    model = keras.Sequential([keras.Input((8, 3)), layers.LSTM(4), layers.Dense(2, name="head")])
    model.quantize("int8")
    return model


def masked_branch():
    x = keras.Input((8, 3))
    masked = layers.Dense(4, name="a")(layers.Masking(name="mask")(x))
    plain = layers.LSTM(4, return_sequences=True, name="b")(x)
    y = layers.LSTM(2, name="c")(layers.Concatenate(name="cat")([masked, plain]))
    return keras.Model(x, y)


def part_of_last_step():
    x = keras.Input((8, 3))
    y = layers.LSTM(4, return_sequences=True, name="l")(x)[:, -1, :2]
    return keras.Model(x, layers.Dense(1)(y))


def any_steps():
    x = keras.Input((None, 3))
    return keras.Model(x, layers.Dense(1)(layers.LSTM(4, name="l")(x)))


if __name__ == "__main__":
    quantized().save(FOLDER / "int8.keras")
    masked_branch().save(FOLDER / "masked-branch.keras")
    part_of_last_step().save(FOLDER / "slice.keras")
    any_steps().save(FOLDER / "any-steps.keras")
