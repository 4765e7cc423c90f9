import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Agent } from '#src/agent/agent.js';
import { configSchema, type Config } from '#src/agent/config-schema.js';
import { LiveStream } from '#src/agent/live-stream.js';
import { preparePublisher } from '#src/agent/prepared-publisher.js';
import { prepareStreams } from '#src/agent/prepared-stream.js';
import { reloadModel } from '#src/agent/reload/model-reload.js';
import { TrialGroup } from '#src/agent/reload/trial-group.js';
import type { StreamObserver } from '#src/agent/stream-observer.js';
import { machineClock } from '#src/platform/machine-clock.js';
import type { CommandHandler } from '#src/publish/outbox/contract/commands.js';
import type { SampleBlock } from '#src/sensor/sample-block.js';
import { testFolder } from '../../support/daemon.js';
import { projectFile } from '../../support/project.js';
import { RecordedLog } from '../../support/recorded-log.js';

const log = new RecordedLog();
const nothing = (): void => {};

/** Makes a configuration of streams of one model. */
function configOf(t: TestContext, names: readonly string[], others: object = {}): Config {
  const stream = {
    sensor: { link: '/dev/ttyNone', rateHz: 26 },
    model: { file: projectFile('examples/running/running.keras'), mode: 'continuous' },
  };
  return configSchema.parse({
    device: 'box',
    stateDirectory: testFolder(t),
    mqtt: { url: 'mqtt://127.0.0.1' },
    streams: Object.fromEntries(names.map((name) => [name, stream])) as unknown,
    ...others,
  });
}

/** Makes streams of one model, whose sensors are not opened. */
async function streamsOf(
  t: TestContext,
  names: readonly string[],
): Promise<{ readonly config: Config; readonly streams: LiveStream[] }> {
  const config = configOf(t, names);
  const streams = (await prepareStreams(config)).map(
    (prepared) =>
      new LiveStream({
        prepared,
        boot: 1,
        qos: 1,
        emit: nothing,
        setNow: nothing,
        stepped: nothing,
        clock: machineClock(),
        log,
      }),
  );
  return { config, streams };
}

function sample(seq: number, value = 0.5): SampleBlock {
  return {
    count: 1,
    features: 3,
    values: Float32Array.of(value, value, value),
    timeMs: Float64Array.of(40 * seq),
    firstSeq: seq,
  };
}

test('a reload that fails while it begins leaves no stream on trial', async (t) => {
  const { config, streams } = await streamsOf(t, ['left', 'right']);
  const [left, right] = streams;
  assert.ok(left !== undefined && right !== undefined);
  const tried = t.mock.method(left, 'try');
  t.mock.method(right, 'stepsOf', () => {
    throw new Error('no memory');
  });
  const { signal } = new AbortController();
  const parts = { config, streams, templates: [], replaced: nothing, log, signal };
  const body = { streams: ['left', 'right'], configured: true };
  await assert.rejects(reloadModel(body, parts), { message: 'no memory' });
  const trials = tried.mock.calls.map(({ arguments: [trial] }) => trial !== undefined);
  assert.deepEqual(trials, [true, false]);
});

test(
  'a verdict that is known when it is asked for is not waited for',
  { timeout: 60_000 },
  async (t) => {
    const { streams } = await streamsOf(t, ['left']);
    const { signal } = new AbortController();
    for (const stream of streams) {
      const good = new TrialGroup(1, 120);
      good.add(stream, stream.stepsOf(stream.prepared));
      for (let seq = 1; seq <= stream.prepared.stepper.program.warmupSamples + 2; seq += 1) {
        stream.block(sample(seq));
      }
      await good.verdict(signal);
      good.end();

      const stopped = new TrialGroup(1, 120);
      stopped.add(stream, stream.stepsOf(stream.prepared));
      const stop = AbortSignal.abort(new Error('lstmd is being stopped'));
      await assert.rejects(stopped.verdict(stop), { message: 'lstmd is being stopped' });
    }
  },
);

test(
  'a stop waits for a reload that is past its verdict, and keeps another from beginning',
  { timeout: 120_000 },
  async (t) => {
    const commandsAllowed = { allow: ['reload'], modelDirectory: '/none' };
    const config = configOf(t, ['left'], { commands: commandsAllowed });
    const own = new RecordedLog();
    let commands: CommandHandler | undefined;
    const stops: Promise<unknown>[] = [];
    let wasReplaced: boolean | undefined;
    const streams: LiveStream[] = [];
    const nobody: StreamObserver = { stepped: nothing, gap: nothing, record: nothing };
    const agent = new Agent({
      config,
      streams: await prepareStreams(config),
      log: own,
      publisher: {
        ...(await preparePublisher(config)),
        create: (context) => {
          commands = context.commands;
          return {
            start: nothing,
            recordsReady: nothing,
            setLatest: nothing,
            stop: () => Promise.resolve(),
            stats: { connected: false, connects: 0, refusals: 0 },
          };
        },
      },
      observer: {
        records: (source) => source,
        start: nothing,
        stop: () => Promise.resolve(),
        stream: (live) => {
          streams.push(live);
          if (streams.length === 1) {
            const stop = live.stop.bind(live);
            live.stop = () => {
              wasReplaced = own.lines.some(({ message }) =>
                message.startsWith('the model was repl'),
              );
              return stop();
            };
          } else {
            // It is told of the stream in the middle of the reload, when nothing ends that any more.
            stops.push(agent.stop());
          }
          return nobody;
        },
      },
    });
    t.after(() => agent.stop());
    await agent.start(new AbortController().signal);
    const reload = JSON.stringify({ configured: true, outputs: 1 });
    const answer = commands?.run('reload', reload);
    for (let seq = 1; stops.length === 0; seq += 1) {
      streams[0]?.block(sample(seq));
      await setImmediate();
    }
    assert.match((await answer) ?? '', /"ok":true/);
    await stops[0];
    assert.equal(wasReplaced, true);
    assert.match((await commands?.run('reload', reload)) ?? '', /lstmd is being stopped/);
  },
);
