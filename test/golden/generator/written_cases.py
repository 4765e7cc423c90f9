"""The cases whose files Keras 3 writes: each is one function that builds the model."""

import json
import zlib

import keras
import numpy as np

from keras import Input, Model, Sequential, ops
from keras.layers import (
    GRU,
    LSTM,
    AdaptiveAveragePooling1D,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    Add,
    AdditiveAttention,
    Attention,
    BatchNormalization,
    Bidirectional,
    Concatenate,
    Conv1D,
    Dense,
    Dot,
    Dropout,
    Embedding,
    EinsumDense,
    Flatten,
    GlobalAveragePooling1D,
    GroupNormalization,
    Lambda,
    LayerNormalization,
    LeakyReLU,
    Masking,
    MultiHeadAttention,
    Multiply,
    Permute,
    RMSNormalization,
    RepeatVector,
    Reshape,
    SimpleRNN,
    Softmax,
    TimeDistributed,
    UnitNormalization,
    UpSampling1D,
)

from case import ACTIVITIES, CASES, NOT_RUNNING, Case, Modes, Rows, described
from motion import acceleration
from weights import drawn, read_from

WRITTEN: list[Case] = []


def case(name: str, window: int | None, samples: int = 0, **options):
    """Makes a case of the function below it; its docstring says what the case covers.

    Weights and input are drawn from seeds that come from the name, where `options` do not give them.
    """

    def add(build):
        seed = zlib.crc32(name.encode())
        defaults = {"weights": drawn(seed), "input": acceleration(samples, seed)}
        WRITTEN.append(Case(name, described(build), build, window=window, **(defaults | options)))
        return build

    return add


def input_of(name: str) -> Rows:
    return json.loads((CASES / name / "case.json").read_text())["input"]


@case("batchnorm-layernorm", window=25, samples=120)
def batchnorm_layernorm(shape, stateful):
    """LSTM - BatchNormalization - LSTM - LayerNormalization - Dense"""
    return Sequential(
        [
            Input(batch_shape=shape),
            LSTM(8, return_sequences=True, stateful=stateful),
            BatchNormalization(),
            LSTM(7, stateful=stateful),
            LayerNormalization(),
            Dense(2, activation="softmax"),
        ]
    )


@case(
    "bidirectional-sliding",
    window=30,
    samples=110,
    stride=2,
    modes=Modes(continuous=False, sequence=False),
    refused_layer="Bidirectional",
)
def bidirectional_sliding(shape, stateful):
    """Bidirectional(LSTM 7), concatenated: exact in sliding mode alone"""
    return Sequential(
        [Input(batch_shape=shape), Bidirectional(LSTM(7, stateful=stateful)), Dense(3, activation="softmax")]
    )


@case("conv-causal-lstm", window=40, samples=130)
def conv_causal_lstm(shape, stateful):
    """Conv1D(causal, kernel size 5, relu) - LSTM - Dense"""
    return Sequential(
        [
            Input(batch_shape=shape),
            Conv1D(8, 5, padding="causal", activation="relu"),
            LSTM(10, stateful=stateful),
            Dense(1, activation="sigmoid"),
        ]
    )


@case("functional-skip", window=32, samples=128)
def functional_skip(shape, stateful):
    """functional graph: LSTM and Dense side by side, Add, Concatenate with the input, GRU"""
    inputs = Input(batch_shape=shape)
    recurrent = LSTM(8, return_sequences=True, stateful=stateful)(inputs)
    skip = Dense(8)(inputs)
    joined = Concatenate()([Add()([recurrent, skip]), inputs])
    return Model(inputs, Dense(2, activation="tanh")(GRU(6, stateful=stateful)(joined)))


@case("global-average-pooling", window=30, samples=120, modes=Modes(continuous=None))
def global_average_pooling(shape, stateful):
    """LSTM that returns sequences - GlobalAveragePooling1D - Dense"""
    return Sequential(
        [
            Input(batch_shape=shape),
            LSTM(12, return_sequences=True, stateful=stateful),
            GlobalAveragePooling1D(),
            Dense(3, activation="softmax"),
        ]
    )


@case("gru-reset-after", window=52, samples=156, labels=ACTIVITIES)
def gru_reset_after(shape, stateful):
    """two GRU layers, reset_after=True (default), softmax"""
    return Sequential(
        [
            Input(batch_shape=shape),
            GRU(16, return_sequences=True, stateful=stateful),
            GRU(9, stateful=stateful),
            Dense(3, activation="softmax"),
        ]
    )


@case(
    "hard-sigmoid-k3",
    window=30,
    input=input_of("hard-sigmoid-k2"),
    weights=read_from(CASES / "hard-sigmoid-k2/model.h5"),
)
def hard_sigmoid_k3(shape, stateful):
    """the configuration, weights and input of hard-sigmoid-k2 in a file of Keras 3, whose hard_sigmoid
    is relu6(x+3)/6"""
    return Sequential(
        [
            Input(batch_shape=shape),
            LSTM(10, recurrent_activation="hard_sigmoid", return_sequences=True, stateful=stateful),
            LSTM(6, recurrent_activation="hard_sigmoid", stateful=stateful),
            Dense(1, activation="hard_sigmoid"),
        ]
    )


@case("nested-timedistributed", window=24, samples=120)
def nested_timedistributed(shape, stateful):
    """Sequential inside Sequential, TimeDistributed(Dense)"""
    encoder = Sequential(
        [
            Input(batch_shape=shape),
            LSTM(8, return_sequences=True, stateful=stateful),
            TimeDistributed(Dense(5, activation="relu")),
        ],
        name="encoder",
    )
    return Sequential([Input(batch_shape=shape), encoder, LSTM(6, stateful=stateful), Dense(2)])


@case("refuse-lambda", window=40, modes=Modes(False, False, False), refused_layer="Lambda")
def refuse_lambda(shape, stateful):
    """a Lambda layer between LSTM and Dense"""
    # Keras saves the function's byte code with the name of its source file: not a path of this machine.
    doubled = eval(compile("lambda x: x * 2", "doubler", "eval"))
    return Sequential(
        [Input(batch_shape=shape), LSTM(4, stateful=stateful), Lambda(doubled, name="doubler"), Dense(1)]
    )


@case(
    "relu-lstm-softmax",
    window=52,
    samples=156,
    file="model.h5",
    labels=ACTIVITIES,
    weights=drawn(zlib.crc32(b"relu-lstm-softmax"), recurrent_gain=0.5, forget_bias=0),
    notes="A relu LSTM may diverge in continuous mode in Keras too, to 1e17 and beyond; this one contracts.",
)
def relu_lstm_softmax(shape, stateful):
    """LSTM(16, activation="relu") - Dense, legacy h5 of Keras 3"""
    return Sequential(
        [
            Input(batch_shape=shape),
            LSTM(16, activation="relu", unit_forget_bias=False, stateful=stateful),
            Dense(3, activation="softmax"),
        ]
    )


@case(
    "seed-flatten-keras",
    window=100,
    input=input_of("seed-flatten-h5"),
    weights=read_from(CASES / "seed-flatten-h5/model.h5"),
    labels=NOT_RUNNING,
    modes=Modes(continuous=False),
    refused_layer="Flatten",
    compiled=True,
    notes="4608 + 3136 + 100*16 + 1 = 9,345 parameters",
)
def seed_flatten(shape, stateful):
    """the layers, weights and input of seed-flatten-h5 in a .keras of Keras 3"""
    return Sequential(
        [
            Input(batch_shape=shape),
            LSTM(32, return_sequences=True, stateful=stateful),
            LeakyReLU(negative_slope=0.3),
            Dropout(0.2),
            LSTM(16, return_sequences=True, stateful=stateful),
            Dropout(0.2),
            LeakyReLU(negative_slope=0.3),
            Flatten(),
            Dense(1, activation="sigmoid"),
        ]
    )


@case(
    "seed-functional-keras",
    window=None,
    samples=120,
    modes=Modes(sequence=None, sliding=None),
    batch=1,
    stateful=True,
    has_state_file=True,
    notes="window is null: the model takes any number of steps",
)
def seed_functional(shape, stateful):
    """Input(batch_shape=(1, None, 3)) - LSTM 5 - LSTM 2 - Dense, stateful, with an HDF5 state file"""
    inputs = Input(batch_shape=shape)
    first = LSTM(5, return_sequences=True, stateful=stateful)(inputs)
    return Model(inputs, Dense(1)(LSTM(2, stateful=stateful)(first)))


@case("simple-rnn", window=20, samples=120, file="model.h5")
def simple_rnn(shape, stateful):
    """SimpleRNN(12) - SimpleRNN(5) - Dense, legacy h5 of Keras 3"""
    return Sequential(
        [
            Input(batch_shape=shape),
            SimpleRNN(12, return_sequences=True, stateful=stateful),
            SimpleRNN(5, stateful=stateful),
            Dense(2),
        ]
    )


ONLY_SLIDING = Modes(continuous=False, sequence=False)


@case("attention", window=12, samples=30, modes=ONLY_SLIDING, refused_layer="attention")
def attention(shape, stateful):
    """MultiHeadAttention to itself and to another sequence, Attention, AdditiveAttention, Dot, and a
    Softmax over time: exact in sliding mode alone"""
    x = Input(batch_shape=shape)
    h = LSTM(5, return_sequences=True, stateful=stateful)(x)
    own = LayerNormalization()(h + MultiHeadAttention(2, 3)(h, h, use_causal_mask=True))
    cross = MultiHeadAttention(2, 2, value_dim=3, output_shape=5, use_bias=False)(own, x)
    summed = Add()([Attention(use_scale=True)([cross, own]), AdditiveAttention()([own, cross])])
    scores = Softmax(axis=1)(Dense(1)(summed))
    return Model(x, Dense(2)(Flatten()(Dot(axes=1)([scores, summed]))))


@case("encoder-decoder", window=14, samples=40, modes=ONLY_SLIDING, refused_layer="RepeatVector")
def encoder_decoder(shape, stateful):
    """the states of an LSTM are where another begins, whose steps are those of a RepeatVector; and a GRU
    that runs backwards"""
    x = Input(batch_shape=shape)
    last, h, c = LSTM(6, return_state=True, stateful=stateful)(x)
    decoded = LSTM(6, return_sequences=True)(RepeatVector(5)(last), initial_state=[h, c])
    back = GRU(4, go_backwards=True, return_sequences=True)(decoded)
    return Model(x, Dense(2)(Flatten()(TimeDistributed(Dense(3))(back))))


def with_gaps(samples: int, seed: int) -> Rows:
    """Rows of which some are zeros, the first and the last of a window among them."""
    rows = acceleration(samples, seed)
    return [[0.0] * 3 if i % 7 in (0, 3) else row for i, row in enumerate(rows)]


@case(
    "masked-bidirectional",
    window=12,
    input=with_gaps(36, 5),
    modes=ONLY_SLIDING,
    refused_layer="Bidirectional",
)
def masked_bidirectional(shape, stateful):
    """a mask through Bidirectional, and a masked branch merged with one that is not"""
    x = Input(batch_shape=shape)
    masked = Masking()(x)
    both = Bidirectional(GRU(4, return_sequences=True, stateful=stateful), merge_mode="sum")(masked)
    merged = Concatenate()([both, Dense(3)(x)])
    return Model(x, Dense(2)(Bidirectional(LSTM(4), merge_mode="ave")(Add()([Dense(4)(merged), both]))))


@case(
    "masked-encoder-decoder",
    window=12,
    input=with_gaps(30, 6),
    modes=ONLY_SLIDING,
    refused_layer="initial_state",
)
def masked_encoder_decoder(shape, stateful):
    """recurrent layers that begin with states, which look at no mask in Keras 3, but hand it on"""
    x = Input(batch_shape=shape)
    masked = Masking()(x)
    _, h, c = LSTM(3, return_state=True, stateful=stateful)(masked)
    decoded = LSTM(3, return_sequences=True)(Dense(3)(masked), initial_state=[h, c])
    both = Bidirectional(GRU(3, return_sequences=True))(decoded, initial_state=[h, c])
    return Model(x, Dense(2)(GRU(4)(both)))


def operations(shape, stateful):
    """operations on tensors: magnitude, slices, the mean of the features, constants, and activations"""
    x = Input(batch_shape=shape)
    magnitude = ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True))
    apart = ops.abs(x[..., :2] - ops.mean(x, axis=-1, keepdims=True))
    shares = ops.softmax(x / ops.maximum(magnitude, 0.1), axis=-1)
    largest = ops.expand_dims(ops.max(x, axis=-1), -1)
    features = ops.concatenate([magnitude, apart, shares, ops.relu(1 - largest)], axis=-1)
    return Model(x, ops.sigmoid(Dense(2)(LSTM(5, stateful=stateful)(features)) * np.array([0.5, 2.0], "float32")))


case("tensor-operations", window=12, samples=48)(operations)
case("tensor-operations-h5", window=12, samples=48, file="model.h5")(operations)


@case("window-shapes", window=12, samples=30, modes=ONLY_SLIDING, refused_layer="UpSampling1D")
def window_shapes(shape, stateful):
    """UpSampling1D, GroupNormalization, EinsumDense, RMSNormalization, squeeze and excite, Reshape and Permute of
    three axes"""
    x = Input(batch_shape=shape)
    up = GroupNormalization(2)(Conv1D(4, 3, padding="same")(UpSampling1D(2)(x)))
    dense = RMSNormalization()(EinsumDense("abc,cd->abd", output_shape=(None, 4), bias_axes="d")(up))
    excited = Multiply()([dense, Dense(4, activation="sigmoid")(GlobalAveragePooling1D()(dense))])
    turned = Permute((3, 1, 2))(Reshape((6, 4, 4))(excited))
    return Model(x, Dense(2)(LSTM(5)(Reshape((4, 24))(UnitNormalization(axis=-1)(turned)))))


@case(
    "adaptive-pooling", window=17, samples=48, modes=ONLY_SLIDING, refused_layer="AdaptiveAveragePooling1D"
)
def adaptive_pooling(shape, stateful):
    """adaptive pools to fewer steps and to more, of windows that share steps, over one axis and over two"""
    x = Input(batch_shape=shape)
    h = LSTM(4, return_sequences=True, stateful=stateful)(x)
    fewer = AdaptiveAveragePooling1D(7)(h)
    grid = AdaptiveMaxPooling2D((5, 3))(Reshape((7, 4, 1))(fewer))
    more = AdaptiveMaxPooling1D(8)(Reshape((5, 3))(grid))
    return Model(x, Dense(2)(GRU(3)(more)))


def policy(name: str) -> str:
    """A layer's policy; where the model is computed for the distance from float64, that one."""
    in_use = keras.config.dtype_policy().name
    return name if in_use == "float32" else in_use


RECURRENT = {"recurrent_initializer": "glorot_uniform"}
"""The default is orthogonal, for which TensorFlow has no bfloat16."""


@case("mixed-float16", window=12, samples=36, half=True)
def mixed_float16(shape, stateful):
    """LSTM - BatchNormalization - GRU of mixed_float16, a Dense of float32: computed here in float32"""
    own = {"dtype": policy("mixed_float16"), "stateful": stateful}
    return Sequential(
        [
            Input(batch_shape=shape),
            LSTM(6, return_sequences=True, **own),
            BatchNormalization(dtype=policy("mixed_float16")),
            GRU(5, **own),
            Dense(3, activation="softmax", dtype=policy("float32")),
        ]
    )


@case("float16-h5", window=12, samples=36, file="model.h5", half=True)
def float16_h5(shape, stateful):
    """SimpleRNN - LSTM - Dense of float16 in a legacy h5, a policy as an object"""
    own = keras.DTypePolicy(policy("float16"))
    return Sequential(
        [
            Input(batch_shape=shape),
            SimpleRNN(6, return_sequences=True, stateful=stateful, dtype=own),
            LSTM(5, stateful=stateful, dtype=own),
            Dense(2, dtype=own),
        ]
    )


def bfloat16(shape, stateful):
    """Conv1D of bfloat16 - LSTM of mixed_bfloat16 - TimeDistributed(Dense of float16) - GRU of bfloat16 - Dense"""
    return Sequential(
        [
            Input(batch_shape=shape),
            Conv1D(5, 3, padding="causal", activation="relu", dtype=policy("bfloat16")),
            LSTM(6, return_sequences=True, stateful=stateful, dtype=policy("mixed_bfloat16")),
            TimeDistributed(Dense(4, dtype=policy("float16"))),
            GRU(5, stateful=stateful, dtype=policy("bfloat16"), **RECURRENT),
            Dense(2),
        ]
    )


case("bfloat16", window=12, samples=30, half=True)(bfloat16)
case("bfloat16-h5", window=12, samples=30, file="model.h5", half=True)(bfloat16)


@case(
    "refuse-int8",
    window=12,
    weights=lambda model: None,
    modes=Modes(False, False, False),
    refused_layer="quantized to int8",
)
def refuse_int8(shape, stateful):
    """a Dense that Keras quantized to int8"""
    quantized = keras.dtype_policies.QuantizedDTypePolicy("int8", "float32")
    return Sequential([Input(batch_shape=shape), LSTM(4, stateful=stateful), Dense(2, dtype=quantized)])


def six_axes(samples: int, seed: int) -> Rows:
    """Two sensors of three axes side by side."""
    both = zip(acceleration(samples, seed), acceleration(samples, seed + 1))
    return [one + other for one, other in both]


@case(
    "two-inputs",
    window=12,
    features=6,
    input=six_axes(36, 11),
    feeds={"acc": [0, 1, 2], "gyro": [3, 4, 5]},
    constants={"machine": [3]},
)
def two_inputs(shape, stateful):
    """a branch for each of two inputs in a dict, and an Embedding of a constant beside them"""
    inputs = {name: Input(batch_shape=(*shape[:2], 3), name=name) for name in ("gyro", "acc")}
    inputs["machine"] = Input((1,), name="machine", dtype="int32")
    own = Dense(3, activation="relu")(Flatten()(Embedding(5, 4)(inputs["machine"])))
    branches = [LSTM(5, stateful=stateful)(inputs["acc"]), GRU(4, stateful=stateful)(inputs["gyro"]), own]
    return Model(inputs, Dense(3, activation="softmax")(Concatenate()(branches)))


def with_state(samples: int, seed: int) -> Rows:
    """Three axes, and a whole number from 0 to 3."""
    return [[*row, float((i // 3) % 4)] for i, row in enumerate(acceleration(samples, seed))]


@case(
    "embedded-feature",
    window=12,
    features=4,
    input=with_state(36, 12),
    feeds={"acc": [0, 1, 2], "state": [3]},
    constants={"site": [2]},
)
def embedded_feature(shape, stateful):
    """an Embedding of a feature that is a whole number, and one of a constant that is added to each step"""
    acc = Input(batch_shape=(*shape[:2], 3), name="acc")
    state = Input(batch_shape=shape[:2], name="state", dtype="int32")
    site = Input((1,), name="site", dtype="int32")
    joined = Concatenate()([acc, Embedding(4, 3)(state)])
    placed = Add()([Dense(4)(joined), Embedding(3, 4)(site)])
    return Model([acc, state, site], Dense(2)(LSTM(5, stateful=stateful)(placed)))


@case(
    "constant-window",
    window=8,
    features=3,
    samples=16,
    feeds={"x": [0, 1, 2]},
    constants={"site": [0.5, -0.25]},
    modes=ONLY_SLIDING,
    refused_layer="initial_state",
)
def constant_window(shape, stateful):
    """an LSTM that begins with a state made of a constant, and a constant repeated beside the samples"""
    x = Input(batch_shape=shape, name="x")
    site = Input((2,), name="site")
    repeated = Concatenate()([x, RepeatVector(8)(site)])
    begin = [Dense(5, activation="tanh")(site), Dense(5)(site)]
    return Model([x, site], Dense(2)(LSTM(5)(repeated, initial_state=begin)))
