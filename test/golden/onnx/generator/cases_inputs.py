"""Cases of several inputs and of axes that nothing in the file tells: torch modules, with their numbers in float64.

    python cases_inputs.py ../cases"""
import contextlib, copy, io, json, pathlib, sys
import numpy as np, onnx, torch
from torch import nn

T, N = 6, 19


class TwoSensors(nn.Module):
    """An LSTM for each of two sensors, whose features lie in another order in the sample."""

    def __init__(self):
        super().__init__(); self.a = nn.LSTM(3, 5, batch_first=True); self.g = nn.GRU(2, 4, batch_first=True); self.head = nn.Linear(9, 2)

    def forward(self, acc, gyro):
        return self.head(torch.cat([self.a(acc)[0][:, -1], self.g(gyro)[0][:, -1]], 1))


class ConstantInputs(nn.Module):
    """The number of a machine, which is embedded, and its ratings: as initial state, and beside the features of each step."""

    def __init__(self):
        super().__init__(); self.table = nn.Embedding(5, 3); self.first = nn.Linear(2, 5); self.lstm = nn.LSTM(4, 5, batch_first=True); self.head = nn.Linear(8, 2)

    def forward(self, x, machine, ratings):
        h = torch.tanh(self.first(ratings)).unsqueeze(0)
        rated = torch.cat([x, ratings.unsqueeze(1).expand(-1, x.shape[1], -1)], 2)
        return self.head(torch.cat([self.lstm(rated, (h, torch.zeros_like(h)))[0][:, -1], self.table(machine).squeeze(1)], 1))


class Transformer(nn.Module):
    """Attention alone: nothing in the graph tells which axis is the time."""

    def __init__(self):
        super().__init__(); self.layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True, dropout=0); self.head = nn.Linear(4, 2)

    def forward(self, x):
        return self.head(self.layer(x)[:, -1])


def write(name, module, folder, features, split, dynamo, streamable, options, fixed=()):
    torch.manual_seed(len(name)); rng = np.random.default_rng(len(name))
    module = module().eval(); exact = copy.deepcopy(module).double()
    samples = np.round(rng.uniform(-1.2, 1.2, (N, features)), 3).astype(np.float32)
    parts = lambda rows, kind: [torch.tensor(rows[:, columns].astype(kind))[None] for _, columns in split] + [torch.tensor(v if 'int' in str(v.dtype) else v.astype(kind)) for _, v in fixed]
    target = pathlib.Path(folder) / name; target.mkdir(parents=True, exist_ok=True)
    names = [key for key, _ in [*split, *fixed]]
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(module, tuple(parts(samples[:T], 'float32')), target / 'model.onnx', input_names=names, dynamo=dynamo, **(dict(external_data=False) if dynamo else {}))
    model = onnx.load(target / 'model.onnx')
    for node in model.graph.node: del node.metadata_props[:]
    onnx.save(model, target / 'model.onnx')

    def run(rows):
        with torch.no_grad(): return [float('%.8g' % v) for v in exact(*parts(rows, 'float64')).reshape(-1)]

    case = dict(name=name, about=module.__doc__, file='model.onnx', format='onnx', exporter=f'torch {torch.__version__.split("+")[0]} {"dynamo" if dynamo else "torchscript"}', opset=model.opset_import[0].version, source='module in float64', features=features, window=T, window_in_file=T, labels=None, expect='ok', **options,
                streamable=dict(continuous=streamable, sequence=streamable, sliding=True), output_sizes=[2], input=[[float('%.4g' % v) for v in row] for row in samples], tolerance=1e-5)
    if streamable:
        case['continuous'] = dict(outputs=[run(samples[:i + 1]) for i in range(N)])
        case['sequence'] = dict(outputs=[run(samples[i // T * T:i + 1]) for i in range(N)])
    else:
        case['mode_refuse_because'] = dict(continuous='every step of a window', sequence='every step of a window')
    case['sliding'] = dict(stride=2, outputs=[run(samples[i:i + T]) for i in range(0, N - T + 1, 2)])
    (target / 'case.json').write_text(json.dumps(case, separators=(',', ':')) + '\n')


if __name__ == '__main__':
    folder = sys.argv[1]
    write('inputs-two-sensors', TwoSensors, folder, 5, [('acc', [4, 2, 0]), ('gyro', [1, 3])], False, True, dict(inputs=dict(acc=[4, 2, 0], gyro=[1, 3])))
    write('inputs-constant', ConstantInputs, folder, 2, [('x', [0, 1])], True, True, dict(constants=dict(machine=[3], ratings=[0.5, -1])), [('machine', np.array([[3]])), ('ratings', np.array([[0.5, -1]]))])
    write('inputs-axes', Transformer, folder, 4, [('x', [0, 1, 2, 3])], False, False, dict(axes=['batch', 'time', 'features']))
