"""Cells in a Python loop over the window, which every exporter writes out step by step; numbers by torch in float64.

    python cases_written_loops.py ../cases [name]"""
import json, pathlib, sys
import numpy as np, onnx, torch
from torch import nn
from gold import strip_paths

FEATURES, UNITS, OUTPUTS = 3, 4, 2


class Peephole(nn.Module):
    """gates see c, parameters without a module, the steps stacked behind the loop"""
    def __init__(self):
        super().__init__(); self.w = nn.Linear(FEATURES, 4 * UNITS); self.u = nn.Linear(UNITS, 4 * UNITS, bias=False); self.p = nn.Parameter(torch.randn(3, UNITS)); self.head = nn.Linear(UNITS, OUTPUTS)

    def forward(self, x):
        h = c = x.new_zeros(x.size(0), UNITS); steps = []
        for t in range(x.size(1)):
            i, f, g, o = (self.w(x[:, t]) + self.u(h)).chunk(4, 1)
            i, f = torch.sigmoid(i + self.p[0] * c), torch.sigmoid(f + self.p[1] * c); c = f * c + i * torch.tanh(g); o = torch.sigmoid(o + self.p[2] * c); h = o * torch.tanh(c); steps.append(h)
        return self.head(torch.stack(steps, 1))


class LayerNormed(nn.Module):
    """two cells with LayerNorm in one loop, the projection of the samples before it, learned states"""
    def __init__(self):
        super().__init__(); self.w = nn.Linear(FEATURES, UNITS); self.cells = nn.ModuleList(nn.ModuleList([nn.Linear(2 * UNITS, 4 * UNITS), nn.LayerNorm(4 * UNITS), nn.LayerNorm(UNITS)]) for _ in range(2)); self.begin = nn.Parameter(torch.randn(1, UNITS)); self.head = nn.Linear(UNITS, OUTPUTS)

    def forward(self, x):
        x = torch.relu(self.w(x)); h = [self.begin.expand(x.size(0), UNITS)] * 2; c = [x.new_zeros(x.size(0), UNITS)] * 2
        for x_t in x.unbind(1):
            for n, (gates, norm, last) in enumerate(self.cells):
                i, f, g, o = norm(gates(torch.cat([x_t, h[n]], 1))).chunk(4, 1)
                c[n] = last(torch.sigmoid(f) * c[n] + torch.sigmoid(i) * torch.tanh(g)); x_t = h[n] = torch.sigmoid(o) * torch.tanh(c[n])
        return self.head(x_t)


class FedBack(nn.Module):
    """a minimal gated unit that takes its own output of the step before, joined along the features and viewed as steps"""
    def __init__(self):
        super().__init__(); self.f = nn.Linear(FEATURES + OUTPUTS + UNITS, UNITS); self.n = nn.Linear(FEATURES + OUTPUTS + UNITS, UNITS); self.head = nn.Linear(UNITS, OUTPUTS)

    def forward(self, x):
        h, y, steps = x.new_zeros(x.size(0), UNITS), x.new_zeros(x.size(0), OUTPUTS), []
        for t in range(x.size(1)):
            z = torch.cat([x[:, t], y], 1); f = torch.sigmoid(self.f(torch.cat([z, h], 1))); n = torch.tanh(self.n(torch.cat([z, f * h], 1))); h = (1 - f) * h + f * n; y = self.head(h); steps.append(y)
        return torch.cat(steps, 1).view(x.size(0), x.size(1), OUTPUTS)


class BothWays(nn.Module):
    """nn.RNN of two directions, which dynamo has no operator for"""
    def __init__(self):
        super().__init__(); self.rnn = nn.RNN(FEATURES, UNITS, batch_first=True, bidirectional=True); self.head = nn.Linear(2 * UNITS, OUTPUTS)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


# name: module, is it dynamo, window, lanes of the batch
CASES = {'written-loop-peephole': (Peephole, False, 6, 1), 'written-loop-layernorm': (LayerNormed, True, 5, 1), 'written-loop-fed-back': (FedBack, False, 6, 3), 'written-loop-both-ways': (BothWays, True, 5, 1)}


def rows(values):
    return [[float('%.8g' % v) for v in np.asarray(row).reshape(-1)] for row in values]


def write(name, folder):
    cls, dynamo, window, lanes = CASES[name]; torch.manual_seed(len(name)); module = cls().eval()
    target = pathlib.Path(folder) / name; target.mkdir(parents=True, exist_ok=True); path = str(target / 'model.onnx')
    options = dict(external_data=False, verbose=False) if dynamo else dict(dynamic_axes={'x': {0: 'batch'}} if lanes > 1 else {})
    torch.onnx.export(module, (torch.randn(lanes, window, FEATURES),), path, dynamo=dynamo, input_names=['x'], output_names=['y'], **options)
    model = onnx.load(path); strip_paths(model)
    for node in model.graph.node: del node.metadata_props[:]
    onnx.save(model, path)
    samples = np.round(np.random.default_rng(len(name)).normal(size=(3 * window + 1, FEATURES)), 3).astype(np.float32); n = len(samples); module = module.double()

    def last(x):
        with torch.no_grad(): y = module(torch.tensor(x[None].astype(np.float64))).numpy()[0]
        return y[-1] if y.ndim == 2 else y
    stepwise = cls is not BothWays
    case = dict(name=name, about=cls.__doc__, file='model.onnx', format='onnx', exporter=f'torch {torch.__version__.split("+")[0]} {"dynamo" if dynamo else "torchscript"}', opset=model.opset_import[0].version, source='module in float64 by torch', features=FEATURES, window=window, window_in_file=window, labels=None, expect='ok',
                parameters=sum(p.numel() for key, p in module.named_parameters() if key != 'begin'), streamable=dict(continuous=stepwise, sequence=stepwise, sliding=True), output_sizes=[OUTPUTS], input=[[float('%.4g' % v) for v in row] for row in samples])
    if stepwise:
        case['continuous'] = dict(outputs=rows(last(samples[:i + 1]) for i in range(n)))
        case['sequence'] = dict(outputs=rows(last(samples[i // window * window:i + 1]) for i in range(n)))
    else:
        case['mode_refuse_because'] = dict(continuous='Slice', sequence='Slice')
    case['sliding'] = dict(stride=2, outputs=rows(last(samples[i:i + window]) for i in range(0, n - window + 1, 2)))
    case['tolerance'] = 1e-5
    (target / 'case.json').write_text(json.dumps(case, separators=(',', ':')) + '\n')


if __name__ == '__main__':
    for each in sys.argv[2:] or CASES: write(each, sys.argv[1])
