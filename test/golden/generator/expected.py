"""The numbers that Keras gives for a case; ../README.md says what each of them is."""

from contextlib import contextmanager
from typing import Iterator

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from case import Case

Numbers = dict[str, np.ndarray]
States = dict[str, list[np.ndarray]]


def outputs(case: Case) -> Numbers:
    """The outputs in each mode that must match, computed in the `precision` that is set."""
    values = np.array(case.input, dtype=np.float32)
    found = {}
    if case.modes.continuous:
        found["continuous"] = _on_prefixes(case, [values])
    if case.modes.sequence:
        windows = [values[start : start + case.window] for start in range(0, len(values), case.window)]
        # Of a model of several inputs only an Embedding is flattened, which has no steps.
        flattens = case.feeds is None and _has(case.model(), keras.layers.Flatten)
        found["sequence"] = (_on_padded_prefixes if flattens else _on_prefixes)(case, windows)
    if case.modes.sliding:
        last = len(values) - case.window
        windows = np.stack([values[k : k + case.window] for k in range(0, last + 1, case.stride)])
        model = case.model(shape=(None, case.window, case.features), stateful=False)
        # A model may take its window flat, or in parts.
        found["sliding"] = np.asarray(
            model(case.fed(model, windows), training=False)
            if case.feeds
            else model.predict(windows.reshape(-1, *model.input_shape[1:]), verbose=0)
        )
        for mode, rows in found.items():
            first = rows[0 if mode == "sliding" else case.window - 1]
            near = 0.05 if case.half else 1e-5
            if not np.allclose(first, found["sliding"][0], rtol=near, atol=near):
                raise ValueError(f"{case.name}: {mode} and predict differ after the first window")
    return found


def states(case: Case) -> States:
    """h, and c where there is one, of each recurrent layer after the whole input, from zero."""
    model = case.model(shape=(1, None, case.features), stateful=True)
    model(case.fed(model, np.array([case.input], dtype=np.float32)), training=False)
    return states_of(model)


def stateful_predict(case: Case, calls: int = 3) -> np.ndarray:
    """What calls one after the other give for the first window in each place of a whole batch."""
    model = case.model()
    window = np.array(case.input[: case.window], dtype=np.float32)
    batch = np.stack([window] * case.batch)
    return np.stack([model.predict(batch, batch_size=case.batch, verbose=0)[0] for _ in range(calls)])


def states_of(model: keras.Model, prefix: str = "") -> States:
    """h, and c where there is one, as they stand in a stateful model; `outer/inner` where it is nested."""
    found = {}
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found |= states_of(layer, f"{prefix}{layer.name}/")
        elif isinstance(layer, keras.layers.RNN):
            found[prefix + layer.name] = [ops.convert_to_numpy(state)[0] for state in layer.states]
    return found


@contextmanager
def precision(name: str) -> Iterator[None]:
    """Models that are built inside compute in `float32` or `float64`."""
    before = keras.config.dtype_policy().name
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _on_prefixes(case: Case, windows: list[np.ndarray]) -> np.ndarray:
    """For each sample, the output of the model when the window's samples up to it are all there is."""
    call = _call(case, case.model(shape=(None, None, case.features), stateful=False))
    rows = [call(window[: n + 1]) for window in windows for n in range(len(window))]
    return np.stack(rows)


def _on_padded_prefixes(case: Case, windows: list[np.ndarray]) -> np.ndarray:
    """The same for a model with a Flatten, to which the steps still to come are zeros.

    The layers before it look back alone, so that a whole window gives the steps of all its prefixes.
    """
    model = case.model(shape=(None, case.window, case.features), stateful=False)
    at = next(i for i, layer in enumerate(model.layers) if isinstance(layer, keras.layers.Flatten))
    body = keras.Model(model.inputs, model.layers[at].input)
    rows = []
    for window in windows:
        padded = np.zeros((1, case.window, case.features), np.float32)
        padded[0, : len(window)] = window
        steps = body.predict(padded, verbose=0)[0]
        so_far = np.tril(np.ones((len(window), case.window), steps.dtype))[:, :, None]
        head = ops.convert_to_tensor(steps[None] * so_far)
        for layer in model.layers[at:]:
            head = layer(head)
        rows.extend(ops.convert_to_numpy(head))
    return np.stack(rows)


def _call(case: Case, model: keras.Model):
    """The model as one compiled function of a numpy array of one window with any number of steps."""
    compiled = tf.function(
        lambda values: model(case.fed(model, values), training=False),
        input_signature=[tf.TensorSpec((None, None, case.features))],
    )
    # Where the number of steps is unknown as it is compiled, TimeDistributed of Keras 3.15 computes as
    # many steps as the batch has members, so that the batch must have as many members as steps.
    repeats = _has(model, keras.layers.TimeDistributed)
    return lambda window: compiled(np.stack([window] * (len(window) if repeats else 1))).numpy()[0]


def _has(model: keras.Model, kind: type[keras.layers.Layer]) -> bool:
    return any(
        _has(layer, kind) if isinstance(layer, keras.Model) else isinstance(layer, kind)
        for layer in model.layers
    )


def largest_distance(some: Numbers, others: Numbers) -> float:
    return max((float(np.abs(some[key] - others[key]).max()) for key in some), default=0.0)
