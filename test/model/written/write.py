"""Writes the models beside it, which are refused or bound: python3 write.py, with Keras 3."""

from pathlib import Path

import keras
from keras import layers

FOLDER = Path(__file__).parent


def quantized():
    model = keras.Sequential([keras.Input((8, 3)), layers.LSTM(4), layers.Dense(2, name="head")])
    model.quantize("int8")
    return model


def any_steps():
    x = keras.Input((None, 3))
    return keras.Model(x, layers.Dense(1)(layers.LSTM(4, name="l")(x)))


if __name__ == "__main__":
    quantized().save(FOLDER / "int8.keras")
    any_steps().save(FOLDER / "any-steps.keras")
