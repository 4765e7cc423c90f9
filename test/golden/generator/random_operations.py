"""Operations on tensors and joined branches of drawn models: (steps, size) to (steps, size)."""

import numpy as np
from keras import layers, ops

from drawing import Draw


def operated(draw: Draw, x):
    """An operation between layers, as people write them."""
    steps, size = x.shape[1:]
    axis = draw.choice([-1, -1, 1])
    part = draw.integer(1, max(1, size - 1))
    kinds = {
        "magnitude": lambda: ops.concatenate([x, ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True))], axis=-1),
        "norm": lambda: ops.concatenate([x, ops.norm(x, axis=-1, keepdims=True)], axis=-1),
        "magnitude 2": lambda: ops.expand_dims(ops.sqrt(ops.sum(x**2, axis=2) + 1e-3), axis=-1),
        "centred": lambda: x - ops.mean(x, axis=axis, keepdims=True),
        "where": lambda: ops.where(x > 0.1, x, 0.3 * x),
        "where rows": lambda: ops.where(ops.max(x, axis=-1, keepdims=True) > 0.4, x, ops.tanh(x)),
        "cumsum": lambda: ops.clip(ops.cumsum(x, axis=axis), -3, 3),
        "roll": lambda: ops.roll(x, draw.choice([1, -1]), axis=axis),
        "flip": lambda: ops.flip(x, axis=axis),
        "pad": lambda: ops.pad(x, [[0, 0], [1, 0], [0, 1]]),
        "diff": lambda: ops.concatenate([ops.diff(x, axis=1), x[:, :1]], axis=1),
        "diff 2": lambda: ops.diff(x, axis=1),
        "differences": lambda: x[:, 1:] - x[:, :-1],
        "gated": lambda: ops.tanh(x) * ops.exp(-ops.abs(x)),
        "scaled": lambda: x / (ops.std(x, axis=axis, keepdims=True) + 0.5),
        "variance": lambda: ops.concatenate([x, ops.var(x, axis=-1, keepdims=True)], axis=-1),
        "first": lambda: x[..., :part],
        "last": lambda: x[:, :, -part:],
        "every": lambda: x[..., ::2],
        "reversed": lambda: x[..., ::-1],
        "reversed time": lambda: x[:, ::-1],
        "tail": lambda: x[:, -min(4, steps):],
        "thinned": lambda: x[:, ::2, :],
        "one": lambda: x[..., 0:1] * x,
        "one squeezed": lambda: ops.stack([x[..., 0], x[..., -1]], axis=-1),
        "split": lambda: ops.concatenate(ops.split(x, size, axis=-1)[::-1], axis=-1),
        "take": lambda: ops.take(x, [size - 1, 0], axis=-1),
        "repeat": lambda: ops.repeat(x, 2, axis=axis),
        "tile": lambda: ops.tile(x, (1, 1, 2)),
        "matmul": lambda: ops.matmul(x, np.linspace(-1, 1, size * 3, dtype="float32").reshape(size, 3)),
        "gram": lambda: ops.matmul(x, ops.transpose(x, (0, 2, 1))),
        "einsum": lambda: ops.einsum("btf,bsf->bts", x, x) / 4.0,
        "softmax": lambda: ops.softmax(x, axis=axis),
        "log softmax": lambda: ops.log_softmax(x, axis=-1),
        "sum exp": lambda: ops.logsumexp(x, axis=-1, keepdims=True) + x,
        "clipped": lambda: ops.clip(x, -0.5, 0.5),
        "maximum": lambda: ops.maximum(x, 0.2 - x),
        "minimum": lambda: ops.minimum(x, np.linspace(-1, 1, size, dtype="float32")),
        "range": lambda: ops.max(x, axis=-1, keepdims=True) - ops.min(x, axis=-1, keepdims=True) + x,
        "truths": lambda: x * ops.cast(ops.logical_or(x > 0.3, x < -0.3), "float32"),
        "largest": lambda: ops.cast(ops.expand_dims(ops.argmax(x, axis=-1), -1), "float32") + x,
        "one hot": lambda: ops.one_hot(ops.argmax(x, axis=-1), size),
        "logarithm": lambda: ops.log1p(ops.abs(x)),
        "power": lambda: ops.power(ops.abs(x) + 0.1, 1.5),
        "trigonometric": lambda: ops.concatenate([ops.sin(x), ops.cos(x)], axis=-1),
        "reciprocal": lambda: 1.0 / (1.0 + ops.square(x)),
        "sign": lambda: ops.sign(x) * ops.sqrt(ops.abs(x)),
        "rsqrt": lambda: x * ops.rsqrt(ops.sum(ops.square(x), axis=-1, keepdims=True) + 0.1),
        "floor": lambda: ops.floor(x * 2.0),
        "arctan": lambda: ops.arctan2(x, x[..., :1] + 2.0),
        "median": lambda: x - ops.median(x, axis=-1, keepdims=True),
        "squeezed": lambda: ops.squeeze(ops.expand_dims(x, 2), 2),
        "turned": lambda: ops.swapaxes(ops.swapaxes(x, 1, 2), 1, 2),
        "activations": lambda: ops.relu(x) + ops.sigmoid(x) + ops.silu(x) + ops.leaky_relu(x, 0.1) + ops.elu(x),
        "gelu": lambda: ops.gelu(x, approximate=draw.chance(0.5)),
        "reshaped": lambda: ops.reshape(x, (-1, steps, size)),
        "halves": lambda: ops.reshape(x, (-1, steps // 2, 2 * size)),
        "normalize": lambda: ops.normalize(x, axis=axis),
        "modulo": lambda: ops.mod(ops.abs(x), 0.7),
        "nan": lambda: ops.nan_to_num(x),
        "broadcast": lambda: x * ops.mean(x, axis=1, keepdims=True) + ops.ones_like(x),
    }  # fmt: skip
    return draw.kind(kinds, {"halves": steps % 2 == 0 and steps > 6, "thinned": steps > 6, "gram": steps < 9, "einsum": steps < 9})


def merged(draw: Draw, x, left, right):
    """Two branches of (steps, units) that come together again."""
    units = left.shape[-1]
    causal = draw.chance(0.5)
    mode = draw.choice(["dot", "concat"])
    kinds = {
        "add": lambda: layers.Add()([left, right]),
        "subtract": lambda: layers.Subtract()([left, right]),
        "multiply": lambda: layers.Multiply()([left, right]),
        "average": lambda: layers.Average()([left, right, left]),
        "maximum": lambda: layers.Maximum()([left, right]),
        "minimum": lambda: layers.Minimum()([left, right]),
        "concatenate": lambda: layers.Concatenate(axis=draw.choice([1, -1, -1]))([left, right]),
        "attention": lambda: layers.Attention(use_scale=draw.chance(0.5), score_mode=mode)(
            [left, right], use_causal_mask=causal
        ),
        "additive": lambda: layers.AdditiveAttention(use_scale=draw.chance(0.5))([left, right], use_causal_mask=causal),
        "heads": lambda: layers.MultiHeadAttention(
            draw.choice([1, 2]), 2, value_dim=draw.choice([None, 3]), use_bias=draw.chance(0.7)
        )(left, right, use_causal_mask=causal),
        "grouped": lambda: layers.GroupQueryAttention(2, 4, 2)(left, right, use_causal_mask=causal),
        "transformer": lambda: layers.LayerNormalization()(left + layers.MultiHeadAttention(2, 2)(left, left)),
        "excite": lambda: layers.Multiply()([left, layers.Dense(units, "sigmoid")(layers.GlobalAveragePooling1D()(right))]),
        "excite row": lambda: layers.Multiply()(
            [left, layers.Reshape((1, units))(layers.Dense(units, "sigmoid")(layers.GlobalMaxPooling1D()(right)))]
        ),
        "dot": lambda: layers.Dot(axes=draw.choice([(2, 2), (1, 1)]), normalize=draw.chance(0.3))([left, right]),
        "weighted": lambda: layers.Multiply()([left, layers.Softmax(axis=1)(layers.Dense(1)(right))]),
        "hand made": lambda: layers.Multiply()(
            [
                left,
                layers.Permute((2, 1))(
                    layers.RepeatVector(units)(layers.Activation("softmax")(layers.Flatten()(layers.Dense(1)(left))))
                ),
            ]
        ),
        "context": lambda: layers.Concatenate()([left, layers.RepeatVector(left.shape[1])(layers.LSTM(units)(right))]),
        "product": lambda: ops.matmul(ops.softmax(ops.matmul(left, ops.transpose(right, (0, 2, 1)))), right),
        "difference": lambda: left - right,
        "quotient": lambda: left / (1.0 + ops.abs(right)),
    }  # fmt: skip
    return draw.kind(kinds)
