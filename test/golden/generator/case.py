"""A golden case: how its model is built, and what is judged of it."""

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Protocol

import keras

from weights import SetWeights

CASES = Path(__file__).resolve().parent.parent / "cases"
ACTIVITIES = ["stationary", "walking", "running"]
NOT_RUNNING = ["not running", "running"]

Shape = tuple[int | None, int | None, int]  # (batch, steps, features)
Rows = list[list[float]]


class Build(Protocol):
    """Builds the model on inputs of a shape, its recurrent layers stateful or not."""

    def __call__(self, shape: Shape, stateful: bool) -> keras.Model: ...


@dataclass(frozen=True)
class Modes:
    """For each mode: true, it must match; false, it must be refused; None, it is not judged."""

    continuous: bool | None = True
    sequence: bool | None = True
    sliding: bool | None = True


@dataclass(frozen=True)
class Case:
    name: str
    about: str
    build: Build
    weights: SetWeights
    """Gives a model that `build` built its weights."""
    input: Rows
    window: int | None
    features: int = 3
    file: str = "model.keras"
    labels: list[str] | None = None
    modes: Modes = Modes()
    refused_layer: str | None = None
    """The class that makes the modes that are false impossible, or the whole model where all are."""
    stride: int = 1
    """Of `sliding`: samples from one window that is recorded to the next."""
    batch: int | None = None
    stateful: bool = False
    compiled: bool = False
    """The file also has an optimizer and a loss."""
    has_state_file: bool = False
    feeds: dict[str, list[int]] | None = None
    """The features of each input with a time axis, of a model with several inputs."""
    constants: dict[str, list[float]] | None = None
    """The numbers of each input without one."""
    half: bool = False
    """Keras computes some layers in 16 bits, whose numbers depend on the shape of the call."""
    notes: str | None = None
    kept_because: str | None = None
    """Why the file cannot be made anew here: its writer. None where Keras 3 writes it."""

    @property
    def folder(self) -> Path:
        return CASES / self.name

    def fed(self, model: keras.Model, values):
        """(batch, steps, features) as the model takes them."""
        if self.feeds is None:
            return values
        batch = keras.ops.shape(values)[0]
        ranks = {tensor.name: len(tensor.shape) for tensor in model.inputs}
        parts = {name: keras.ops.take(values, columns, axis=-1) for name, columns in self.feeds.items()}
        fed = {name: part[..., 0] if ranks[name] == 2 else part for name, part in parts.items()}
        for name, numbers in (self.constants or {}).items():
            fed[name] = keras.ops.tile(keras.ops.convert_to_tensor([numbers], "float32"), (batch, 1))
        return fed

    @property
    def is_refused(self) -> bool:
        return self.modes == Modes(False, False, False)

    @property
    def shape(self) -> Shape:
        """The input's shape in the model file."""
        return (self.batch, self.window, self.features)

    def model(self, shape: Shape | None = None, stateful: bool | None = None) -> keras.Model:
        """The model with its weights: as it is in the file, or a twin on another shape."""
        policy = keras.config.dtype_policy()
        # Layers are named from `lstm` on again; the policy would be forgotten with the names.
        keras.utils.clear_session()
        keras.config.set_dtype_policy(policy)
        model = self.build(shape or self.shape, self.stateful if stateful is None else stateful)
        self.weights(model)
        return model


def described(build: Callable) -> str:
    """The docstring of a function that builds a model, on one line."""
    return " ".join(inspect.getdoc(build).split())
