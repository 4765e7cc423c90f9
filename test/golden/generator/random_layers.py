"""Parts of drawn models: each takes a tensor of (steps, size) and gives one of (steps, size)."""

from keras import Model, Sequential, Input, layers, ops

from drawing import Draw

ACTIVATIONS = [
    "relu", "tanh", "sigmoid", "elu", "selu", "gelu", "softplus", "softsign", "silu", "mish", "hard_sigmoid",
    "hard_silu", "relu6", "leaky_relu", "exponential", "log_sigmoid", "celu", "softmax", "hard_tanh",
]  # fmt: skip
BOUNDED = ["tanh", "sigmoid", "softsign", "hard_sigmoid", "hard_tanh", "softmax"]


class Parts:
    """Draws parts of models whose recurrent layers are stateful or not."""

    def __init__(self, draw: Draw, stateful: bool):
        self.draw = draw
        self.stateful = stateful

    def recurrent(self, units: int, **options):
        """A recurrent layer of any kind."""
        draw = self.draw
        common = {"use_bias": draw.chance(0.8), "activation": draw.choice(BOUNDED), "stateful": self.stateful}
        common |= {"recurrent_dropout": draw.choice([0, 0, 0.2]), "dropout": draw.choice([0, 0.1])} | options
        gate = draw.choice(["sigmoid", "sigmoid", "hard_sigmoid", "tanh", "softmax"])
        return draw.kind(
            {
                "lstm": lambda: layers.LSTM(
                    units, recurrent_activation=gate, unit_forget_bias=draw.chance(0.5), **common
                ),
                "gru": lambda: layers.GRU(
                    units, recurrent_activation=gate, reset_after=draw.chance(0.6), **common
                ),
                "simple": lambda: layers.SimpleRNN(units, **common),
                "plain": lambda: layers.LSTM(units, stateful=self.stateful, **options),
                "cells": lambda: self.cells(units, **options),
            }
        )

    def cells(self, units: int, **options):
        """An RNN of one cell, or of several on top of each other."""
        kinds = [layers.LSTMCell, layers.GRUCell, layers.SimpleRNNCell]
        cells = [self.draw.choice(kinds)(self.draw.integer(2, 4)) for _ in range(self.draw.integer(0, 2))]
        cells.append(self.draw.choice(kinds)(units))
        return layers.RNN(cells if len(cells) > 1 else cells[0], stateful=self.stateful, **options)

    def bidirectional(self, x):
        draw, units = self.draw, self.draw.integer(2, 4)
        mode = draw.choice(["concat", "sum", "mul", "ave", None])
        if draw.chance(0.3):
            forward = layers.LSTM(units, return_sequences=True)
            backward = layers.GRU(units, return_sequences=True, go_backwards=True)
            made = layers.Bidirectional(forward, backward_layer=backward, merge_mode=mode)(x)
        else:
            made = layers.Bidirectional(self.recurrent(units, return_sequences=True), merge_mode=mode)(x)
        return layers.Add()(made) if mode is None else made

    def sequence_layer(self, x):
        """One layer."""
        draw = self.draw
        steps, size = x.shape[1:]
        units = draw.integer(2, 5)
        padding = draw.choice(["same", "valid", "causal", "causal"])
        activation = draw.choice(ACTIVATIONS)
        kinds = {
            "recurrent": lambda: self.recurrent(units, return_sequences=True)(x),
            "recurrent 2": lambda: self.recurrent(units, return_sequences=True)(x),
            "backwards": lambda: self.recurrent(units, return_sequences=True, go_backwards=True)(x),
            "bidirectional": lambda: self.bidirectional(x),
            "dense": lambda: layers.Dense(units, activation=activation)(x),
            "activation": lambda: layers.Activation(activation)(x),
            "distributed": lambda: layers.TimeDistributed(layers.Dense(units, activation=activation))(x),
            "layer norm": lambda: layers.LayerNormalization(axis=draw.choice([-1, 1, [1, 2]]), epsilon=0.01)(x),
            "batch norm": lambda: layers.BatchNormalization(axis=draw.choice([-1, -1, 1]))(x),
            "unit norm": lambda: layers.UnitNormalization(axis=draw.choice([-1, 1]))(x),
            "rms norm": lambda: layers.RMSNormalization()(x),
            "group norm": lambda: layers.GroupNormalization(draw.choice([-1, 1]))(x),
            "prelu": lambda: layers.PReLU(shared_axes=draw.choice([None, [1]]))(x),
            "leaky": lambda: layers.LeakyReLU(0.2)(x),
            "elu": lambda: layers.ELU(0.7)(x),
            "relu": lambda: layers.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2)(x),
            "softmax": lambda: layers.Softmax(axis=draw.choice([-1, 1]))(x),
            "einsum": lambda: layers.EinsumDense("abc,cd->abd", output_shape=(steps, units), bias_axes="d")(x),
            "einsum time": lambda: layers.EinsumDense("abc,bd->adc", output_shape=(3, size), bias_axes="d")(x),
            "dropout": lambda: layers.SpatialDropout1D(0.2)(layers.GaussianNoise(0.1)(x)),
            "normalization": lambda: layers.Normalization()(x),
            "rescaling": lambda: layers.Rescaling(0.5, offset=0.1)(x),
            "conv": lambda: layers.Conv1D(
                units, 3, padding=padding, dilation_rate=draw.choice([1, 1, 2]), activation=activation
            )(x),
            "strided conv": lambda: layers.Conv1D(units, 3, padding=padding, strides=2)(x),
            "grouped conv": lambda: layers.Conv1D(2 * size, 2, padding=padding, groups=size)(x),
            "separable": lambda: layers.SeparableConv1D(
                units, 2, padding="valid" if padding == "causal" else padding, strides=draw.choice([1, 2])
            )(x),
            "depthwise": lambda: layers.DepthwiseConv1D(2, depth_multiplier=2, padding=draw.choice(["same", "valid"]))(x),
            "spectral": lambda: layers.SpectralNormalization(layers.Conv1D(units, 2, padding="causal"))(x),
            "max pool": lambda: layers.MaxPooling1D(
                draw.choice([2, 3]), strides=draw.choice([None, 1, 2]), padding=draw.choice(["same", "valid"])
            )(x),
            "average pool": lambda: layers.AveragePooling1D(
                draw.choice([2, 3]), strides=draw.choice([None, 1]), padding=draw.choice(["same", "valid"])
            )(x),
            "crop": lambda: layers.Cropping1D((draw.integer(0, 2), draw.integer(0, 1)))(x),
            "up": lambda: layers.UpSampling1D(2)(x),
            "pad": lambda: layers.ZeroPadding1D((draw.integer(0, 2), draw.integer(0, 1)))(x),
            "transposed": lambda: layers.Conv1DTranspose(
                units, 3, strides=draw.choice([1, 2]), padding=draw.choice(["same", "valid"])
            )(x),
            "permute": lambda: layers.Permute((2, 1))(x),
        }  # fmt: skip
        long = dict.fromkeys(
            ["strided conv", "conv", "separable", "max pool", "average pool", "crop", "depthwise"], steps > 6
        )
        short = dict.fromkeys(["up", "transposed"], steps < 13)
        return draw.kind(kinds, long | short | {"permute": size >= 4, "grouped conv": size < 6})

    def grid(self, x):
        """A part over (steps, features, 1), back to a sequence."""
        draw = self.draw
        steps, size = x.shape[1:]
        made = layers.Reshape((steps, size, 1))(x) if draw.chance(0.7) else ops.expand_dims(x, -1)
        height = draw.integer(1, 3)
        width = draw.choice([1, size, 1 + size // 2])
        made = layers.Conv2D(4, (height, width), padding=draw.choice(["same", "valid"]), activation="relu")(made)
        made = draw.kind(
            {
                "max": lambda: layers.MaxPooling2D((2, 1))(made),
                "average": lambda: layers.AveragePooling2D((2, 1), strides=1, padding="same")(made),
                "features": lambda: layers.MaxPooling2D((1, 2), padding="same")(made),
                "batch": lambda: layers.BatchNormalization(axis=draw.choice([-1, -1, 1, 2]))(made),
                "depthwise": lambda: layers.DepthwiseConv2D((2, 1), padding="same")(made),
                "separable": lambda: layers.SeparableConv2D(3, (2, 1), padding="same")(made),
                "groups": lambda: layers.Conv2D(4, 1, groups=2)(made),
                "prelu": lambda: layers.PReLU(shared_axes=[1, 2])(made),
                "up": lambda: layers.UpSampling2D((1, 2))(made),
                "pad": lambda: layers.ZeroPadding2D(((1, 0), (1, 1)))(made),
                "crop": lambda: layers.Cropping2D(((1, 0), (0, 0)))(made),
                "transposed": lambda: layers.Conv2DTranspose(3, (2, 1), strides=(1, 2))(made),
                "none": lambda: made,
            }
        )
        return draw.kind(
            {
                "distributed": lambda: layers.TimeDistributed(layers.Flatten())(made),
                "reshape": lambda: layers.Reshape((made.shape[1], made.shape[2] * made.shape[3]))(made),
                "open": lambda: layers.Reshape((-1, made.shape[2] * made.shape[3]))(made),
                "mean": lambda: ops.mean(made, axis=2),
                "squeezed": lambda: ops.max(made, axis=-1),
            }
        )

    def convolved_lstm(self, x):
        """A ConvLSTM over each step's features, back to a sequence."""
        draw = self.draw
        steps, size = x.shape[1:]
        options = {"padding": draw.choice(["same", "valid"]), "return_sequences": True, "stateful": self.stateful}
        if draw.chance(0.6):
            made = layers.ConvLSTM1D(2, min(2, size), **options)(layers.Reshape((steps, size, 1))(x))
        else:
            made = layers.ConvLSTM2D(2, (1, min(2, size)), **options)(layers.Reshape((steps, 1, size, 1))(x))
        return layers.TimeDistributed(layers.Flatten())(made)

    def sub_windows(self, x):
        """The window in parts, each of which goes through the same layers."""
        draw = self.draw
        steps, size = x.shape[1:]
        parts = next(n for n in (3, 2, 5, 7, 1) if steps % n == 0)
        split = layers.Reshape((parts, steps // parts, size))(x)
        return draw.kind(
            {
                "conv": lambda: layers.TimeDistributed(layers.Flatten())(
                    layers.TimeDistributed(layers.Conv1D(3, 2, padding="same", activation="relu"))(split)
                ),
                "lstm": lambda: layers.TimeDistributed(layers.LSTM(3))(split),
                "pool": lambda: layers.TimeDistributed(layers.GlobalMaxPooling1D())(split),
                "model": lambda: layers.TimeDistributed(
                    Sequential([Input(split.shape[2:]), layers.Conv1D(3, 2), layers.GlobalAveragePooling1D()])
                )(split)
                if steps // parts > 1
                else layers.TimeDistributed(layers.Flatten())(split),
            }
        )

    def encoder_decoder(self, x):
        """An encoder whose states another recurrent layer begins with."""
        draw, units = self.draw, self.draw.integer(2, 4)
        steps = draw.integer(3, 6)
        if draw.chance(0.6):
            last, h, c = layers.LSTM(units, return_state=True, stateful=self.stateful)(x)
            decoder, states = layers.LSTM(units, return_sequences=True), [h, c]
        else:
            last, h = layers.GRU(units, return_state=True, stateful=self.stateful)(x)
            decoder, states = layers.GRU(units, return_sequences=True), [h]
        fed = draw.kind(
            {
                "repeat": lambda: layers.RepeatVector(steps)(last),
                "teacher": lambda: layers.Dense(3)(x),
                "zeros": lambda: layers.RepeatVector(steps)(layers.Dense(2)(h)),
            }
        )
        return decoder(fed, initial_state=states)

    def nested(self, x):
        """A model in the model, and a layer that is called twice."""
        units = self.draw.integer(2, 4)
        if self.draw.chance(0.5):
            inner = Sequential(
                [
                    Input(batch_shape=(x.shape[0], *x.shape[1:])),
                    layers.Conv1D(units, 2, padding="causal"),
                    self.recurrent(units, return_sequences=True),
                ]
            )
            return inner(x)
        shared = layers.Dense(units, activation="tanh")
        return layers.Add()([shared(x), shared(layers.Activation("sigmoid")(x))])
