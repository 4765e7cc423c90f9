// CPU and latency of reading a tty through serialport's stream and through our TtyReader.
//   node scripts/measure-tty.mjs        after `npx tsc` and the native build
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeSync } from 'node:fs';

const warmUp = 20_000;
const measured = 10_000;
const rateHz = 1000;

const roles = { write, serialport, tty };
const role = roles[process.argv[2]];
await (role === undefined ? compare() : role(process.argv[3]));

/** Runs both readers in turn, each in a process of its own with a writer in another. */
async function compare() {
  for (let round = 0; round < 3; round++) {
    for (const reader of ['serialport', 'tty']) {
      const writer = fork(import.meta.filename, ['write']);
      const [path] = await once(writer, 'message');
      const child = fork(import.meta.filename, [reader, path]);
      await once(child, 'message');
      writer.send('go');
      const [result] = await once(child, 'message');
      console.log(reader.padEnd(10), JSON.stringify(result));
      child.kill();
      writer.kill();
    }
  }
}

/** Sends a line a millisecond: the monotonic time, and what a sensor would add. */
async function write() {
  const { loadAddon } = await import('../dist/platform/addon.js');
  const { fd, path } = loadAddon().openPty();
  process.send(path);
  await once(process, 'message');
  const start = performance.now();
  let sent = 0;
  const tick = () => {
    const due = Math.floor(((performance.now() - start) * rateHz) / 1000);
    for (; sent < due; sent++) writeSync(fd, `${process.hrtime.bigint()},-276,-85\r\n`);
    if (sent < warmUp + measured + 1000) setTimeout(tick, 1);
  };
  tick();
}

async function serialport(path) {
  const { SerialPort } = await import('serialport');
  const port = new SerialPort({ path, baudRate: 115200 });
  await once(port, 'open');
  port.on('data', meter());
}

async function tty(path) {
  const { openSerialPort } = await import('../dist/sensor/links/serial/serial-port.js');
  const port = await openSerialPort({ path, baudRate: 115200 });
  void port.read(meter());
}

/** Counts lines, and after the warm-up measures a fixed number of them. */
function meter() {
  process.send('ready');
  const latencies = new Float64Array(measured);
  let lines = 0;
  let cpu;
  let switches;
  return (chunk) => {
    const now = process.hrtime.bigint();
    for (const line of Buffer.from(chunk).toString('latin1').split('\n')) {
      if (!line.endsWith('\r')) continue;
      lines++;
      if (lines === warmUp) {
        cpu = process.cpuUsage();
        switches = process.resourceUsage().voluntaryContextSwitches;
      }
      if (lines > warmUp && lines <= warmUp + measured) {
        latencies[lines - warmUp - 1] = Number(now - BigInt(line.split(',')[0])) / 1000;
      }
      if (lines === warmUp + measured) {
        const { user, system } = process.cpuUsage(cpu);
        latencies.sort();
        process.send({
          cpuMsPer10000: Math.round((user + system) / 1000),
          p50Us: Math.round(latencies[measured / 2]),
          p99Us: Math.round(latencies[measured * 0.99]),
          switchesPerLine: (process.resourceUsage().voluntaryContextSwitches - switches) / measured,
        });
      }
    }
  };
}
