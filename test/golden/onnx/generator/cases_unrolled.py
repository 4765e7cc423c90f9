"""Keras' unroll=True and Masking in the words of tf2onnx, by onnx.helper: the steps by Split and Squeeze, zeros of the samples'
batch, each state chosen by the mask; numbers by numpy in float64, files checked with onnxruntime.

    python cases_unrolled.py ../cases"""
import json, pathlib, sys
import numpy as np, onnx, onnxruntime
from onnx import helper, numpy_helper, TensorProto

FEATURES, UNITS, WINDOW, OUTPUTS = 3, 4, 5, 2
sigmoid = lambda v: 1 / (1 + np.exp(-v))


class Graph:
    def __init__(self, opset, seed): self.opset, self.rng, self.nodes, self.stored = opset, np.random.default_rng(seed), [], {}

    def store(self, name, value): self.stored[name] = np.asarray(value); return name

    def draw(self, name, *shape): return self.store(name, self.rng.uniform(-0.6, 0.6, shape).astype(np.float32))

    def add(self, operator, inputs, output, **attributes):
        outputs = output if isinstance(output, list) else [output]
        self.nodes.append(helper.make_node(operator, inputs, outputs, name=outputs[0].split(':')[0], **attributes)); return output

    def wholes(self, operator, inputs, output, key, values, **attributes):
        """whole numbers that are an attribute below opset 13, and an input from it on"""
        if self.opset < 13: return self.add(operator, inputs, output, **{key: values}, **attributes)
        return self.add(operator, [*inputs, self.store(f'{key} {values}', np.array(values, np.int64))], output, **attributes)

    def split(self, value, count, sizes, axis, name): return self.wholes('Split', [value], [f'{name}:{i}' for i in range(count)], 'split', sizes, axis=axis)

    def layer(self, cell, x, features, name, backwards, whole):
        gates = dict(lstm=4, rnn=1)[cell]; W, R, b = self.draw(f'{name}/W', features, gates * UNITS), self.draw(f'{name}/R', UNITS, gates * UNITS), self.draw(f'{name}/b', gates * UNITS)
        self.add('Transpose', [x], f'{name}/transpose:0', perm=[1, 0, 2]); self.add('Shape', [x], f'{name}/Shape:0'); self.add('Gather', [f'{name}/Shape:0', self.store('first', np.array([0]))], f'{name}/batch:0', axis=0)
        zeros = self.add('Expand', [self.store('zero', np.float32(0)), self.add('Concat', [f'{name}/batch:0', self.store('units', np.array([UNITS]))], f'{name}/dims:0', axis=0)], f'{name}/zeros:0')
        steps = [self.wholes('Squeeze', [one], f'{name}/step_{i}:0', 'axes', [0]) for i, one in enumerate(self.split(f'{name}/transpose:0', WINDOW, [1] * WINDOW, 0, f'{name}/unstack'))]
        h = c = zeros; outputs = []
        for t, step in enumerate(steps[::-1] if backwards else steps):
            p = f'{name}/cell_{t}'; before = (h, c)
            z = self.add('Add', [self.add('Add', [self.add('MatMul', [step, W], p + '/MatMul:0'), self.add('MatMul', [h, R], p + '/MatMul_1:0')], p + '/add:0'), b], p + '/BiasAdd:0')
            if cell == 'lstm':
                i, f, g, o = self.split(z, 4, [UNITS] * 4, 1, p + '/split'); i, f, o = (self.add('Sigmoid', [one], p + f'/Sigmoid_{n}:0') for n, one in enumerate((i, f, o)))
                c = self.add('Add', [self.add('Mul', [f, c], p + '/mul:0'), self.add('Mul', [i, self.add('Tanh', [g], p + '/Tanh:0')], p + '/mul_1:0')], p + '/add_1:0'); h = self.add('Mul', [o, self.add('Tanh', [c], p + '/Tanh_1:0')], p + '/mul_2:0')
            else: h = self.add('Tanh', [z], p + '/Tanh:0')
            seen = self.add('Cast', [self.add('Not', [self.add('Equal', [step, self.store('masked', np.float32(-1))], p + '/Equal:0')], p + '/NotEqual:0')], p + '/Cast:0', to=TensorProto.FLOAT) if features == FEATURES else None
            if seen:
                seen = self.add('Greater', [self.add('ReduceMax', [seen], p + '/Any:0', axes=[1], keepdims=1), 'zero'], p + '/Greater:0')
                h, c = (self.add('Where', [seen, now, old], p + f'/Select_{n}:0') if now != old else now for n, (now, old) in enumerate(zip((h, c), before)))
            outputs.append(h)
        if not whole: return h
        stacked = self.add('Concat', [self.wholes('Unsqueeze', [one], f'{name}/pack_{i}:0', 'axes', [0]) for i, one in enumerate(outputs)], f'{name}/stack:0', axis=0)
        return self.add('Transpose', [stacked], f'{name}/transpose_1:0', perm=[1, 0, 2])

    def reference(self, cell, x, name, seen, backwards):
        W, R, b = (self.stored[f'{name}/{key}'].astype(np.float64) for key in 'WRb'); h = c = np.zeros(UNITS); outputs = []
        for step, is_seen in list(zip(x, seen))[::-1 if backwards else 1]:
            z = step @ W + h @ R + b
            if is_seen and cell == 'lstm': i, f, g, o = np.split(z, 4); c = sigmoid(f) * c + sigmoid(i) * np.tanh(g); h = sigmoid(o) * np.tanh(c)
            elif is_seen: h = np.tanh(z)
            outputs.append(h)
        return np.array(outputs)


def write(folder, name, about, opset, build, reference, stepwise):
    graph = Graph(opset, len(name)); last, width = build(graph); graph.draw('head', width, OUTPUTS); graph.add('MatMul', [last, 'head'], 'dense')
    made = helper.make_graph(graph.nodes, 'tf2onnx', [helper.make_tensor_value_info('x', TensorProto.FLOAT, ['unk__9', WINDOW, FEATURES])], [helper.make_tensor_value_info('dense', TensorProto.FLOAT, ['unk__10', OUTPUTS])], [numpy_helper.from_array(value, key) for key, value in graph.stored.items()])
    model = helper.make_model(made, opset_imports=[helper.make_opsetid('', opset)], ir_version=7, producer_name='onnx.helper')
    samples = np.round(graph.rng.uniform(-1.2, 1.2, (2 * WINDOW + 3, FEATURES)), 3).astype(np.float32); samples[[2, 6, 7]] = -1; n = len(samples)
    row = lambda x: [float('%.8g' % v) for v in reference(graph, x.astype(np.float64), (x != -1).any(1)) @ graph.stored['head'].astype(np.float64)]
    case = dict(name=name, about=about, file='model.onnx', format='onnx', exporter='onnx.helper', opset=opset, source='numpy in float64', features=FEATURES, window=WINDOW, window_in_file=WINDOW, labels=None, expect='ok', streamable=dict(continuous=stepwise, sequence=stepwise, sliding=True), output_sizes=[OUTPUTS], input=[[float('%.4g' % v) for v in one] for one in samples])
    if stepwise: case.update(continuous=dict(outputs=[row(samples[:i + 1]) for i in range(n)]), sequence=dict(outputs=[row(samples[i // WINDOW * WINDOW:i + 1]) for i in range(n)]))
    else: case['mode_refuse_because'] = dict(continuous='from its end', sequence='from its end')
    case['sliding'] = dict(stride=2, outputs=[row(samples[i:i + WINDOW]) for i in range(0, n - WINDOW + 1, 2)]); case['tolerance'] = 1e-5
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])
    for i, expected in enumerate(case['sliding']['outputs']): np.testing.assert_allclose(session.run(None, {'x': samples[None, 2 * i:2 * i + WINDOW]})[0][0], expected, atol=1e-5)
    target = pathlib.Path(folder) / name; target.mkdir(parents=True, exist_ok=True)
    onnx.save(model, target / 'model.onnx'); (target / 'case.json').write_text(json.dumps(case, separators=(',', ':')) + '\n')


if __name__ == '__main__':
    write(sys.argv[1], 'unrolled-masked', 'two LSTMs with unroll=True, the lower one masked', 11, lambda g: (g.layer('lstm', g.layer('lstm', 'x', FEATURES, 'lower', False, True), UNITS, 'upper', False, False), UNITS),
          lambda g, x, seen: g.reference('lstm', g.reference('lstm', x, 'lower', seen, False), 'upper', np.ones(len(x), bool), False)[-1], True)
    both = lambda g: (g.add('Concat', [g.layer('rnn', 'x', FEATURES, 'forward', False, False), g.layer('rnn', 'x', FEATURES, 'backward', True, False)], 'concat:0', axis=-1), 2 * UNITS)
    write(sys.argv[1], 'unrolled-both-ways', 'a Bidirectional SimpleRNN with unroll=True, masked: both directions take the same steps', 13, both,
          lambda g, x, seen: np.concatenate([g.reference('rnn', x, name, seen, name == 'backward')[-1] for name in ('forward', 'backward')]), False)
