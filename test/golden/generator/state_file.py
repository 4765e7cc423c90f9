"""The HDF5 file of states that users of Keras write between two calls, and what must come after it."""

from pathlib import Path

import h5py
import numpy as np

from case import Case
from expected import states_of

NAME = "states.h5"
STEPS_BEFORE = 5
STEPS_AFTER = 20


def numbers(case: Case) -> dict:
    """Steps a stateful model by ones, records its states, then goes on with the case's input."""
    model = case.model()
    before = [[1.0] * case.features] * STEPS_BEFORE
    after = case.input[:STEPS_AFTER]
    outputs_before = _step(model, before)
    states = states_of(model)
    return {
        "file": NAME,
        "about": f"h and c of every recurrent layer after {STEPS_BEFORE} steps of ones from zero, "
        "datasets states_<index in model.layers>_<0 for h, 1 for c> of shape (1, units)",
        "layer_index": {layer.name: index for index, layer in enumerate(model.layers)},
        "inputs_before": before,
        "outputs_before": outputs_before,
        "states": states,
        "inputs_after": after,
        "outputs_after_restore": _step(model, after),
    }


def write(folder: Path, contents: dict) -> None:
    with h5py.File(folder / NAME, "w") as file:
        for layer, tensors in contents["states"].items():
            for index, tensor in enumerate(tensors):
                file[f"states_{contents['layer_index'][layer]}_{index}"] = np.asarray(tensor)[None]


def _step(model, rows) -> list[np.ndarray]:
    return [model.predict(np.array([[row]], np.float32), verbose=0)[0] for row in rows]
