import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStream } from '#src/stream/model-stream.js';
import { loadModel } from '#src/model/load-model.js';
import { MotionModel } from '#src/simulator/motion/motion.js';
import { Broker, needsBroker, type Received } from '../support/broker.js';
import { Daemon, smallHeap, testFolder, writeConfig } from '../support/daemon.js';
import { projectFile } from '../support/project.js';
import { processResources, type ProcessResources } from '../support/process-resources.js';
import { TestPty } from '../support/pty.js';
import { newestState } from '../support/newest-state.js';
import { isLong } from './long-run.js';

/** A day at 100 Hz; `LSTMD_LONG_SAMPLES` for more. */
const samples = isLong ? Number(process.env['LSTMD_LONG_SAMPLES'] ?? 8_640_000) : 60_000;
const samplesPerHour = 360_000;
/** Every so many outputs are published; the state at the end has seen all of them. */
const every = 10;
const rowsPerWrite = 100;
const looks = 200;
/** The collector lets the memory swing: of so many looks, the least counts. */
const looksAtFloor = 20;

interface Health {
  readonly records: Readonly<Record<'produced' | 'delivered' | 'pending', number>> & {
    readonly dropped: Readonly<Record<string, number>>;
  };
}

interface StreamHealth {
  readonly sensor: { readonly decoder: Readonly<Record<string, number>> };
}

/** Outputs as their bits, in order. */
class OutputHash {
  count = 0;
  readonly #hash = createHash('sha256');
  readonly #one = new Float32Array(1);

  add(output: number): void {
    this.#one[0] = output;
    this.#hash.update(new Uint8Array(this.#one.buffer));
    this.count += 1;
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Least squares, MiB an hour of samples. */
function slopeMiB(rssMiB: readonly number[], hoursApart: number): number {
  const meanX = (rssMiB.length - 1) / 2;
  const meanY = rssMiB.reduce((sum, each) => sum + each, 0) / rssMiB.length;
  let [xy, xx] = [0, 0];
  for (const [x, y] of rssMiB.entries()) {
    xy += (x - meanX) * (y - meanY);
    xx += (x - meanX) ** 2;
  }
  return xy / xx / hoursApart;
}

test(
  `holds no more after ${samples} samples than before, and its outputs are those of the library`,
  { skip: needsBroker(), timeout: 7_200_000 },
  async (t) => {
    const folder = testFolder(t);
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/#');
    const pty = new TestPty(t);
    pty.port.plug();
    const daemon = new Daemon(
      t,
      writeConfig({
        folder,
        brokerUrl: broker.url,
        link: pty.path,
        state: '{ checkpointSeconds: 0.2, onGap: { then: keep } }',
        publish: `{ every: ${every} }`,
        healthSeconds: 1,
      }),
      smallHeap,
    );
    await daemon.logged(/^reading /);
    pty.sendBanner();

    const plan = await loadModel(projectFile('examples/running/running.keras'), {});
    const { stepper } = await openStream(plan, { mode: 'continuous' });
    const expected = new OutputHash();
    const published = new OutputHash();
    let health = '{}';
    let streamHealth = '{}';
    let isOver = false;
    const take = (messages: readonly Received[]): void => {
      for (const { topic, payload } of messages) {
        if (topic === 'lstmd/box/health') {
          health = payload;
        }
        if (topic === 'lstmd/box/wearer/health') {
          streamHealth = payload;
        }
        // Its last health comes before that.
        if (topic === 'lstmd/box/status') {
          isOver = payload.includes('offline');
        }
        if (topic !== 'lstmd/box/wearer/prediction') {
          continue;
        }
        const { seq, p } = JSON.parse(payload) as { seq: number; p: { running: number } };
        assert.equal(seq, 1 + published.count * every);
        published.add(p.running);
      }
    };

    const taken = (done: () => boolean): Promise<void> =>
      subscriber.until(() => {
        take(subscriber.received.splice(0));
        return done();
      });

    const motion = new MotionModel({ seed: 23, rateHz: 100 });
    const reading = new Float32Array(3);
    const features = new Float32Array(3);
    const held: ProcessResources[] = [];
    const startedMs = performance.now();
    for (let sent = 0; sent < samples;) {
      const rows: string[] = [];
      for (let n = 0; n < rowsPerWrite; n += 1) {
        motion.next(reading);
        rows.push(reading.join());
        for (const axis of features.keys()) {
          features[axis] = (reading[axis] ?? 0) * 0.001;
        }
        const output = stepper.push(features);
        if ((sent + n) % every === 0) {
          expected.add(output?.[0] ?? Number.NaN);
        }
      }
      if (!pty.port.write(Buffer.from(`${rows.join('\n')}\n`))) {
        await pty.port.drained();
      }
      sent += rowsPerWrite;
      // The reader is never more than this behind, so that a look is one of the moment.
      const due = expected.count - 2000;
      await taken(() => published.count >= due);
      if (sent % (samples / looks) === 0) {
        held.push(processResources(daemon.pid));
      }
    }
    await taken(() => published.count >= samples / every);
    const seconds = (performance.now() - startedMs) / 1000;
    assert.equal(await daemon.end(), 0);
    await taken(() => isOver);

    assert.equal(published.count, samples / every);
    assert.equal(published.digest(), expected.digest());
    const record = await newestState(join(folder, 'state/wearer'));
    assert.equal(record?.sampleCount, samples);
    assert.deepEqual(record.state, stepper.state);
    const { records } = JSON.parse(health) as Health;
    const { sensor } = JSON.parse(streamHealth) as StreamHealth;
    const { produced, delivered, pending, dropped } = records;
    assert.equal(produced, samples / every);
    assert.equal(delivered + pending, produced);
    assert.deepEqual([...new Set(Object.values(dropped))], [0]);
    const { bytes, rows, text = 0, partial = 0, ...lost } = sensor.decoder;
    const banners = text + partial;
    assert.deepEqual([rows, banners, ...new Set(Object.values(lost))], [samples, 1, 0], `${bytes}`);

    const warm = held.slice(looks / 4);
    const descriptors = new Set(warm.map((each) => each.descriptors));
    const threads = new Set(warm.map((each) => each.threads));
    const floors = Array.from({ length: looks / looksAtFloor }, (_, n) =>
      Math.min(...held.slice(n * looksAtFloor, (n + 1) * looksAtFloor).map((each) => each.rssMiB)),
    );
    const hoursApart = (samples * looksAtFloor) / looks / samplesPerHour;
    const slope = slopeMiB(floors.slice(floors.length / 5), hoursApart);
    t.diagnostic(
      `${Math.round(samples / seconds)} samples a second; least RSS of every tenth ` +
        `${floors.map((each) => Math.round(each)).join(' ')} MiB${isLong ? `, ${slope.toFixed(3)} MiB an hour of samples` : ''}; ` +
        `most ${Math.round(Math.max(...held.map((each) => each.rssMiB)))} MiB; ` +
        `descriptors ${[...descriptors].join()}, threads ${[...threads].join()}`,
    );
    assert.equal(threads.size, 1);
    // A short run may still open its two slots; a look may fall on a moment of a third.
    assert.ok(Math.max(...descriptors) - Math.min(...descriptors) <= (isLong ? 1 : 3));
    if (isLong) {
      assert.ok(slope <= 0.5, `${slope} MiB an hour`);
    }
  },
);
