"""Steps the seed model in onnxruntime one sample a call with the state carried, as bench/kernel/python-process.ts asks it to.
Arguments: the model, a file of float32 samples of three features, seconds of measuring. Prints one line of JSON."""

import json
import sys
import time

import numpy
import onnxruntime

FEATURES = 3


def resident_mib():
    with open("/proc/self/status", encoding="latin1") as status:
        (line,) = (line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


model, samples, seconds = sys.argv[1:]
before = resident_mib()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
names = [output.name for output in session.get_outputs()]
states = {
    given.name: numpy.zeros(given.shape, numpy.float32)
    for given in session.get_inputs()
    if given.name != "x"
}


def step(x):
    outputs = dict(zip(names, session.run(names, {"x": x, **states})))
    for name in states:
        states[name] = outputs[f"{name}_out"]
    return float(outputs["p"].flat[0])


rows = numpy.fromfile(samples, numpy.float32).reshape(-1, 1, 1, FEATURES)
outputs = [step(row) for row in rows]
times = []
end = time.perf_counter() + float(seconds)
while time.perf_counter() < end:
    begin = time.perf_counter_ns()
    step(rows[0])
    times.append(time.perf_counter_ns() - begin)
times.sort()
report = {
    "version": onnxruntime.__version__,
    "medianNs": times[len(times) // 2],
    "p99Ns": times[len(times) * 99 // 100],
    "rssBeforeMiB": before,
    "rssMiB": resident_mib(),
    "outputs": outputs,
}
print(json.dumps(report))
