"""Prints what the devices of a broker say, with paho-mqtt 1.6 or 2 (pip install paho-mqtt, or apt install python3-paho-mqtt):

    python3 examples/subscribe.py broker.local 1883

With `publish.format: cbor` a record is CBOR: `pip install cbor2` reads it.
"""

import json
import sys

import paho.mqtt.client as mqtt


def read(payload):
    """A record is a JSON object, or a CBOR map, which begins with 0xa0 to 0xbf."""
    if payload[:1] and payload[0] & 0xE0 == 0xA0:
        import cbor2

        return cbor2.loads(payload)
    return json.loads(payload)


seen = {}


def is_new(key):
    """Delivery is at least once: a record that comes again has the same boot and seq."""
    if key in seen:
        return False
    seen[key] = True
    if len(seen) > 100_000:
        del seen[next(iter(seen))]
    return True


def on_connect(client, userdata, flags, reason, properties=None):
    client.subscribe("lstmd/+/+/prediction", qos=1)
    client.subscribe("lstmd/+/+/history", qos=1)
    print("subscribed", flush=True)


def on_message(client, userdata, message):
    _, device, stream, leaf = message.topic.split("/")
    try:
        record = read(message.payload)
    except ValueError as error:
        print(message.topic, error, file=sys.stderr)
        return
    if record.get("kind", "prediction") != "prediction":
        return
    # A batch holds several; each is as it would be by itself.
    for prediction in record.get("predictions", [record]):
        if is_new((device, stream, prediction["boot"], prediction["seq"])):
            print(device, stream, prediction["seq"], prediction.get("label", ""), flush=True)


if hasattr(mqtt, "CallbackAPIVersion"):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
else:
    client = mqtt.Client()
client.on_connect = on_connect
client.on_message = on_message
client.connect(sys.argv[1] if len(sys.argv) > 1 else "localhost", int(sys.argv[2]) if len(sys.argv) > 2 else 1883)
client.loop_forever()
