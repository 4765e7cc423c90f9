"""The cases whose files Keras 3 cannot write: each is a twin in Keras 3 that takes the file's weights.

Keras 3 does not even load the recurrent layers of most of them. The twins compute the numbers anew.
"""

import json

from keras import Input, Model, Sequential, ops
from keras.layers import GRU, LSTM, Dense, LeakyReLU

from case import CASES, Case, Modes
from weights import read_from
from written_cases import seed_flatten, seed_functional

TF_KERAS = "written by tf_keras 2.21, with TensorFlow 2.21"
TFJS = "written by TensorFlow.js 4.22, with numbers of tf_keras 2.21"

KEPT: list[Case] = []


def kept(name: str, build, because: str = TF_KERAS, **options) -> None:
    """Makes a case of what its `case.json` says and a function that builds its twin."""
    described = json.loads((CASES / name / "case.json").read_text())
    KEPT.append(
        Case(
            name,
            described["about"],
            build,
            weights=read_from(CASES / name / described["file"]),
            input=described["input"],
            window=described["window"],
            features=described["features"],
            file=described["file"],
            labels=described["labels"],
            modes=Modes(**described["streamable"]),
            stride=described.get("sliding", {}).get("stride", 1),
            kept_because=because,
            **options,
        )
    )


def hard_sigmoid_of_keras_2(x):
    """Keras 3 has another function of that name."""
    return ops.clip(0.2 * x + 0.5, 0, 1)


def gru_reset_before(shape, stateful):
    return Sequential(
        [
            Input(batch_shape=shape),
            GRU(16, reset_after=False, return_sequences=True, stateful=stateful),
            GRU(9, reset_after=False, stateful=stateful),
            Dense(3, activation="softmax"),
        ]
    )


def hard_sigmoid_k2(shape, stateful):
    gates = {"recurrent_activation": hard_sigmoid_of_keras_2, "stateful": stateful}
    return Sequential(
        [
            Input(batch_shape=shape),
            LSTM(10, return_sequences=True, **gates),
            LSTM(6, **gates),
            Dense(1, activation=hard_sigmoid_of_keras_2),
        ]
    )


def seed_many_to_one(shape, stateful):
    inputs = Input(batch_shape=shape)
    return Model(inputs, Dense(3)(LSTM(32, stateful=stateful)(inputs)))


def seed_stateful(shape, stateful):
    return Sequential(
        [
            Input(batch_shape=shape),
            LSTM(32, return_sequences=True, stateful=stateful),
            LeakyReLU(negative_slope=0.3),
            LSTM(16, stateful=stateful),
            LeakyReLU(negative_slope=0.3),
            Dense(1, activation="sigmoid"),
        ]
    )


def tfjs_folder(shape, stateful):
    return Sequential(
        [
            Input(batch_shape=shape),
            LSTM(
                8, recurrent_activation=hard_sigmoid_of_keras_2, return_sequences=True, stateful=stateful
            ),
            LeakyReLU(negative_slope=0.1),
            GRU(6, reset_after=False, stateful=stateful),
            Dense(3, activation="softmax"),
        ]
    )


kept("gru-reset-before", gru_reset_before)
kept("hard-sigmoid-k2", hard_sigmoid_k2)
kept("seed-flatten-204", seed_flatten)
kept("seed-flatten-h5", seed_flatten)
kept("seed-flatten-summary", seed_flatten)
kept("seed-functional-h5", seed_functional, batch=1, stateful=True, has_state_file=True)
kept("seed-many-to-one", seed_many_to_one, batch=20, stateful=True)
kept("seed-stateful-step", seed_stateful, batch=1, stateful=True)
kept("seed-stateful-window", seed_stateful)
kept("tfjs-folder", tfjs_folder, because=TFJS)
