"""Weights for a model: drawn from a seed, or read from a file that something else than Keras 3 wrote."""

import json
from pathlib import Path
from typing import Callable

import h5py
import keras
import numpy as np

SetWeights = Callable[[keras.Model], None]


def drawn(seed: int, recurrent_gain: float = 1.0, forget_bias: float = 1.0) -> SetWeights:
    """Weights about as large as training leaves them, with no bias, scale or statistic at its default.

    A `recurrent_gain` below 1 makes the recurrence contract.
    """

    def set_weights(model: keras.Model) -> None:
        random = np.random.default_rng(seed)
        for variable in model.weights:
            value = _draw(random, variable.name, variable.shape, recurrent_gain)
            if variable.name == "bias" and "/lstm_cell/" in variable.path:
                units = len(value) // 4
                value[units : 2 * units] += forget_bias
            variable.assign(value)

    return set_weights


def _draw(
    random: np.random.Generator, name: str, shape: tuple[int, ...], recurrent_gain: float
) -> np.ndarray:
    if name == "count":
        return np.ones(shape)
    if name in ("scale", "concat_score_weight"):
        return random.uniform(0.5, 1.5, shape)
    if name.endswith("kernel") and name != "recurrent_kernel":
        limit = np.sqrt(3 / np.prod(shape[:-1]))
        return random.uniform(-limit, limit, shape)
    if name == "recurrent_kernel":
        limit = recurrent_gain * np.sqrt(1.5 / shape[0])
        return random.uniform(-limit, limit, shape)
    low, high = {
        "embeddings": (-0.8, 0.8),
        "bias": (-0.3, 0.3),
        "gamma": (0.7, 1.4),
        "beta": (-0.3, 0.3),
        "moving_mean": (-0.5, 0.5),
        "mean": (-0.5, 0.5),
        "variance": (0.5, 1.6),
        "moving_variance": (0.5, 1.6),
        "alpha": (0.1, 0.4),
        "vector_u": (-1.0, 1.0),
    }[name]
    return random.uniform(low, high, shape)


def read_from(file: Path) -> SetWeights:
    """The weights of a legacy HDF5 file or of a tfjs layers model, in the order in which it names them."""
    arrays = _of_tfjs(file) if file.suffix == ".json" else _of_hdf5(file)
    return lambda model: model.set_weights(arrays)


def _of_hdf5(file: Path) -> list[np.ndarray]:
    with h5py.File(file) as root:
        layers = root["model_weights"]
        return [
            layers[layer][weight][...]
            for layer in layers.attrs["layer_names"]
            for weight in layers[layer].attrs["weight_names"]
        ]


def _of_tfjs(file: Path) -> list[np.ndarray]:
    arrays = []
    for group in json.loads(file.read_text())["weightsManifest"]:
        contents = b"".join((file.parent / path).read_bytes() for path in group["paths"])
        values = np.frombuffer(contents, dtype="<f4")
        for weight in group["weights"]:
            count = int(np.prod(weight["shape"]))
            arrays.append(values[:count].reshape(weight["shape"]))
            values = values[count:]
    return arrays
