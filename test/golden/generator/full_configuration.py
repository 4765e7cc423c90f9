"""Adds a layer, with every option that Keras writes for it, to the configurations that must load.

    python3 test/golden/generator/full_configuration.py 'AdaptiveMaxPooling2D(2)' 4 3 2

The layer is as Python has it behind `keras.layers.`; the numbers are the shape of its input: steps and features,
features alone, or several axes and features.
"""

import json
import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras

KEPT = Path(__file__).parents[2] / "model/compiler/keras/layers/full-configurations.json"


def configuration(text: str, shape: list[int]) -> dict[str, object]:
    """The entry of a layer on an input of this shape."""
    layer = eval(text, vars(keras.layers))
    entry = keras.saving.serialize_keras_object(layer)
    layer(keras.Input(shape))
    return {
        "keras": keras.__version__,
        "name": entry["class_name"],
        "entry": entry,
        "weights": [list(weight.shape) for weight in layer.weights],
        "input": shape,
    }


if __name__ == "__main__":
    text, *axes = sys.argv[1:]
    configurations = json.loads(KEPT.read_text())
    configurations.append(configuration(text, [int(axis) for axis in axes]))
    KEPT.write_text(json.dumps(configurations, indent=2) + "\n")
