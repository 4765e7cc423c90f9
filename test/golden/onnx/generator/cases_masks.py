"""Masks of minus infinity before a softmax, and sums of all steps and features so far.

    python cases_masks.py ../cases"""
import sys
import torch
from torch import nn
from torch.nn import functional
from torch_case import write

FEATURES, UNITS, OUTPUTS, WINDOW = 3, 4, 2, 5


class Masked(nn.Module):
    """causal attention behind a GRU, its scores masked by fill, by a sum and by a choice"""
    def __init__(self):
        super().__init__(); torch.manual_seed(6); self.rnn = nn.GRU(FEATURES, UNITS, batch_first=True); self.project = nn.Linear(UNITS, 3 * UNITS); self.head = nn.Linear(3 * UNITS, OUTPUTS)

    def forward(self, x):
        q, k, v = self.project(self.rnn(x)[0]).chunk(3, 2); scores = q @ k.transpose(1, 2) / 2; steps = x.size(1)
        later = torch.ones(steps, steps).triu(1).bool(); far = nn.Transformer.generate_square_subsequent_mask(steps, dtype=x.dtype)
        masked = [scores.masked_fill(later, float('-inf')), scores + far, torch.where(later, torch.tensor(-torch.inf, dtype=x.dtype), scores)]
        return self.head(torch.cat([torch.softmax(one, -1) @ v for one in masked], 2))


class Chosen(nn.Module):
    """scaled_dot_product_attention of two heads with a mask of truth, which looks for rows that are empty"""
    def __init__(self):
        super().__init__(); torch.manual_seed(7); self.rnn = nn.LSTM(FEATURES, UNITS, batch_first=True); self.head = nn.Linear(UNITS, OUTPUTS)

    def forward(self, x):
        y = self.rnn(x)[0]; heads = y.view(y.size(0), y.size(1), 2, -1).transpose(1, 2); seen = torch.ones(x.size(1), x.size(1)).tril().bool()
        z = functional.scaled_dot_product_attention(heads, heads, heads, attn_mask=seen)
        return self.head(z.transpose(1, 2).flatten(2))


class Sums(nn.Module):
    """sums of the samples so far into an LSTM, a triangle of its weights, and sums of features before and behind"""
    def __init__(self):
        super().__init__(); torch.manual_seed(8); self.rnn = nn.LSTM(FEATURES, UNITS, batch_first=True); self.w = nn.Parameter(torch.randn(UNITS, UNITS)); self.head = nn.Linear(UNITS, OUTPUTS)

    def forward(self, x):
        y = self.rnn(x.cumsum(1) * 0.2)[0] @ self.w.tril()
        return self.head(y.cumsum(2) + y.flip(2).cumsum(2))


if __name__ == '__main__':
    sizes = dict(window=WINDOW, features=FEATURES, dynamo=False)
    write(sys.argv[1], 'masks-minus-infinity', Masked(), stepwise=(), refused=dict(continuous='MatMul', sequence='MatMul'), **sizes)
    write(sys.argv[1], 'masks-of-truth', Chosen(), stepwise=(), refused=dict(continuous='MatMul', sequence='MatMul'), **sizes)
    write(sys.argv[1], 'sums-so-far', Sums(), stepwise=('sequence',), refused=dict(continuous='CumSum'), **sizes)
