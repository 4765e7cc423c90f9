"""Modules of PyTorch whose graphs were read otherwise once; numbers by torch in float64.

    python cases_modules.py ../cases [name]"""
import copy, json, pathlib, sys
from typing import List
import numpy as np, onnx, torch
from torch import nn
from gold import strip_paths

FEATURES, UNITS, OUTPUTS = 3, 4, 2


class SimpleUnit(nn.Module):
    """a loop whose gates see the cell state by a weight for each unit, one of them in its output alone"""
    def __init__(self):
        super().__init__(); self.w = nn.Linear(FEATURES, 3 * UNITS); self.k = nn.Linear(FEATURES, UNITS); self.v = nn.Parameter(torch.randn(2, UNITS)); self.head = nn.Linear(UNITS, OUTPUTS)

    def forward(self, x):
        c, steps = x.new_zeros(x.size(0), UNITS), []
        for t in range(x.size(1)):
            z, f, r = self.w(x[:, t]).chunk(3, 1); f, r = torch.sigmoid(f + self.v[0] * c), torch.sigmoid(r + self.v[1] * c); c = f * c + (1 - f) * z; steps.append(r * c + (1 - r) * self.k(x[:, t]))
        return self.head(torch.stack(steps, 1))


class Script(nn.Module):
    """a loop of a script (Loop), whose condition counts, over steps that it cuts out of the window in its body"""
    def __init__(self):
        super().__init__(); self.w = nn.Linear(FEATURES, UNITS); self.u = nn.Linear(UNITS, UNITS); self.head = nn.Linear(UNITS, OUTPUTS)

    def forward(self, x):
        h = torch.zeros(x.size(0), 4, dtype=x.dtype); w = self.w(x); t = 0
        while t < x.size(1):
            h = torch.tanh(w[:, t] + self.u(h)); t += 1
        return self.head(h)


class Listed(nn.Module):
    """a loop of a script that adds each step to a list"""
    def __init__(self):
        super().__init__(); self.w = nn.Linear(FEATURES, UNITS); self.u = nn.Linear(UNITS, UNITS); self.head = nn.Linear(UNITS, OUTPUTS)

    def forward(self, x):
        h = torch.zeros(x.size(0), 4, dtype=x.dtype); steps: List[torch.Tensor] = []
        for t in range(x.size(1)):
            h = torch.sigmoid(self.w(x[:, t]) + self.u(h)); steps.append(h)
        return self.head(torch.stack(steps, 1))


class Unbound(nn.Module):
    """the last of all steps (Split), of which the others are not taken"""
    def __init__(self):
        super().__init__(); self.rnn = nn.LSTM(FEATURES, UNITS, batch_first=True); self.head = nn.Linear(UNITS, OUTPUTS)

    def forward(self, x): return self.head(self.rnn(x)[0].unbind(1)[-1])


class Decoder(nn.Module):
    """a decoder that takes nothing but zeros, from the state of the encoder"""
    def __init__(self):
        super().__init__(); self.encoder = nn.LSTM(FEATURES, UNITS, batch_first=True); self.decoder = nn.LSTM(FEATURES, UNITS, batch_first=True); self.head = nn.Linear(UNITS, FEATURES)

    def forward(self, x): return self.head(self.decoder(torch.zeros(x.size(0), 4, FEATURES, dtype=x.dtype), self.encoder(x)[1])[0]).flatten(1)


class Lanes(nn.Module):
    """a loop in a file of three lanes, whose cell joins the sample with its state"""
    def __init__(self):
        super().__init__(); self.w = nn.Linear(FEATURES + UNITS, 2 * UNITS); self.head = nn.Linear(UNITS, OUTPUTS)

    def forward(self, x):
        h = x.new_zeros(x.size(0), UNITS)
        for t in range(x.size(1)):
            f, c = self.w(torch.cat([x[:, t], h], 1)).chunk(2, 1); h = torch.sigmoid(f) * h + (1 - torch.sigmoid(f)) * torch.tanh(c)
        return self.head(h)


class ConvolutionCell(nn.Module):
    """a loop whose cell convolves the features of the sample and its state"""
    def __init__(self):
        super().__init__(); self.gates = nn.Conv1d(3, 8, 3, padding=1); self.head = nn.Linear(2 * FEATURES, OUTPUTS)

    def forward(self, x):
        h = c = x.new_zeros(x.size(0), 2, FEATURES)
        for t in range(x.size(1)):
            i, f, o, g = self.gates(torch.cat([x[:, t].unsqueeze(1), h], 1)).chunk(4, 1); c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g); h = torch.sigmoid(o) * torch.tanh(c)
        return self.head(h.flatten(1))


# name: module, window, its axes that may be any, is every step exact, lanes of the batch
CASES = {'module-simple-unit': (SimpleUnit, 5, {}, True, 1), 'module-script': (Script, 5, {'x': {1: 'time'}}, True, 1), 'module-listed': (Listed, 5, {'x': {1: 'time'}}, True, 1), 'module-unbound': (Unbound, 5, {}, True, 1), 'module-decoder-of-zeros': (Decoder, 5, {}, False, 1), 'module-lanes': (Lanes, 5, {}, True, 3), 'module-convolution-cell': (ConvolutionCell, 4, {}, True, 1)}


def rows(values):
    return [[float('%.8g' % v) for v in np.asarray(row).reshape(-1)] for row in values]


def write(name, folder):
    cls, window, axes, stepwise, lanes = CASES[name]; torch.manual_seed(len(name)); module = cls().eval()
    target = pathlib.Path(folder) / name; target.mkdir(parents=True, exist_ok=True); path = str(target / 'model.onnx')
    exported = torch.jit.script(module) if cls in (Script, Listed) else module
    torch.onnx.export(exported, (torch.randn(lanes, window, FEATURES),), path, dynamo=False, input_names=['x'], output_names=['y'], dynamic_axes=axes)
    model = onnx.load(path); strip_paths(model); onnx.save(model, path)
    samples = np.round(np.random.default_rng(len(name)).normal(size=(2 * window + 3, FEATURES)), 3).astype(np.float32); n = len(samples); module = copy.deepcopy(module).double()

    def last(x):
        with torch.no_grad(): y = module(torch.tensor(x[None].astype(np.float64))).numpy()[0]
        return y[-1] if y.ndim == 2 else y
    sliding = rows(last(samples[i:i + window]) for i in range(0, n - window + 1, 2))
    case = dict(name=name, about=cls.__doc__, file='model.onnx', format='onnx', exporter=f'torch {torch.__version__.split("+")[0]} torchscript', opset=model.opset_import[0].version, source='module in float64 by torch', features=FEATURES, window=window, window_in_file=None if axes else window, labels=None, expect='ok', streamable=dict(continuous=stepwise, sequence=stepwise, sliding=True), output_sizes=[len(sliding[0])], input=[[float('%.4g' % v) for v in row] for row in samples])
    if stepwise:
        case['continuous'] = dict(outputs=rows(last(samples[:i + 1]) for i in range(n)))
        case['sequence'] = dict(outputs=rows(last(samples[i // window * window:i + 1]) for i in range(n)))
    else:
        case['mode_refuse_because'] = dict(continuous='LSTM', sequence='LSTM')
    case['sliding'] = dict(stride=2, outputs=sliding); case['tolerance'] = 1e-5
    (target / 'case.json').write_text(json.dumps(case, separators=(',', ':')) + '\n')


if __name__ == '__main__':
    for each in sys.argv[2:] or CASES: write(each, sys.argv[1])
