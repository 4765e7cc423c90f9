"""Functions that few exporters write, behind a projection and before an RNN, so that each step is computed in every mode: by
onnx.helper, with the numbers of numpy in float64 and the file checked with onnxruntime.

    python cases_functions.py ../cases [name]"""
import json, math, pathlib, sys
import numpy as np, onnx, onnxruntime
from onnx import helper, numpy_helper, TensorProto

T, F, H, N = 6, 3, 4, 20
make = helper.make_node
erf = np.vectorize(math.erf)


def error_function(draw):
    """Erf outside of GELU: of the samples, of what is scaled as GELU's is, and in a GELU whose error function is read twice"""
    root = np.float32(1 / math.sqrt(2))
    own = dict(root=root, one=np.float32(1), half=np.float32(0.5))
    nodes = [make('Erf', ['p'], ['bare'], name='bare'), make('Mul', ['p', 'root'], ['scaled']), make('Erf', ['scaled'], ['e'], name='shared'), make('Add', ['e', 'one'], ['up']), make('Mul', ['p', 'up'], ['twice']), make('Mul', ['twice', 'half'], ['gelu']), make('Concat', ['bare', 'e', 'gelu'], ['q'], axis=2)]
    return nodes, own, lambda p: np.concatenate([erf(p), erf(p * root), p * (1 + erf(p * root)) / 2], -1)


def powers(draw):
    """Pow with an exponent for each feature, with an exponent that is no half, and of a base that is constant"""
    own = dict(each=np.array([3, 2, 0.5, -1], np.float32), cube=np.float32(3), root=np.float32(1.7), two=np.float32(2), bases=np.array([0.5, 1, 3, 10], np.float32))
    nodes = [make('Abs', ['p'], ['a']), make('Add', ['a', 'two'], ['above']), make('Pow', ['above', 'each'], ['o1'], name='each'), make('Pow', ['p', 'cube'], ['o2'], name='cube'), make('Pow', ['above', 'root'], ['o3'], name='root'), make('Pow', ['two', 'p'], ['o4'], name='two'), make('Pow', ['bases', 'p'], ['o5'], name='bases'), make('Concat', ['o1', 'o2', 'o3', 'o4', 'o5'], ['q'], axis=2)]
    return nodes, own, lambda p: np.concatenate([(abs(p) + 2) ** own['each'], p ** 3, (abs(p) + 2) ** np.float64(own['root']), 2 ** p, np.float64(own['bases']) ** p], -1)


def pooled(kernel, dilation, stride):
    """windows of a pool whose inputs are apart"""
    def run(p, take):
        last = len(p) - dilation * (kernel - 1)
        return np.array([take(p[i:i + dilation * (kernel - 1) + 1:dilation], 0) for i in range(0, last, stride)])
    return run


def pools(draw):
    """MaxPool and AveragePool with dilations, one behind the other"""
    nodes = [make('Transpose', ['p'], ['channels'], perm=[0, 2, 1]), make('MaxPool', ['channels'], ['m'], name='most', kernel_shape=[2], dilations=[2]), make('AveragePool', ['m'], ['mean'], name='mean', kernel_shape=[2], dilations=[2]), make('Transpose', ['mean'], ['q'], perm=[0, 2, 1])]
    return nodes, {}, lambda p: pooled(2, 2, 1)(pooled(2, 2, 1)(p, np.max), np.mean) if len(p) > 4 else p[:0]


def planes(draw):
    """Conv over (batch, 1, time, features): a kernel of one feature, one along the features with groups, one of all features"""
    own = dict(along=draw(2, 1, 3, 1), bias=draw(2), beside=draw(4, 1, 1, 2), every=draw(3, 4, 2, 3), axis=np.array([1]), last=np.array([3]))
    nodes = [make('Unsqueeze', ['p', 'axis'], ['plane']), make('Conv', ['plane', 'along', 'bias'], ['a'], name='along', pads=[2, 0, 0, 0]), make('Relu', ['a'], ['r']), make('Conv', ['r', 'beside'], ['b'], name='beside', group=2), make('Conv', ['b', 'every'], ['c'], name='every', pads=[1, 0, 0, 0]), make('Squeeze', ['c', 'last'], ['d']), make('Transpose', ['d'], ['q'], perm=[0, 2, 1])]

    def run(p):
        plane = np.concatenate([np.zeros((2, H)), p])[:, None]
        conv = lambda v, w, groups=1: np.array([[[np.sum(v[t:t + w.shape[2], g * w.shape[1]:(g + 1) * w.shape[1], f:f + w.shape[3]] * w[o].transpose(1, 0, 2)) for f in range(v.shape[2] - w.shape[3] + 1)] for o in range(len(w)) for g in [o * groups // len(w)]] for t in range(len(v) - w.shape[2] + 1)])
        a = np.maximum(conv(plane, own['along'].astype(np.float64)) + own['bias'].astype(np.float64)[None, :, None], 0)
        b = conv(a, own['beside'].astype(np.float64), 2)
        return conv(np.concatenate([np.zeros((1, *b.shape[1:])), b]), own['every'].astype(np.float64))[:, :, 0]
    return nodes, own, run


parts = {'functions-erf': error_function, 'functions-power': powers, 'functions-pool-dilated': pools, 'functions-conv-plane': planes}


def write(name, folder):
    rng = np.random.default_rng(len(name)); draw = lambda *shape: rng.uniform(-0.8, 0.8, shape).astype(np.float32)
    nodes, own, function = parts[name](draw)
    tensors = dict(P=draw(F, H), **own)
    project = lambda x: x.astype(np.float64) @ tensors['P'].astype(np.float64)
    width = function(project(np.ones((T, F)))).shape[-1]
    tensors.update(W=draw(1, 2, width) / 4, R=draw(1, 2, 2), ones=np.array([0]))
    nodes = [make('MatMul', ['x', 'P'], ['p'], name='project'), *nodes, make('Transpose', ['q'], ['steps'], perm=[1, 0, 2]), make('RNN', ['steps', 'W', 'R'], ['', 'h'], name='rnn', hidden_size=2), make('Squeeze', ['h', 'ones'], ['out'])]
    graph = helper.make_graph(nodes, name, [helper.make_tensor_value_info('x', TensorProto.FLOAT, [1, T, F])], [helper.make_tensor_value_info('out', TensorProto.FLOAT, [1, 2])], [numpy_helper.from_array(np.asarray(v), k) for k, v in tensors.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 19)], ir_version=9, producer_name='onnx.helper'); onnx.checker.check_model(model)
    samples = np.round(rng.uniform(-1.2, 1.2, (N, F)), 3).astype(np.float32)

    def outputs(x):
        q, h = function(project(x)), np.zeros(2)
        for step in q: h = np.tanh(tensors['W'][0].astype(np.float64) @ step + tensors['R'][0].astype(np.float64) @ h)
        return h if len(q) else None
    row = lambda v: None if v is None else [float('%.8g' % one) for one in v]
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])
    starts = range(0, N - T + 1, 2)
    far = max(np.max(np.abs(session.run(None, {'x': samples[None, i:i + T]})[0][0] - outputs(samples[i:i + T]))) for i in starts)
    assert far < 3e-6, far
    case = dict(name=name, about=parts[name].__doc__, file='model.onnx', format='onnx', exporter='onnx.helper', opset=19, source=f'float64 by numpy; file checked with onnxruntime {onnxruntime.__version__}', features=F, window=T, window_in_file=T, labels=None, expect='ok', streamable=dict(continuous=True, sequence=True, sliding=True), output_sizes=[2], input=[[float('%.4g' % v) for v in r] for r in samples],
                continuous=dict(outputs=[row(outputs(samples[:n + 1])) for n in range(N)]), sequence=dict(outputs=[row(outputs(samples[n - n % T:n + 1])) for n in range(N)]), sliding=dict(stride=2, outputs=[row(outputs(samples[i:i + T])) for i in starts]), tolerance=1e-5)
    target = pathlib.Path(folder) / name; target.mkdir(parents=True, exist_ok=True)
    onnx.save(model, target / 'model.onnx'); (target / 'case.json').write_text(json.dumps(case, separators=(',', ':')) + '\n')
    print(name, far)


if __name__ == '__main__':
    for one in sys.argv[2:] or parts: write(one, sys.argv[1])
