"""`case.json`: a case with the numbers that Keras gives for it; ../README.md says what its keys mean."""

import dataclasses
import json
import math
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import expected
import state_file
from case import Case


def contents(case: Case) -> dict:
    """Computes everything of a case anew; arrays are numpy's."""
    model = case.model()
    found = {
        "name": case.name,
        "about": case.about,
        "file": case.file,
        "format": case.file.rpartition(".")[2],
        "keras_version": keras.__version__,
        "source": f"Keras {keras.__version__} / TensorFlow {tf.__version__}",
        "features": case.features,
        "window": case.window,
        "labels": case.labels,
        "expect": "refuse" if case.is_refused else "ok",
    }
    if case.is_refused:
        found["refuse_because"] = case.refused_layer
    else:
        found["parameters"] = model.count_params()
    found["streamable"] = dataclasses.asdict(case.modes)
    refused = [mode for mode, judged in found["streamable"].items() if judged is False]
    if refused and not case.is_refused:
        found["mode_refuse_because"] = {mode: case.refused_layer for mode in refused}
    if case.notes is not None:
        found["notes"] = case.notes
    if case.feeds is not None:
        found |= {"inputs": case.feeds, "constants": case.constants or {}}
    if not case.is_refused:
        found |= {"output_sizes": [model.output_shape[-1]], "input": case.input} | _numbers(case)
    return found


def _numbers(case: Case) -> dict:
    outputs = expected.outputs(case)
    states = expected.states(case) if case.modes.continuous else {}
    with expected.precision("float64"):
        distance = expected.largest_distance(outputs, expected.outputs(case))
        exact = expected.states(case) if case.modes.continuous else {}
    state_distance = max((expected.largest_distance(*pair) for pair in _pairs(states, exact)), default=0.0)
    found = {mode: {"outputs": rows} for mode, rows in outputs.items()}
    if case.modes.continuous:
        found["continuous"]["states"] = states
    if case.modes.sliding:
        found["sliding"] = {"stride": case.stride, **found["sliding"]}
    if case.has_state_file:
        found["state_file"] = state_file.numbers(case)
    if case.batch is not None and case.batch > 1:
        found |= {"batch": case.batch, "stateful_predict": {"outputs": expected.stateful_predict(case)}}
    return found | {
        "tolerance": tolerance(distance),
        "state_tolerance": tolerance(state_distance),
        "measured": {"float32_vs_float64": distance, "states": state_distance},
    }


def _pairs(states: expected.States, exact: expected.States):
    for layer, tensors in states.items():
        yield dict(enumerate(tensors)), dict(enumerate(exact[layer]))


def tolerance(distance: float) -> float:
    """Four times the distance of float32 from float64, at least 1e-5, rounded up to one digit."""
    needed = max(4 * distance, 1e-5)
    digit = 10.0 ** math.floor(math.log10(needed) + 1e-9)
    return float(f"{math.ceil(needed / digit - 1e-9) * digit:.0e}")


def text(found: dict) -> str:
    return json.dumps(found, default=_plain, separators=(",", ":")) + "\n"


def read(folder: Path) -> dict:
    return json.loads((folder / "case.json").read_text())


def _plain(array: np.ndarray) -> list | float:
    """Numbers in the fewest digits that give back their float32."""
    if array.ndim > 0:
        return [_plain(part) for part in array]
    return float(np.format_float_positional(np.float32(array), unique=True))
