import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTaskCase, tasksFolder, type TaskCase } from '../golden/task-case.js';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, testFolder } from '../support/daemon.js';
import { TestPty } from '../support/pty.js';

const names = ['autoencoder', 'forecaster', 'regressor'] as const;
const restartAfter = 22;

interface Published {
  readonly score?: number;
  readonly share?: Readonly<Record<string, number>>;
  readonly forecast?: { readonly value: Readonly<Record<string, readonly number[]>> };
  readonly error?: number;
  readonly value?: Readonly<Record<string, number>>;
}

function near(found: number | undefined, expected: number | undefined): void {
  assert.ok(found !== undefined && expected !== undefined);
  assert.ok(
    Math.abs(found - expected) <= 2e-5 * Math.max(1, Math.abs(expected)),
    `${found} for ${expected}`,
  );
}

/** One record of a window against what Keras predicted for it and numpy made of that. */
function check(
  golden: TaskCase,
  window: number,
  { score, share, error, ...found }: Published,
): void {
  const { scores, shares, outputs, values, labels, errors, horizon = 0 } = golden;
  if (scores !== undefined) {
    near(score, scores['mahalanobis_all']?.[window]);
    for (const [i, part] of Object.values(share ?? {}).entries()) {
      near(part, shares?.['mahalanobis_all']?.[window]?.[i]);
    }
  }
  if (errors !== undefined) {
    for (const [i, axis] of ['x', 'y', 'z'].entries()) {
      for (const [step, value] of (found.forecast?.value[axis] ?? []).entries()) {
        near(value, outputs[window]?.[3 * step + i]);
      }
    }
    // Nothing is due in the first samples, and nothing that waited is over a restart.
    const firstOfLife =
      window + golden.window > restartAfter ? restartAfter - golden.window + 1 : 0;
    if (window - horizon < firstOfLife) {
      assert.equal(error, undefined);
    } else {
      near(error, errors['mae']?.[window - horizon]);
    }
  }
  for (const [i, label] of (labels ?? []).entries()) {
    near(found.value?.[label], values?.[window]?.[i]);
  }
}

test(
  'an autoencoder, a forecaster and a regressor from tty to subscriber, over a restart',
  {
    skip: needsBroker(),
  },
  async (t) => {
    const folder = testFolder(t);
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/+/+');
    const goldens = names.map(readTaskCase);
    const ptys = names.map(() => new TestPty(t));
    writeFileSync(join(folder, 'errors.json'), JSON.stringify(goldens[0]?.distribution));
    const { scale, offset, labels, units } = readTaskCase('regressor');
    const options = {
      autoencoder: { score: { metric: 'mahalanobis', distribution: 'errors.json' } },
      forecaster: {},
      regressor: { heads: { gait: { scale, offset, labels, units } } },
    };
    const streams = names.map((name, i) => [
      name,
      {
        sensor: { link: ptys[i]?.path, rateHz: 26 },
        model: { file: join(tasksFolder, name, 'model.keras'), mode: 'sliding', ...options[name] },
        state: { onGap: { then: 'keep' } },
      },
    ]);
    const config = join(folder, 'lstmd.yaml');
    writeFileSync(
      config,
      JSON.stringify({
        device: 'box',
        stateDirectory: join(folder, 'state'),
        mqtt: { url: broker.url },
        streams: Object.fromEntries(streams) as unknown,
      }),
    );
    for (const { port } of ptys) {
      port.plug();
    }
    const records = (name: string) => subscriber.on(`lstmd/box/${name}/prediction`);
    const live = async (from: number, to: number): Promise<void> => {
      const daemon = new Daemon(t, config);
      await daemon.logged(/^running/);
      for (const [i, name] of names.entries()) {
        const rows = goldens[i]?.input.slice(from, to).map((row) => row.join(',')) ?? [];
        const pty = ptys[i] ?? assert.fail(name);
        while (!pty.port.read) {
          await daemon.nextLine();
        }
        pty.sendBanner();
        await pty.send(rows);
      }
      const isComplete = (): boolean =>
        names.every((name, i) => {
          const samples = Math.min(to, goldens[i]?.input.length ?? 0);
          return records(name).length >= samples - (goldens[i]?.window ?? 0) + 1;
        });
      await subscriber.until(isComplete);
      assert.equal(await daemon.end('SIGTERM'), 0, daemon.text);
    };
    await live(0, restartAfter);
    await live(restartAfter, 100);
    for (const [i, name] of names.entries()) {
      const golden = goldens[i] ?? assert.fail(name);
      const found = records(name).map(({ payload }) => JSON.parse(payload) as Published);
      assert.equal(found.length, golden.outputs.length, name);
      for (const [window, record] of found.entries()) {
        check(golden, window, record);
      }
    }
    const info = JSON.parse(subscriber.on('lstmd/box/regressor/info')[0]?.payload ?? '') as {
      readonly heads: readonly object[];
    };
    assert.deepEqual(info.heads, [
      { name: 'gait', task: 'regress', taskFrom: taskOfRegressor, labels, units, scale, offset },
    ]);
  },
);

const taskOfRegressor =
  'found: it ends in 2 linear units: values; if they are 2 steps to come say task: forecast, if classes without their softmax give the model one; trained with mean_squared_error';
