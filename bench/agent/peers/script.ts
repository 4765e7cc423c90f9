import { once } from 'node:events';
import mqtt from 'mqtt';
import { SerialPort } from 'serialport';
import { ReadStream } from 'node:tty';
import { openSync } from 'node:fs';

// The script that a user would write without lstmd: lines of a tty to a broker, QoS 1, the client library as it
// comes. It has no model, no state and no accounts. Arguments: `serialport` or `tty`, the port, the broker, the topic.

const [, , reader = 'serialport', path = '', url = '', topic = ''] = process.argv;
const client = await mqtt.connectAsync(url, { protocolVersion: 5 });

let seq = 0;
let rest = '';
function take(chunk: Buffer): void {
  const lines = (rest + chunk.toString('latin1')).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    const values = line.trim().split(',').map(Number);
    if (values.length === 3 && values.every(Number.isFinite)) {
      seq += 1;
      client.publish(topic, JSON.stringify({ ts: Date.now(), seq, values }), { qos: 1 });
    }
  }
}

if (reader === 'serialport') {
  const port = new SerialPort({ path, baudRate: 115_200 });
  await once(port, 'open');
  port.on('data', take);
} else {
  new ReadStream(openSync(path, 'r+')).setRawMode(true).on('data', take);
}
