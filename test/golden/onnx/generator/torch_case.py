"""Writes one case of a torch module: the file by either exporter, and the module's own numbers in float64 in each mode."""
import json, pathlib
import numpy as np, onnx, torch
from gold import alone, strip_paths


def rows(values):
    return [[float('%.8g' % v) for v in np.asarray(row).reshape(-1)] for row in values]


def write(folder, name, module, *, window, features, dynamo, stepwise=('continuous', 'sequence'), refused=None, parameters=None, tolerance=1e-5):
    """stepwise: modes beside sliding that are exact; refused: a word of the refusal of each mode that is not"""
    target = pathlib.Path(folder) / name; target.mkdir(parents=True, exist_ok=True); path = str(target / 'model.onnx'); module = module.eval()
    options = dict(external_data=False, verbose=False) if dynamo else {}
    alone(lambda: torch.onnx.export(module, (torch.randn(1, window, features),), path, dynamo=dynamo, input_names=['x'], output_names=['y'], **options))
    model = onnx.load(path); strip_paths(model)
    for node in model.graph.node: del node.metadata_props[:]
    onnx.save(model, path)
    samples = np.round(np.random.default_rng(len(name)).normal(size=(3 * window + 1, features)), 3).astype(np.float32); n = len(samples); module = module.double()

    def last(x):
        with torch.no_grad(): y = module(torch.tensor(x[None].astype(np.float64))).numpy()[0]
        return y[-1] if y.ndim == 2 else y
    case = dict(name=name, about=(module.__doc__ or '').strip(), file='model.onnx', format='onnx', exporter=f'torch {torch.__version__.split("+")[0]} {"dynamo" if dynamo else "torchscript"}', opset=model.opset_import[0].version, source='module in float64 by torch', features=features, window=window, window_in_file=window, labels=None, expect='ok',
                streamable={mode: mode == 'sliding' or mode in stepwise for mode in ('continuous', 'sequence', 'sliding')}, output_sizes=[len(last(samples[:window]))], input=[[float('%.4g' % v) for v in row] for row in samples])
    if parameters: case['parameters'] = parameters
    if refused: case['mode_refuse_because'] = refused
    if 'continuous' in stepwise: case['continuous'] = dict(outputs=rows(last(samples[:i + 1]) for i in range(n)))
    if 'sequence' in stepwise: case['sequence'] = dict(outputs=rows(last(samples[i // window * window:i + 1]) for i in range(n)))
    case['sliding'] = dict(stride=2, outputs=rows(last(samples[i:i + window]) for i in range(0, n - window + 1, 2)))
    case['tolerance'] = tolerance
    (target / 'case.json').write_text(json.dumps(case, separators=(',', ':')) + '\n')
