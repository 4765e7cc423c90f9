"""Random modules around a recurrent layer, exported by both of PyTorch's exporters, beside their own numbers in float64.

    python random_modules.py FOLDER SEED COUNT

writes FOLDER/<seed>-<exporter>.onnx with a .json beside each: input, window, and the whole output of each window
(`sliding`), which `lstmd predict --mode sliding --outputs whole` has to give, or refuse the file by a node's name."""
import contextlib, copy, io, json, logging, pathlib, random, sys, warnings
import numpy as np, torch
from torch import nn
import torch.nn.functional as fn

SAMPLES = 6  # windows of each case


class Steps(nn.Module):
    """A function of (batch, time, features)."""

    def __init__(self, f): super().__init__(); self.f = f
    def forward(self, x): return self.f(x)


class Channels(nn.Module):
    """A module of (batch, channels, time) within one of (batch, time, features)."""

    def __init__(self, inner): super().__init__(); self.inner = inner
    def forward(self, x): return self.inner(x.transpose(1, 2)).transpose(1, 2)


class Image(nn.Module):
    """A 2-D module over (batch, channels, time, 1)."""

    def __init__(self, inner): super().__init__(); self.inner = inner
    def forward(self, x): return self.inner(x.transpose(1, 2).unsqueeze(-1)).squeeze(-1).transpose(1, 2)


class Recurrent(nn.Module):
    def __init__(self, cell, state=False): super().__init__(); self.cell = cell; self.state = state
    def forward(self, x):
        y, h = self.cell(x)
        if not self.state: return y
        h = h[0] if isinstance(h, tuple) else h
        return y + 0.5 * h[-1].unsqueeze(1) if self.state == 'add' else y


class Residual(nn.Module):
    def __init__(self, inner): super().__init__(); self.inner = inner
    def forward(self, x): return x + self.inner(x)


class Two(nn.Module):
    def __init__(self, a, b): super().__init__(); self.a, self.b = a, b
    def forward(self, x): return torch.cat([self.a(x), self.b(x)], 2)


class Attend(nn.Module):
    def __init__(self, f): super().__init__(); self.m = nn.MultiheadAttention(f, 2, batch_first=True)
    def forward(self, x): return self.m(x, x, x, need_weights=False)[0]


class Pool(nn.Module):
    """Attention pooling over time."""

    def __init__(self, f): super().__init__(); self.w = nn.Linear(f, 1)
    def forward(self, x): return (torch.softmax(self.w(x), 1) * x).sum(1)


class Normed(nn.Module):
    """A window less its own mean over time, by its own deviation."""

    def forward(self, x): return (x - x.mean(1, keepdim=True)) / (x.std(1, keepdim=True, unbiased=False) + 0.1)


class Causal(nn.Module):
    def __init__(self, f, g, k, d): super().__init__(); self.c = nn.Conv1d(f, g, k, dilation=d); self.p = (k - 1) * d
    def forward(self, x): return self.c(fn.pad(x.transpose(1, 2), (self.p, 0))).transpose(1, 2)


class Chomp(nn.Module):
    def __init__(self, f, g, k): super().__init__(); self.c = nn.Conv1d(f, g, k, padding=k - 1); self.p = k - 1
    def forward(self, x): return self.c(x.transpose(1, 2))[:, :, : -self.p].transpose(1, 2)


def activation(rng, f):
    return rng.choice([nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, lambda: nn.GELU('tanh'), nn.SiLU, nn.Mish, nn.Hardswish, nn.Hardsigmoid, nn.Hardtanh, nn.Softplus, nn.Softsign, nn.Sigmoid, nn.Tanh, nn.LogSigmoid, nn.Tanhshrink, lambda: nn.PReLU(), lambda: Channels(nn.PReLU(f)), lambda: nn.Softmax(-1), lambda: Steps(torch.abs), lambda: Steps(torch.square), lambda: Steps(lambda x: torch.clamp(x, -0.4, 0.3)), lambda: Steps(lambda x: torch.exp(-x)), lambda: Steps(lambda x: torch.sqrt(x * x + 0.1))])()


def layer(rng, f, t):
    """A layer of (batch, t, f), with the steps and features that it gives."""
    g = rng.choice([4, 6, 8])
    k = rng.choice([1, 2, 3])
    kind = rng.choice(['linear', 'activation', 'activation', 'layernorm', 'batchnorm', 'conv', 'causal', 'chomp', 'same', 'conv2d', 'pool', 'stride', 'instance', 'group', 'residual', 'rnn', 'rnn', 'two', 'scale', 'attend', 'normed', 'cut', 'deconv', 'glu', 'norm', 'flip', 'position', 'magnitude', 'heads', 'grouped'])
    if kind == 'linear': return nn.Linear(f, g, bias=rng.random() < 0.8), t, g
    if kind == 'activation': return activation(rng, f), t, f
    if kind == 'layernorm': return nn.LayerNorm(f), t, f
    if kind == 'batchnorm': return Channels(nn.BatchNorm1d(f)), t, f
    if kind == 'conv' and t > k + 3: return Channels(nn.Conv1d(f, g, k)), t - k + 1, g
    if kind == 'causal': d = rng.choice([1, 2]); return Causal(f, g, k, d), t, g
    if kind == 'chomp' and k > 1: return Chomp(f, g, k), t, g
    if kind == 'same': return Channels(nn.Conv1d(f, g, k, padding='same')), t, g
    if kind == 'conv2d' and t > k + 3: return Image(nn.Conv2d(f, g, (k, 1))), t - k + 1, g
    if kind == 'pool' and t > 7: p = rng.choice([nn.MaxPool1d, nn.AvgPool1d]); s = rng.choice([1, 2]); ceil = rng.random() < 0.3; m = p(2, s, ceil_mode=ceil); return Channels(m), m(torch.zeros(1, 1, t)).shape[-1], f
    if kind == 'stride' and t > 8: return Channels(nn.Conv1d(f, g, 3, stride=2, padding=1)), (t - 1) // 2 + 1, g
    if kind == 'instance': return Channels(nn.InstanceNorm1d(f, affine=True)), t, f
    if kind == 'group' and f % 2 == 0: return Channels(nn.GroupNorm(2, f)), t, f
    if kind == 'residual': a = rng.choice([nn.Linear(f, f), nn.Sequential(nn.LayerNorm(f), nn.Linear(f, f), nn.GELU()), Recurrent(nn.GRU(f, f, batch_first=True)), Causal(f, f, k, 1)]); return Residual(a), t, f
    if kind == 'rnn':
        c = rng.choice([nn.LSTM, nn.GRU]); b = rng.random() < 0.25; n = rng.choice([1, 1, 2])
        return Recurrent(c(f, g, n, batch_first=True, bidirectional=b, bias=rng.random() < 0.8)), t, g * (2 if b else 1)
    if kind == 'two': return Two(nn.Linear(f, 3), rng.choice([nn.Linear(f, 2), Causal(f, 2, k, 1), Recurrent(nn.GRU(f, 2, batch_first=True))])), t, 0
    if kind == 'scale': m, s = torch.randn(f), torch.rand(f) + 0.5; return Steps(lambda x: (x - m.to(x.dtype)) / s.to(x.dtype)), t, f
    if kind == 'attend' and f % 2 == 0: return Residual(Attend(f)), t, f
    if kind == 'normed': return Normed(), t, f
    if kind == 'cut' and t > 6: n = rng.choice([1, 2, 3]); return Steps(rng.choice([lambda x: x[:, n:], lambda x: x[:, :-n], lambda x: x[:, n:] - x[:, :-n]])), t - n, f
    if kind == 'deconv' and t < 14: return Channels(nn.ConvTranspose1d(f, g, 2, stride=2)), t * 2, g
    if kind == 'glu' and f % 2 == 0: return nn.GLU(-1), t, f // 2
    if kind == 'norm': return Steps(lambda x: fn.normalize(x + 2, dim=-1)), t, f
    if kind == 'flip': return Steps(lambda x: torch.flip(x, [1])), t, f
    if kind == 'position': p = torch.randn(t, f); return Steps(lambda x: x + p.to(x.dtype)), t, f
    if kind == 'magnitude': return Steps(lambda x: torch.cat([x, x.norm(dim=-1, keepdim=True)], -1)), t, f + 1
    if kind == 'heads' and f % 2 == 0: return Steps(lambda x: x.reshape(x.shape[0], x.shape[1], 2, -1).transpose(2, 3).flatten(2)), t, f
    if kind == 'grouped' and f % 2 == 0 and t > k + 3: return Channels(nn.Conv1d(f, f, k, groups=2)), t - k + 1, f
    return nn.Identity(), t, f


def ending(rng, f, t):
    kinds = {'steps': lambda: Steps(lambda x: x), 'last': lambda: Steps(lambda x: x[:, -1]), 'last2': lambda: Steps(lambda x: x[:, -1, :]), 'mean': lambda: Steps(lambda x: x.mean(1)), 'max': lambda: Steps(lambda x: x.amax(1)), 'min': lambda: Steps(lambda x: x.amin(1)), 'sum': lambda: Steps(lambda x: x.sum(1)), 'flatten': lambda: nn.Flatten(), 'view': lambda: Steps(lambda x: x.reshape(x.shape[0], -1)), 'adaptive': lambda: Steps(lambda x: fn.adaptive_avg_pool1d(x.transpose(1, 2), 1).squeeze(-1)), 'amax': lambda: Steps(lambda x: fn.adaptive_max_pool1d(x.transpose(1, 2), 1).flatten(1)), 'attention': lambda: Pool(f), 'both': lambda: Steps(lambda x: torch.cat([x.mean(1), x[:, -1]], 1)), 'fourth': lambda: Steps(lambda x: x[:, 3]), 'tail': lambda: Steps(lambda x: x[:, -3:]), 'std': lambda: Steps(lambda x: x.std(1, unbiased=False))}
    kind = rng.choice(list(kinds))
    wide = {'flatten': t * f, 'view': t * f, 'both': 2 * f}.get(kind, f)
    end = [kinds[kind]()]
    if rng.random() < 0.7: end.append(nn.Linear(wide, 3))
    if rng.random() < 0.5: end.append(rng.choice([nn.Softmax(-1), nn.LogSoftmax(-1), nn.Sigmoid(), nn.Tanh()]))
    return end


def build(rng):
    f, t = rng.choice([1, 3, 4]), rng.choice([8, 9, 12])
    window, features, layers = t, f, []
    for part in range(2):
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            made, t, g = layer(rng, f, t)
            layers.append(made); f = g or 5
        if part == 0:
            g = rng.choice([4, 5, 6]); c = rng.choice([nn.LSTM, nn.LSTM, nn.GRU, nn.RNN])
            layers.append(Recurrent(c(f, g, batch_first=True))); f = g
    return nn.Sequential(*layers, *ending(rng, f, t)), window, features


def write(folder, seed):
    rng = random.Random(seed); torch.manual_seed(seed)
    module, window, features = build(rng)
    for part in module.modules():  # Statistics that are not 0 and 1.
        if isinstance(part, (nn.BatchNorm1d, nn.InstanceNorm1d, nn.GroupNorm, nn.LayerNorm)):
            for each in [part.weight, part.bias, getattr(part, 'running_mean', None)]:
                if each is not None: nn.init.uniform_(each, -0.8, 0.8)
            if getattr(part, 'running_var', None) is not None: nn.init.uniform_(part.running_var, 0.3, 1.5)
    module = module.eval(); exact = copy.deepcopy(module).double()
    samples = torch.randn(window + SAMPLES - 1, features)
    with torch.no_grad(): outputs = [exact(samples[None, i : i + window].double())[0] for i in range(SAMPLES)]
    case = dict(input=samples.tolist(), window=window, shape=[1, *outputs[0].shape], about=str(module), sliding=dict(outputs=[o.reshape(-1).tolist() for o in outputs]), tolerance=5e-5)
    kinds = {'ts': dict(dynamo=False), 'dynamo': dict(dynamo=True, external_data=False), 'free': dict(dynamo=False, dynamic_axes={'x': {0: 'batch', 1: 'time'}})}
    for name, options in kinds.items():
        path = folder / f'{seed:04d}-{name}.onnx'
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                torch.onnx.export(module, (samples[None, :window],), path, input_names=['x'], **options)
        except Exception:  # What PyTorch does not export is no case.
            path.unlink(missing_ok=True); continue
        path.with_suffix('.json').write_text(json.dumps(dict(case, ask=window if name == 'free' else None)))


if __name__ == '__main__':
    warnings.filterwarnings('ignore'); logging.disable(logging.ERROR); torch.set_num_threads(1)
    folder = pathlib.Path(sys.argv[1]); folder.mkdir(parents=True, exist_ok=True)
    for seed in range(int(sys.argv[2]), int(sys.argv[2]) + int(sys.argv[3])): write(folder, seed)
