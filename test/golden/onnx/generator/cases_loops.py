"""Cells within Loop, as tf2onnx writes them, and within Scan, by onnx.helper; numbers by numpy in float64.

    python cases_loops.py ../cases"""
import json, pathlib, sys
import numpy as np, onnx
from onnx import helper, numpy_helper, TensorProto

FLOAT, UNITS, FEATURES, WINDOW = TensorProto.FLOAT, 5, 3, 6
# name: operator, cell, function of the candidate, batch in the file, weights carried through the loop
CASES = {'loop-lstm-relu': ('Loop', 'lstm', 'Relu', 1, False), 'loop-gru': ('Loop', 'gru', 'Tanh', 4, True), 'scan-rnn': ('Scan', 'rnn', 'Tanh', 1, False)}
GATES = {'lstm': 4, 'gru': 3, 'rnn': 1}


def node(operator, inputs, outputs, **attributes):
    return helper.make_node(operator, inputs.split(), outputs.split(), **attributes)


def cell_nodes(cell, act, kernel):
    nodes = [node('MatMul', f'x_t {kernel}', 'zx'), node('MatMul', 'h R', 'zh')]
    if cell == 'rnn':
        return nodes + [node('Add', 'zx zh', 'z0'), node('Add', 'z0 b', 'z'), node(act, 'z', 'h1')]
    if cell == 'lstm':
        nodes += [node('Add', 'zx zh', 'z0'), node('Add', 'z0 b', 'z'), node('Split', 'z', 'i f g o', axis=-1)]
        nodes += [node('Sigmoid', gate, 's' + gate) for gate in 'ifo']
        return nodes + [node(act, 'g', 'sg'), node('Mul', 'sf c', 'kept'), node('Mul', 'si sg', 'new'), node('Add', 'kept new', 'c1'), node(act, 'c1', 'sc'), node('Mul', 'so sc', 'h1')]
    nodes += [node('Add', 'zx b', 'xb'), node('Split', 'xb', 'xz xr xh', axis=-1), node('Split', 'zh', 'hz hr hh', axis=-1), node('Add', 'xz hz', 'az'), node('Sigmoid', 'az', 'sz'), node('Add', 'xr hr', 'ar'), node('Sigmoid', 'ar', 'sr')]
    return nodes + [node('Mul', 'sr hh', 'rh'), node('Add', 'xh rh', 'ac'), node(act, 'ac', 'n'), node('Mul', 'sz h', 'kept'), node('Sub', 'one sz', 'iz'), node('Mul', 'iz n', 'new'), node('Add', 'kept new', 'h1')]


def step(cell, act, weights, x, state):
    """The states after a sample."""
    sigmoid = lambda v: 1 / (1 + np.exp(-v)); function = np.tanh if act == 'Tanh' else lambda v: np.maximum(v, 0)
    w, r, b = (weights[key].astype(np.float64) for key in ('W', 'R', 'b')); h, *c = state
    if cell == 'rnn': return [function(x @ w + h @ r + b)]
    if cell == 'lstm':
        i, f, g, o = np.split(x @ w + h @ r + b, 4); c = sigmoid(f) * c[0] + sigmoid(i) * function(g); return [sigmoid(o) * function(c), c]
    xz, xr, xh = np.split(x @ w + b, 3); hz, hr, hh = np.split(h @ r, 3); z = sigmoid(xz + hz)
    return [z * h + (1 - z) * function(xh + sigmoid(xr + hr) * hh)]


def write(name, folder):
    operator, cell, act, batch, carried = CASES[name]
    rng = np.random.default_rng(len(name)); draw = lambda *shape: rng.uniform(-0.6, 0.6, shape).astype(np.float32); g = GATES[cell]
    weights = {'W': draw(FEATURES, g * UNITS), 'R': draw(UNITS, g * UNITS), 'b': draw(g * UNITS), 'head': draw(UNITS, 2)}
    stored = dict(weights, zeros=np.zeros((batch, UNITS), np.float32), one=np.array(1, np.float32), last=np.array(-1, np.int64))
    info = lambda key, shape, kind=FLOAT: helper.make_tensor_value_info(key, kind, shape)
    before, after = (['h', 'c'], ['h1', 'c1']) if cell == 'lstm' else (['h'], ['h1'])
    states = lambda names: [info(key, [batch, UNITS]) for key in names]
    nodes = cell_nodes(cell, act, 'W_in' if carried else 'W') + [node('Identity', 'h1', 'y_t')]
    zeros = ' '.join('zeros' for _ in before); finals = ' '.join(key + '_n' for key in before)
    if operator == 'Loop':
        stored.update(start=np.array(0, np.int32), increment=np.array(1, np.int32), steps=np.array(WINDOW, np.int32), true=np.array(True), most=np.array(2 ** 31 - 1, np.int64))
        nodes = [node('Gather', 'x_time time', 'x_t', axis=0)] + nodes + [node('Add', 'time increment', 'time1'), node('Less', 'time1 steps', 'less'), node('And', 'less true', 'on')]
        inputs = [info('turn', [], TensorProto.INT64), info('on_in', [], TensorProto.BOOL), info('time', [], TensorProto.INT32)] + states(before); outputs = [info('on', [], TensorProto.BOOL), info('time1', [], TensorProto.INT32)] + states(after)
        if carried: nodes += [node('Identity', 'W_in', 'W_out')]; inputs += [info('W_in', [FEATURES, g * UNITS])]; outputs += [info('W_out', [FEATURES, g * UNITS])]
        body = helper.make_graph(nodes, 'body', inputs, outputs + [info('y_t', [batch, UNITS])])
        whole = node('Loop', f'most true start {zeros}' + (' W' if carried else ''), f'time_n {finals}' + (' W_n' if carried else '') + ' Y', name='loop', body=body)
    else:
        body = helper.make_graph(nodes, 'body', states(before) + [info('x_t', [batch, FEATURES])], states(after) + [info('y_t', [batch, UNITS])])
        whole = node('Scan', f'{zeros} x_time', f'{finals} Y', name='scan', body=body, num_scan_inputs=1)
    graph = helper.make_graph([node('Transpose', 'x', 'x_time', perm=[1, 0, 2]), whole, node('Gather', 'Y last', 'y', axis=0), node('MatMul', 'y head', 'out')], 'loops', [info('x', [batch, WINDOW, FEATURES])], [info('out', [batch, 2])], [numpy_helper.from_array(value, key) for key, value in stored.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 13)], ir_version=7, producer_name='onnx.helper')
    samples = np.round(rng.uniform(-1.2, 1.2, (3 * WINDOW + 1, FEATURES)), 3).astype(np.float32); n = len(samples)

    def rows(x):
        state, found = [np.zeros(UNITS) for _ in before], []
        for sample in x.astype(np.float64): state = step(cell, act, weights, sample, state); found.append([float('%.8g' % v) for v in state[0] @ weights['head'].astype(np.float64)])
        return found

    sequence = [row for start in range(0, n, WINDOW) for row in rows(samples[start:start + WINDOW])]
    case = dict(name=name, about=f'{cell} in the body of a {operator}', file='model.onnx', format='onnx', exporter='onnx.helper', opset=13, source='numpy in float64', features=FEATURES, window=WINDOW, window_in_file=WINDOW, labels=None, expect='ok', streamable=dict(continuous=True, sequence=True, sliding=True), output_sizes=[2],
                input=[[float('%.4g' % v) for v in row] for row in samples], continuous=dict(outputs=rows(samples)), sequence=dict(outputs=sequence), sliding=dict(stride=2, outputs=[rows(samples[i:i + WINDOW])[-1] for i in range(0, n - WINDOW + 1, 2)]), tolerance=1e-5)
    target = pathlib.Path(folder) / name; target.mkdir(parents=True, exist_ok=True)
    onnx.save(model, target / 'model.onnx'); (target / 'case.json').write_text(json.dumps(case, separators=(',', ':')) + '\n')


if __name__ == '__main__':
    for each in CASES: write(each, sys.argv[1])
