"""Cases of models that take a window in another shape than (steps, features), or give it one inside."""

import numpy as np

from keras import Input, Model, Sequential, ops
from keras.layers import (
    GRU,
    LSTM,
    Attention,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    ConvLSTM1D,
    ConvLSTM2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    EinsumDense,
    Flatten,
    GroupNormalization,
    GroupQueryAttention,
    Masking,
    Maximum,
    MaxPooling1D,
    MaxPooling2D,
    Minimum,
    MultiHeadAttention,
    Multiply,
    Permute,
    PReLU,
    RMSNormalization,
    Reshape,
    SeparableConv2D,
    SpatialDropout1D,
    SpectralNormalization,
    TimeDistributed,
)

from case import Modes
from written_cases import ONLY_SLIDING, case, with_gaps

NOT_JUDGED = Modes(continuous=None, sequence=None)


@case("flat-window", window=12, samples=40, modes=NOT_JUDGED)
def flat_window(shape, stateful):
    """a window as one axis of 36 floats, Reshape, LSTM, Dense"""
    _, steps, features = shape
    return Sequential(
        [Input((steps * features,)), Reshape((steps, features)), LSTM(6, stateful=stateful), Dense(2)]
    )


@case("conv2d-lstm", window=18, samples=44, modes=NOT_JUDGED)
def conv2d_lstm(shape, stateful):
    """Conv2D over (time, features, 1), BatchNormalization, MaxPooling2D, Conv2D, Reshape, LSTM"""
    _, steps, features = shape
    return Sequential(
        [
            Input((steps, features, 1)),
            Conv2D(4, (3, 1), activation="relu"),
            BatchNormalization(),
            MaxPooling2D((2, 1)),
            Conv2D(3, (2, 2), padding="valid"),
            Reshape((steps // 2 - 2, 3 * (features - 1))),
            LSTM(5, stateful=stateful),
            Dense(3, activation="softmax"),
        ]
    )


@case("conv2d-same", window=14, samples=40, modes=ONLY_SLIDING, refused_layer="Conv2D")
def conv2d_same(shape, stateful):
    """Conv2D with groups, strides and padding "same", DepthwiseConv2D, SeparableConv2D with dilation, PReLU,
    AveragePooling2D with padding, Permute"""
    _, steps, features = shape
    return Sequential(
        [
            Input((steps, features, 1)),
            Conv2D(4, 3, padding="same", strides=(2, 1)),
            PReLU(shared_axes=[1]),
            Conv2D(6, (2, 3), padding="same", groups=2, activation="tanh"),
            DepthwiseConv2D((3, 2), depth_multiplier=2, padding="same"),
            SeparableConv2D(5, 2, dilation_rate=(2, 1), activation="softmax"),
            AveragePooling2D((3, 2), strides=1, padding="same"),
            Permute((2, 3, 1)),
            Flatten(),
            Dense(2),
        ]
    )


@case("conv-lstm-2d", window=20, samples=44, modes=ONLY_SLIDING, refused_layer="InputLayer")
def conv_lstm_2d(shape, stateful):
    """the window in 4 parts, (4, 1, 5, 3), ConvLSTM2D, Flatten, Dense, Dense"""
    _, steps, features = shape
    return Sequential(
        [
            Input((4, 1, steps // 4, features)),
            ConvLSTM2D(5, (1, 3), activation="relu", return_sequences=True, padding="same"),
            ConvLSTM2D(4, (1, 3), go_backwards=True),
            Dropout(0.5),
            Flatten(),
            Dense(6, activation="relu"),
            Dense(3, activation="softmax"),
        ]
    )


@case("conv-lstm-1d", window=12, samples=40, modes=NOT_JUDGED)
def conv_lstm_1d(shape, stateful):
    """ConvLSTM1D over the features of each sample, (12, 3, 1), TimeDistributed Flatten, LSTM"""
    _, steps, features = shape
    return Sequential(
        [
            Input((steps, features, 1)),
            ConvLSTM1D(4, 2, padding="same", return_sequences=True),
            TimeDistributed(Flatten()),
            LSTM(5),
            Dense(2),
        ]
    )


@case("cnn-lstm-parts", window=20, samples=44, modes=ONLY_SLIDING, refused_layer="InputLayer")
def cnn_lstm_parts(shape, stateful):
    """the window in 4 parts, TimeDistributed Conv1D, MaxPooling1D and Flatten, LSTM"""
    _, steps, features = shape
    return Sequential(
        [
            Input((4, steps // 4, features)),
            TimeDistributed(Conv1D(6, 3, activation="relu")),
            TimeDistributed(Dropout(0.5)),
            TimeDistributed(MaxPooling1D(2)),
            TimeDistributed(Flatten()),
            LSTM(7, stateful=stateful),
            Dense(3, activation="softmax"),
        ]
    )


@case(
    "conv1d-transpose", window=12, samples=36, modes=ONLY_SLIDING, refused_layer="GroupNormalization"
)
def conv1d_transpose(shape, stateful):
    """SpectralNormalization of a Conv1D with strides, GroupNormalization over time, Conv1DTranspose, LSTM"""
    x = Input(batch_shape=shape)
    coded = SpectralNormalization(Conv1D(5, 3, strides=2, padding="causal"))(x)
    normal = GroupNormalization(3, axis=1, scale=False)(coded)
    wide = Conv1DTranspose(4, 4, strides=2, padding="same", activation="relu")(normal)
    longer = Conv1DTranspose(3, 3, strides=2, output_padding=1)(wide)
    return Model(x, Dense(2)(LSTM(4)(longer)))


@case(
    "masked-attention",
    window=10,
    input=with_gaps(30, 7),
    modes=ONLY_SLIDING,
    refused_layer="Attention",
)
def masked_attention(shape, stateful):
    """masks into Attention and MultiHeadAttention, causal ones too, and on through a GroupNormalization"""
    x = Input(batch_shape=shape)
    masked = Masking()(x)
    coded = GRU(4, return_sequences=True)(masked)
    both = Attention(use_scale=True)([coded, Dense(4)(masked)], use_causal_mask=True)
    heads = MultiHeadAttention(2, 3, dropout=0.1)(both, coded)
    more = GroupNormalization(2)(MultiHeadAttention(2, 2)(heads, heads, use_causal_mask=True))
    longer = Concatenate(axis=1)([more, Dense(4)(x)])
    return Model(x, Dense(2)(LSTM(3)(longer)))


@case("masked-merges", window=8, input=with_gaps(28, 9), modes=Modes(continuous=None, sequence=None))
def masked_merges(shape, stateful):
    """Multiply, Maximum and Minimum of masked inputs and of one that is not, which look at the masks; and
    RMSNormalization, which ends a mask"""
    x = Input(batch_shape=shape)
    masked = Dense(3)(Masking()(x))
    other = Dense(3)(Masking(0.5)(Dense(3, activation="relu", name="other")(x)))
    made = Multiply()([masked, other])
    largest = Maximum()([made, other])
    least = Minimum()([largest, Dense(3)(x), masked])
    return Model(x, Dense(2)(LSTM(4)(Concatenate()([RMSNormalization()(largest), least, made]))))


@case("compared-and-arranged", window=9, samples=30, modes=ONLY_SLIDING, refused_layer="Cumsum")
def compared_and_arranged(shape, stateful):
    """comparisons, where, logic and argmax; cumsum, roll, split, take, repeat, pad, diff and tile; products with
    numbers"""
    x = Input(batch_shape=shape)
    chosen = ops.where(ops.logical_and(x > -0.4, ops.max(x, axis=-1, keepdims=True) >= 0.2), x, 0.1 * x)
    sums = ops.roll(ops.cumsum(chosen, axis=1) / 9.0, 2, axis=1)
    first, second = ops.split(ops.concatenate([sums, x], axis=-1), 2, axis=-1)
    largest = ops.cast(ops.argmax(second, axis=-1, keepdims=True), "float32")
    wide = ops.pad(ops.repeat(ops.take(first, [2, 0], axis=-1), 2, axis=1), [[0, 0], [1, 1], [0, 1]])
    turned = ops.matmul(wide, np.array([[0.5, -1.0], [0.25, 2.0], [1.0, 0.0]], "float32"))
    steps = ops.concatenate([ops.diff(turned, axis=1), ops.tile(largest, (1, 1, 2))[:, :1]], axis=1)
    return Model(x, Dense(2)(LSTM(3)(ops.clip(steps, -2, 2) + ops.cast(ops.not_equal(steps, 0.0), "float32"))))


@case("classes-h5", window=8, samples=24, file="model.h5", modes=ONLY_SLIDING, refused_layer="minimum")
def classes_h5(shape, stateful):
    """classes that a .h5 of Keras 3 has under other names, or says less of than of all others; and the lesser of a
    tensor and several numbers"""
    x = Input(batch_shape=shape)
    bounded = ops.minimum(ops.maximum(x, np.array([-0.5, 0.1, -1.0], "float32")), np.linspace([0.2], [0.9], 8))
    coded = LSTM(4, return_sequences=True, stateful=stateful)(SpatialDropout1D(0.2)(bounded))
    return Model(x, Dense(2)(Flatten()(GroupQueryAttention(2, 4, 2)(coded, coded))))


@case("refuse-ambiguous-sum", window=6, modes=Modes(False, False, False), refused_layer="than with other backends")
def refuse_ambiguous_sum(shape, stateful):
    """a bias along another axis than the last, of the same length, which Keras adds differently on TensorFlow"""
    x = Input(batch_shape=shape)
    return Model(x, EinsumDense("abc,bd->adc", output_shape=(3, 3), bias_axes="d")(x))
