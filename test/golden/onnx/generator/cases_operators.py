"""Cases of what exporters seldom write of the operators around a recurrent one, several to a file: by onnx.helper, with the
numbers of onnxruntime, in float32 and without its optimisations, which would quantise what DequantizeLinear feeds.

    python cases_operators.py ../cases"""
import json, pathlib, sys
import numpy as np, onnx, onnxruntime
from onnx import helper, numpy_helper, TensorProto

T, F, H, N = 8, 4, 6, 12
make = helper.make_node


def spans(draw):
    """Convolutions and pools: pads beyond the kernel, shapes that are asked for, ceil_mode with an output that begins in the padding."""
    yield 'Conv', dict(pads=[5, 0]), dict(w=draw(3, H, 3), b=draw(3))
    yield 'ConvTranspose', dict(strides=[2], auto_pad='SAME_UPPER'), dict(w=draw(H, 2, 3), b=draw(2))
    yield 'ConvTranspose', dict(strides=[2], auto_pad='SAME_LOWER'), dict(w=draw(H, 2, 3), b=draw(2))
    yield 'ConvTranspose', dict(strides=[2], output_shape=[16], group=2), dict(w=draw(H, 1, 3), b=draw(2))
    yield 'AveragePool', dict(kernel_shape=[2], strides=[3], pads=[1, 1], ceil_mode=1), {}
    yield 'MaxPool', dict(kernel_shape=[3], strides=[2], ceil_mode=1), {}
    yield 'MaxPool', dict(kernel_shape=[3], dilations=[2], pads=[2, 2]), {}
    yield 'AveragePool', dict(kernel_shape=[2], dilations=[3], strides=[2], pads=[1, 1]), {}


def arithmetic(draw):
    """Norms and products: scales that are broadcast, rows of C, numbers around the window, weights of 4 bits in blocks."""
    half = helper.make_tensor('q', TensorProto.INT4, [H, 3], [(5 * i) % 16 - 8 for i in range(3 * H)])
    yield 'Selu', dict(alpha=1.5, gamma=1.2), {}
    yield 'LayerNormalization', dict(axis=1, epsilon=1e-3), dict(w=draw(H), b=draw(H))
    yield 'Pad', {}, dict(p=np.array([0, 2, 1, 0, 1, 0]), v=np.float32(0.5))
    yield 'MatMul', dict(left=True), dict(w=draw(1, 3, T))
    yield 'Gemm', dict(alpha=0.5, beta=2.0), dict(w=draw(H, 3), c=draw(T, 3))
    yield 'DequantizeLinear', dict(axis=0, block_size=2), dict(q=half, s=abs(draw(3, 3)))
    yield 'Gather', dict(axis=2), dict(i=np.array([[3, 1], [0, 5]]))


def choices(draw):
    """Comparisons with the samples on either side, and choices by them, as exporters write Softplus with its threshold."""
    for operator in ('Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual', 'Equal'):
        yield operator, {}, dict(c=np.float32(0.2))
        yield operator, dict(left=True), dict(c=draw(H))
    yield 'And', {}, dict(c=np.float32(0.1))
    yield 'Or', {}, dict(c=draw(T, 1))
    yield 'Not', {}, dict(c=np.float32(0.1))
    yield 'Where', {}, dict(c=np.float32(0.1), other=draw(H))


def write(name, parts, folder):
    rng = np.random.default_rng(len(name)); draw = lambda *shape: rng.uniform(-0.8, 0.8, shape).astype(np.float32)
    tensors = dict(W=draw(1, H, F), R=draw(1, H, H), one=np.array([1]), zero=np.array([0]), row=np.array([1, -1]))
    nodes = [make('Transpose', ['x'], ['steps'], perm=[1, 0, 2]), make('RNN', ['steps', 'W', 'R'], ['y'], name='rnn', hidden_size=H), make('Squeeze', ['y', 'one'], ['s']), make('Transpose', ['s'], ['v'], perm=[1, 0, 2]), make('Transpose', ['v'], ['channels'], perm=[0, 2, 1]), make('Squeeze', ['v', 'zero'], ['plane'])]
    made = []
    for i, (operator, attributes, own) in enumerate(parts(draw)):
        names = {key: f'{key}{i}' for key in own}
        tensors.update({names[key]: value for key, value in own.items()})
        inputs, left = list(names.values()), attributes.pop('left', False)
        if parts is choices:
            greater = make('Greater', ['v', inputs[0]], [f'g{i}'])
            bits = {'And': [greater, make('Less', ['v', 'half'], [f'l{i}']), make('And', [f'g{i}', f'l{i}'], [f'b{i}'])], 'Or': [greater, make('Less', ['v', 'half'], [f'l{i}']), make('Or', [f'g{i}', f'l{i}'], [f'b{i}'])], 'Not': [greater, make('Not', [f'g{i}'], [f'b{i}'])]}
            tensors['half'] = np.float32(0.5)
            if operator == 'Where': nodes += [greater, make('Where', [f'g{i}', 'v', inputs[1]], [f'o{i}'])]
            else: nodes += [*bits.get(operator, [make(operator, [inputs[0], 'v'] if left else ['v', inputs[0]], [f'b{i}'])]), make('Cast', [f'b{i}'], [f'o{i}'], to=TensorProto.FLOAT)]
        elif operator == 'DequantizeLinear':
            nodes += [make(operator, inputs, [f'f{i}'], **attributes), make('MatMul', ['v', f'f{i}'], [f'o{i}'])]
        else:
            source = 'plane' if operator == 'Gemm' else 'channels' if parts is spans else 'v'
            nodes.append(make(operator, [*inputs, source] if left else [source, *inputs], [f'o{i}'], name=f'{operator}_{i}', **attributes))
        nodes.append(make('Reshape', [f'o{i}', 'row'], [f'r{i}'])); made.append(f'r{i}')
    nodes.append(make('Concat', made, ['out'], axis=1))
    stored = []
    for key, value in tensors.items():
        if isinstance(value, onnx.TensorProto): value.name = key
        stored.append(value if isinstance(value, onnx.TensorProto) else numpy_helper.from_array(np.asarray(value), key))
    graph = helper.make_graph(nodes, name, [helper.make_tensor_value_info('x', TensorProto.FLOAT, [1, T, F])], [helper.make_tensor_value_info('out', TensorProto.FLOAT, None)], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 21)], ir_version=10, producer_name='onnx.helper')
    samples = np.round(rng.uniform(-1.2, 1.2, (N, F)), 3).astype(np.float32)
    options = onnxruntime.SessionOptions(); options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=['CPUExecutionProvider'])
    outputs = [[float('%.8g' % v) for v in session.run(None, {'x': samples[None, i:i + T]})[0].reshape(-1)] for i in range(0, N - T + 1, 2)]
    case = dict(name=name, about=parts.__doc__, file='model.onnx', format='onnx', exporter='onnx.helper', opset=21, source=f'onnxruntime {onnxruntime.__version__}', features=F, window=T, window_in_file=T, labels=None, expect='ok',
                streamable=dict(continuous=False, sequence=False, sliding=True), mode_refuse_because=dict(continuous='window', sequence='window'), output_sizes=[len(outputs[0])], input=[[float('%.4g' % v) for v in row] for row in samples], sliding=dict(stride=2, outputs=outputs), tolerance=1e-5)
    target = pathlib.Path(folder) / name; target.mkdir(parents=True, exist_ok=True)
    onnx.save(model, target / 'model.onnx'); (target / 'case.json').write_text(json.dumps(case, separators=(',', ':')) + '\n')


if __name__ == '__main__':
    write('operators-spans', spans, sys.argv[1]); write('operators-arithmetic', arithmetic, sys.argv[1]); write('operators-choices', choices, sys.argv[1])
