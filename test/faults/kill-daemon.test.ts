import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stepper } from '#src/engine/stepper.js';
import { openStream } from '#src/stream/model-stream.js';
import { loadModel } from '#src/model/load-model.js';
import { nodeFileSystem } from '#src/platform/file-system.js';
import type { SavedState } from '#src/state/saved-state.js';
import { bootCount } from '../support/boot-count.js';
import { Broker, needsBroker, type Received } from '../support/broker.js';
import { Daemon, testFolder, writeConfig } from '../support/daemon.js';
import { projectFile } from '../support/project.js';
import { Draw } from '../support/draw.js';
import { TestPty } from '../support/pty.js';
import { newestState } from '../support/newest-state.js';
import { isLong } from './long-run.js';

/** `LSTMD_LONG_KILLS=200 npm run test:faults` for fewer. */
const kills = isLong ? Number(process.env['LSTMD_LONG_KILLS'] ?? 1000) : 5;
const topic = 'lstmd/box/wearer/prediction';

interface Prediction {
  readonly boot: number;
  readonly seq: number;
  readonly p: { readonly running: number };
}

/** Readings of the n-th row after a start, in mg. */
function rowOf(boot: number, n: number): readonly number[] {
  return [900 + ((n + boot) % 7) * 30, (n % 5) * 40 - 80, ((n * boot) % 11) * 25 - 100];
}

/** The start that was counted last. */
async function lastBoot(path: string): Promise<number> {
  const text = await nodeFileSystem.read(path);
  return text === null ? 0 : Number.parseInt(Buffer.from(text).toString(), 10);
}

/** Steps beside each daemon, from what was on flash when it started, and compares. */
class PredictionChecker {
  checked = 0;
  repeated = 0;
  #boot = 0;
  #payloads: string[] = [];

  readonly #stepper: Stepper;
  /** The state that each start found on flash, by its boot. */
  readonly #found: ReadonlyMap<number, SavedState | undefined>;

  constructor(stepper: Stepper, found: ReadonlyMap<number, SavedState | undefined>) {
    this.#stepper = stepper;
    this.#found = found;
  }

  take({ payload }: Received): void {
    const { boot: number, seq, p } = JSON.parse(payload) as Prediction;
    const boot = bootCount(number);
    if (boot !== this.#boot) {
      assert.ok(boot > this.#boot, `boot ${boot} after ${this.#boot}`);
      this.#begin(boot);
    }
    const known = this.#payloads[seq - 1];
    if (known !== undefined) {
      assert.equal(payload, known, `boot ${boot}, seq ${seq} twice, and not the same`);
      this.repeated += 1;
      return;
    }
    assert.equal(seq, this.#payloads.length + 1, `boot ${boot}`);
    this.#payloads.push(payload);
    const readings = rowOf(boot, seq - 1);
    const output = this.#stepper.push(readings.map((reading) => Math.fround(reading * 0.001)));
    assert.equal(Math.fround(p.running), output?.[0], `boot ${boot}, seq ${seq}`);
    this.checked += 1;
  }

  #begin(boot: number): void {
    assert.ok(this.#found.has(boot), `nobody saw boot ${boot} start`);
    this.#boot = boot;
    this.#payloads = [];
    const record = this.#found.get(boot);
    if (record === undefined) {
      this.#stepper.reset();
    } else {
      this.#stepper.restore(record.state, record.sampleCount);
    }
  }
}

test(
  `starts right after each of ${kills} random kill -9 under load`,
  // A start takes a second and more, and of a busy machine several.
  { skip: needsBroker(), timeout: isLong ? 7_000_000 : 600_000 },
  async (t) => {
    const folder = testFolder(t);
    const { broker, subscriber } = await Broker.withSubscriber(t, topic);
    const pty = new TestPty(t);
    pty.port.plug();
    const config = writeConfig({
      folder,
      brokerUrl: broker.url,
      link: pty.path,
      state: '{ checkpointSeconds: 0.05, onGap: { then: keep } }',
    });
    const plan = await loadModel(projectFile('examples/running/running.keras'), {});
    const { stepper } = await openStream(plan, { mode: 'continuous' });
    const found = new Map<number, SavedState | undefined>();
    const checker = new PredictionChecker(stepper, found);
    const draw = new Draw(11);
    const firstMs: number[] = [];
    let early = 0;
    let resumed = 0;

    /** Sends ten rows every 5 ms, as a sensor does, until the daemon of this start is gone. */
    const feed = async (daemon: Daemon, boot: number, stop: AbortSignal): Promise<void> => {
      await daemon.logged(/^reading /);
      pty.sendBanner();
      for (let n = 0; !stop.aborted;) {
        for (const end = n + 10; n < end; n += 1) {
          pty.port.write(Buffer.from(`${rowOf(boot, n).join()}\n`));
        }
        await sleep(5);
      }
    };

    for (let kill = 0; kill <= kills; kill += 1) {
      const record = await newestState(join(folder, 'state/wearer'));
      const boot = 1 + (await lastBoot(join(folder, 'state/boot')));
      found.set(boot, record);
      const startedMs = performance.now();
      const daemon = new Daemon(t, config);
      const stop = new AbortController();
      t.after(() => stop.abort());
      const feeding = feed(daemon, boot, stop.signal).catch(() => undefined);
      // Some die while they start, the others while they work, each at a random moment, which no
      // event marks; the last one ends in peace.
      if (kill > 0 && kill < kills && draw.chance(0.25)) {
        await sleep(draw.whole(0, 600));
      } else {
        await subscriber.until((received) =>
          received.some(
            ({ payload }) => bootCount((JSON.parse(payload) as Prediction).boot) === boot,
          ),
        );
        firstMs.push(performance.now() - startedMs);
        if (kill === 0) {
          // There is a state to resume from then on, however slow the machine is.
          while ((await newestState(join(folder, 'state/wearer'))) === undefined) {
            await sleep(5);
          }
        }
        await sleep(draw.whole(0, 400));
      }
      const code = await daemon.end(kill < kills ? 'SIGKILL' : 'SIGTERM');
      stop.abort();
      await feeding;
      assert.equal(code, kill < kills ? null : 0, daemon.text);
      const running = daemon.lines.find(({ msg }) => msg.startsWith('running'));
      if (running === undefined) {
        early += 1;
      } else {
        assert.equal(bootCount(Number(running['boot'])), boot);
      }
      const line = daemon.lines.find(({ msg }) => /resumed after|no saved state/.test(msg));
      if (line !== undefined) {
        assert.equal(line['samples'], record?.sampleCount);
        if (record !== undefined) {
          resumed += 1;
        }
      }
      assert.ok(!daemon.lines.some(({ level }) => level === 'error'), daemon.text);
      for (const message of subscriber.received.splice(0)) {
        checker.take(message);
      }
    }
    const sorted = firstMs.toSorted((a, b) => a - b);
    const quantile = (part: number): number =>
      Math.round(
        sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN,
      );
    t.diagnostic(
      `${kills} kills, ${early} of them before it ran; ${resumed} starts resumed; ` +
        `${checker.checked} predictions compared, ${checker.repeated} of them twice; ` +
        `first after p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, most ${quantile(1)} ms`,
    );
    assert.ok(checker.checked > 0 && resumed > 0);
  },
);
