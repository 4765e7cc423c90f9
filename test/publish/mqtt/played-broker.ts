import assert from 'node:assert/strict';
import { afterEach, beforeEach } from 'node:test';
import { MqttPublisher, type MqttPublisherOptions } from '#src/publish/mqtt/mqtt-publisher.js';
import { Topics } from '#src/publish/mqtt/topics.js';
import { Outbox } from '#src/publish/outbox/outbox.js';
import type { Qos, RecordKind } from '#src/publish/prediction/record.js';
import { RecordedLog } from '../../support/recorded-log.js';
import { ScriptedBroker, type Script } from '../../support/scripted-broker.js';

/** A bound for the failing test alone, far above what any needs. */
export const patienceMs = 20_000;

/**
 * Looks again and again, since a connection, an outbox and a log have no event in common; a millisecond apart, so that what
 * it waits for has the processor in between.
 */
export async function until(isDone: () => boolean): Promise<void> {
  const startMs = performance.now();
  while (!isDone()) {
    assert.ok(performance.now() - startMs < patienceMs, `not in time: ${isDone.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** A broker that follows a script for each test of a suite, and a publisher that connects to it. */
export function usePlayedBroker() {
  let log: RecordedLog;
  let outbox: Outbox;
  let broker: ScriptedBroker;
  let publisher: MqttPublisher;

  beforeEach(() => {
    log = new RecordedLog();
    outbox = new Outbox({
      maxBytes: 16 * 1024 * 1024,
      maxAgeMs: 3_600_000,
      onReady: () => publisher.recordsReady(),
    });
  });

  afterEach(async () => {
    await publisher.stop({ deadlineMs: 100 });
    await broker.stop();
  });

  async function play(script: Script, options: Partial<MqttPublisherOptions> = {}): Promise<void> {
    broker = await ScriptedBroker.start(script);
    publisher = new MqttPublisher({
      url: broker.url,
      clientId: 'lstmd-press',
      protocol: '5',
      keepaliveSeconds: 30,
      topics: new Topics('lstmd', 'press'),
      records: outbox,
      log,
      backoff: { minMs: 1, maxMs: 5 },
      ...options,
    });
    publisher.start();
  }

  function offer(count: number, qos: Qos = 1, kind: RecordKind = 'prediction'): void {
    for (let n = 0; n < count; n += 1) {
      outbox.offer({ stream: 'spindle', kind, payload: `{"seq":${n}}`, qos });
    }
  }

  const warnings = (): unknown[] =>
    log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields['reason']);

  return {
    get log() {
      return log;
    },
    get outbox() {
      return outbox;
    },
    get broker() {
      return broker;
    },
    get publisher() {
      return publisher;
    },

    play,
    offer,
    warnings,
  };
}
