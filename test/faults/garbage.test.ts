import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, predictRows, smallHeap, testFolder, writeConfig } from '../support/daemon.js';
import { Draw } from '../support/draw.js';
import { countLineEnds } from '../support/line-ends.js';
import { processResources } from '../support/process-resources.js';
import { TestPty } from '../support/pty.js';
import { isLong } from './long-run.js';

/** 16 MiB are what 115200 baud bring in 24 minutes. */
const floodBytes = (isLong ? 16 : 1) * 2 ** 20;
const chunkBytes = 4096;

const floods: readonly [what: string, chunk: (draw: Draw) => Uint8Array][] = [
  ['noise', (draw) => Uint8Array.from({ length: chunkBytes }, () => draw.whole(0, 255))],
  ['no newline', () => Buffer.alloc(chunkBytes, '7')],
  ['nothing but newlines', () => Buffer.alloc(chunkBytes, '\n')],
  ['breaks', () => Buffer.alloc(chunkBytes)],
  ['rows of too many fields', () => Buffer.from('1,2,3,4,5,6,7\n'.repeat(chunkBytes / 14))],
];

interface Health {
  readonly sensor: {
    readonly link: { readonly bytes: number };
    readonly decoder: Readonly<Record<string, number>>;
  };
}

test(
  'takes garbage at full rate in bounded memory, counts it, and reads the next rows',
  { skip: needsBroker(), timeout: 1_200_000 },
  async (t) => {
    const folder = testFolder(t);
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/#');
    const pty = new TestPty(t);
    pty.port.plug();
    // Missing samples are not what is looked at here.
    const state = '{ onGap: { then: keep } }';
    const daemon = new Daemon(
      t,
      writeConfig({ folder, brokerUrl: broker.url, link: pty.path, state }),
      smallHeap,
    );
    await daemon.logged(/^reading /);
    await daemon.logged(/connected to the broker/);

    const predictions = () => subscriber.on('lstmd/box/wearer/prediction');
    const rows: string[] = [];
    let sent = 0;
    let lineEnds = 0;
    let lastByte: number | undefined;
    const send = async (bytes: Uint8Array): Promise<void> => {
      if (!pty.port.write(bytes)) {
        await pty.port.drained();
      }
      sent += bytes.length;
      lineEnds += countLineEnds(bytes);
      // The two of one line end may lie in two chunks.
      if (lastByte === 0x0d && bytes[0] === 0x0a) {
        lineEnds -= 1;
      }
      lastByte = bytes.at(-1);
    };
    const sendRow = async (): Promise<void> => {
      rows.push(`${900 + rows.length},${-10 * rows.length},25`);
      await send(Buffer.from(`${rows.at(-1)}\n`));
    };

    // The first line after an opening is never a row; see TestPty.sendBanner.
    await send(Buffer.from('boot\n'));
    await sendRow();
    const draw = new Draw(7);
    const grown: string[] = [];
    for (const [what, chunk] of floods) {
      const chunks = Math.ceil(floodBytes / chunkBytes);
      let warmMiB = 0;
      for (let n = 0; n < chunks; n += 1) {
        await send(chunk(draw));
        if (n === Math.floor(chunks / 4)) {
          warmMiB = processResources(daemon.pid).rssMiB;
        }
      }
      await send(Buffer.from('\n'));
      for (let n = 0; n < 3; n += 1) {
        await sendRow();
      }
      await subscriber.until(() => predictions().length === rows.length);
      const moreMiB = processResources(daemon.pid).rssMiB - warmMiB;
      grown.push(`${what} ${moreMiB.toFixed(1)} MiB`);
      // What is kept of a flood would be as large as the flood.
      assert.ok(moreMiB < (isLong ? 2 : 6), grown.join());
    }
    t.diagnostic(`${sent} bytes sent; RSS more by: ${grown.join(', ')}`);
    assert.equal(await daemon.end(), 0);

    const outputs = predictions().map(
      ({ payload }) => (JSON.parse(payload) as { p: { running: number } }).p.running,
    );
    assert.deepEqual(outputs, await predictRows(rows));
    const last = subscriber.on('lstmd/box/wearer/health').at(-1);
    const { sensor } = JSON.parse(last?.payload ?? '{}') as Health;
    const { link, decoder } = sensor;
    const { bytes, ...lines } = decoder;
    assert.equal(link.bytes, sent);
    assert.equal(bytes, sent);
    assert.equal(
      Object.values(lines).reduce((sum, count) => sum + count, 0),
      lineEnds,
    );
  },
);
