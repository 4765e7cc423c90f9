"""The script that a user of Python would write: lines of a tty through the seed model in onnxruntime, one step a sample with
the state carried, to a broker at QoS 1. It has no state on flash and no accounts. Arguments: the model, the port, the
broker's port on 127.0.0.1, the topic."""

import json
import os
import sys
import time
import tty

import numpy
import onnxruntime
import paho.mqtt.client

model, link, port, topic = sys.argv[1:]
client = paho.mqtt.client.Client(
    paho.mqtt.client.CallbackAPIVersion.VERSION2, protocol=paho.mqtt.client.MQTTv5
)
client.max_inflight_messages_set(1000)
client.connect("127.0.0.1", int(port))
client.loop_start()

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
names = [output.name for output in session.get_outputs()]
values = {
    given.name: numpy.zeros(given.shape, numpy.float32) for given in session.get_inputs()
}
values.pop("x")

descriptor = os.open(link, os.O_RDWR | os.O_NOCTTY)
tty.setraw(descriptor)
seq = 0
rest = b""
while True:
    *lines, rest = (rest + os.read(descriptor, 4096)).split(b"\n")
    for line in lines:
        try:
            row = [float(text) * 0.001 for text in line.split(b",")]
        except ValueError:
            continue
        if len(row) != 3:
            continue
        seq += 1
        x = numpy.array([[row]], numpy.float32)
        outputs = dict(zip(names, session.run(names, {"x": x, **values})))
        values = {name: outputs[f"{name}_out"] for name in values}
        (p,) = (value for name, value in outputs.items() if not name.endswith("_out"))
        payload = {"ts": int(1000 * time.time()), "seq": seq, "p": float(p.flat[0])}
        client.publish(topic, json.dumps(payload), qos=1)
