"""Exports one module with the torch 1.13 that a distribution ships: reads a job on standard input."""
import json
import sys
import warnings

warnings.filterwarnings('ignore')
job = json.load(sys.stdin)
sys.path[:0] = job['modules']
import numpy as np
import torch
import models

mod = models.build(job['cls'], job['kw'], job['seed'])
w = np.load(job['dir'] + '/w.npz'); mod.load_state_dict({k: torch.tensor(w[k]) for k in w.files})
a = np.load(job['dir'] + '/a.npz'); args = tuple(torch.tensor(a[str(i)]) for i in range(len(a.files)))
if job['half']: mod = mod.half()
kw = dict(job['export_kw'])
for k, v in (('opset_version', job['opset']), ('input_names', job['in_names']), ('output_names', job['out_names'])):
    if v: kw[k] = v
if job['dynamic_axes']: kw['dynamic_axes'] = {k: {int(i): n for i, n in v.items()} for k, v in job['dynamic_axes'].items()}
torch.onnx.export(mod.eval(), args, job['path'], **kw)
