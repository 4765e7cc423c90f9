"""Cases of the attributes that exporters seldom write: single recurrent nodes by onnx.helper, with the numbers of
spec_rnn.py in float64, which onnxruntime has confirmed where it runs the node (not layout=1).

    python cases_attributes.py ../cases"""
import json, pathlib, sys
import numpy as np, onnx
from onnx import helper, numpy_helper, TensorProto
import spec_rnn

GATES = {'LSTM': 4, 'GRU': 3, 'RNN': 1}
CASES = {
    'attributes-lstm': ('LSTM', 'peepholes, clip and learned initial states; the head is c', dict(clip=0.9), ('P', 'h0', 'c0', 'B'), 'Yc'),
    'attributes-lstm-functions': ('LSTM', 'input_forget, and another function for each of gates, candidate and state, with alpha and beta', dict(input_forget=1, activations=['HardSigmoid', 'ScaledTanh', 'LeakyRelu'], activation_alpha=[0.3, 0.8, 0.2], activation_beta=[0.4, 0.9]), ('B',), 'both'),
    'attributes-gru': ('GRU', 'linear_before_reset=0 with clip, a learned state and layout=1', dict(clip=0.6, layout=1), ('B', 'h0'), 'Y'),
    'attributes-rnn': ('RNN', 'Affine with clip, without B', dict(clip=0.7, activations=['Affine'], activation_alpha=[0.8], activation_beta=[0.1]), ('h0',), 'Yh'),
    'attributes-bidirectional': ('LSTM', 'all of it in both directions', dict(direction='bidirectional', clip=0.8, input_forget=1, activations=['Sigmoid', 'Softsign', 'Tanh', 'HardSigmoid', 'Tanh', 'Elu']), ('P', 'h0', 'c0', 'B'), 'Y'),
    'attributes-lengths': ('GRU', 'reverse, with sequence_lens shorter than the window', dict(direction='reverse', linear_before_reset=1), ('lens', 'B'), 'Y'),
}


def rounded(rows):
    return [[float('%.8g' % v) for v in row] for row in rows]


def write(name, folder):
    op, about, attributes, parts, head = CASES[name]
    rng = np.random.default_rng(len(name)); units, features, window = 5, 3, 6
    direction = attributes.get('direction', 'forward'); d = 2 if direction == 'bidirectional' else 1; g = GATES[op]
    draw = lambda *shape: rng.uniform(-0.6, 0.6, shape).astype(np.float32)
    tensors = {'W': draw(d, g * units, features), 'R': draw(d, g * units, units)}
    drawn = {'B': draw(d, 2 * g * units), 'lens': np.array([4], np.int32), 'h0': draw(d, 1, units), 'c0': draw(d, 1, units), 'P': draw(d, 3 * units)}
    tensors.update({part: drawn[part] for part in parts})
    batch_first = attributes.get('layout', 0) == 1
    inputs = ['X', 'W', 'R'] + [part if part in parts else '' for part in ['B', 'lens', 'h0', 'c0', 'P'][:5 if op == 'LSTM' else 3]]
    outputs = {'Y': ['Y'], 'Yh': ['', 'Yh'], 'Yc': ['', '', 'Yc'], 'both': ['', 'Yh', 'Yc']}[head]
    nodes = [helper.make_node(op, inputs, outputs, name='cell', hidden_size=units, **attributes)]
    stored = dict(tensors)
    for state in ('h0', 'c0'):
        if batch_first and state in stored: stored[state] = stored[state].transpose(1, 0, 2).copy()
    stored['row'] = np.array([1, -1], np.int64)
    if head == 'Y':
        stored['last'] = np.array(3 if 'lens' in parts else -1, np.int64)
        nodes += [helper.make_node('Gather', ['Y', 'last'], ['step'], axis=1 if batch_first else 0), helper.make_node('Reshape', ['step', 'row'], ['out'])]
    elif head == 'both':
        nodes += [helper.make_node('Concat', ['Yh', 'Yc'], ['joined'], axis=2), helper.make_node('Reshape', ['joined', 'row'], ['out'])]
    else:
        nodes += [helper.make_node('Reshape', [head, 'row'], ['out'])]
    shape = [1, window, features] if batch_first else [window, 1, features]
    graph = helper.make_graph(nodes, 'attributes', [helper.make_tensor_value_info('X', TensorProto.FLOAT, shape)], [helper.make_tensor_value_info('out', TensorProto.FLOAT, None)], [numpy_helper.from_array(value, key) for key, value in stored.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 14)], ir_version=8, producer_name='onnx.helper')
    samples = np.round(rng.uniform(-1.2, 1.2, (3 * window + 1, features)), 3).astype(np.float32)

    def run(x):
        keys = dict(acts='activations', alpha='activation_alpha', beta='activation_beta', clip='clip', input_forget='input_forget', linear_before_reset='linear_before_reset')
        options = {key: attributes[attribute] for key, attribute in keys.items() if attribute in attributes}
        states = {key: tensors.get(key) for key in ('B', 'h0', 'c0', 'P', 'lens')}
        y, yh, yc = spec_rnn.run(op, x[:, None, :], tensors['W'], tensors['R'], direction=direction, **options, **states)
        return {'Y': y[3 if 'lens' in parts else -1].reshape(-1), 'Yh': yh.reshape(-1), 'Yc': yc.reshape(-1), 'both': np.concatenate([yh.reshape(-1), yc.reshape(-1)])}[head]

    n = len(samples); stepwise = direction == 'forward'
    case = dict(name=name, about=f'{op}: {about}', file='model.onnx', format='onnx', exporter='onnx.helper', opset=14, source='spec_rnn.py in float64', features=features, window=window, window_in_file=window, labels=None, expect='ok',
                parameters=int(sum(v.size for k, v in tensors.items() if k != 'lens')), streamable=dict(continuous=stepwise, sequence=stepwise, sliding=True), output_sizes=[len(run(samples[:window]))], input=[[float('%.4g' % v) for v in row] for row in samples])
    if stepwise:
        case['continuous'] = dict(outputs=rounded(run(samples[:i + 1]) for i in range(n)))
        case['sequence'] = dict(outputs=rounded(run(samples[i // window * window:i + 1]) for i in range(n)))
    else:
        word = 'sequence_lens' if 'lens' in parts else direction
        case['mode_refuse_because'] = dict(continuous=word, sequence=word)
    case['sliding'] = dict(stride=2, outputs=rounded(run(samples[i:i + window]) for i in range(0, n - window + 1, 2)))
    case['tolerance'] = 1e-5
    target = pathlib.Path(folder) / name; target.mkdir(parents=True, exist_ok=True)
    onnx.save(model, target / 'model.onnx'); (target / 'case.json').write_text(json.dumps(case, separators=(',', ':')) + '\n')


if __name__ == '__main__':
    for each in CASES: write(each, sys.argv[1])
