"""Tensors that are filled index by index, as ScatterND and ScatterElements: the steps of a loop, states, features.

    python cases_filled_tensors.py ../cases"""
import sys
import torch
from torch import nn
from torch_case import write

FEATURES, UNITS, OUTPUTS, WINDOW = 3, 4, 2, 4


class Steps(nn.Module):
    """a loop of an LSTMCell that writes each h into a tensor of zeros"""
    def __init__(self, kept):
        super().__init__(); torch.manual_seed(3); self.kept = kept; self.cell = nn.LSTMCell(FEATURES, UNITS); self.head = nn.Linear(UNITS, OUTPUTS)

    def forward(self, x):
        h = c = x.new_zeros(x.size(0), UNITS); steps = x.new_zeros(x.size(0), x.size(1), UNITS)
        for t in range(x.size(1)):
            h, c = self.cell(x[:, t], (h, c))
            if self.kept: steps[:, t:t + 1, :] = h.unsqueeze(1)
            else: steps[:, t] = h
        return self.head(steps)


class States(nn.Module):
    """two GRUCells whose states lie in one tensor, and all states of the upper one in another, from which it takes that before"""
    def __init__(self):
        super().__init__(); torch.manual_seed(4); self.lower, self.upper = nn.GRUCell(FEATURES, UNITS), nn.GRUCell(UNITS, UNITS); self.head = nn.Linear(UNITS, OUTPUTS)

    def forward(self, x):
        h = x.new_zeros(2, x.size(0), UNITS); steps = x.new_zeros(x.size(0), x.size(1) + 1, UNITS)
        for t in range(x.size(1)):
            h[0] = self.lower(x[:, t], h[0].clone()); steps[:, t + 1] = self.upper(h[0].clone(), steps[:, t].clone())
        return self.head(steps[:, 1:])


class Features(nn.Module):
    """features that are written beside each other before a GRU, and one of its outputs that is written over"""
    def __init__(self):
        super().__init__(); torch.manual_seed(5); self.rnn = nn.GRU(FEATURES + 1, UNITS, batch_first=True); self.head = nn.Linear(UNITS, OUTPUTS)

    def forward(self, x):
        wide = x.new_zeros(x.size(0), x.size(1), FEATURES + 1); wide[:, :, :FEATURES] = x; wide[:, :, FEATURES] = (x ** 2).sum(2).sqrt()
        y = self.rnn(wide)[0].clone(); y[:, :, [0, 2]] = x[:, :, :2]
        return self.head(y)


if __name__ == '__main__':
    sizes = dict(window=WINDOW, features=FEATURES)
    write(sys.argv[1], 'filled-steps', Steps(False), dynamo=False, **sizes)
    write(sys.argv[1], 'filled-steps-dynamo', Steps(True), dynamo=True, **sizes)
    write(sys.argv[1], 'filled-states', States(), dynamo=True, **sizes)
    write(sys.argv[1], 'filled-features', Features(), dynamo=False, **sizes)
