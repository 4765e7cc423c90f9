import { afterEach, beforeEach } from 'node:test';
import { MqttPublisher, type MqttPublisherOptions } from '#src/publish/mqtt/mqtt-publisher.js';
import { Topics } from '#src/publish/mqtt/topics.js';
import { Outbox } from '#src/publish/outbox/outbox.js';
import type { Qos } from '#src/publish/prediction/record.js';
import { RecordedLog } from '../../support/recorded-log.js';

/** A publisher and its outbox for each test of a suite. */
export function usePublisher() {
  let log: RecordedLog;
  let outbox: Outbox;
  let publisher: MqttPublisher | undefined;
  /** How far the clock of the outbox was moved. */
  let passedMs = 0;

  beforeEach(() => {
    passedMs = 0;
    log = new RecordedLog();
    outbox = new Outbox({
      maxBytes: 16 * 1024 * 1024,
      maxAgeMs: 3_600_000,
      monotonicMs: () => performance.now() + passedMs,
      onReady: () => publisher?.recordsReady(),
    });
  });

  afterEach(async () => {
    await publisher?.stop({ deadlineMs: 100 });
    publisher = undefined;
  });

  function connect(
    url: string | readonly string[],
    options: Partial<MqttPublisherOptions> = {},
  ): MqttPublisher {
    publisher = new MqttPublisher({
      url,
      clientId: 'lstmd-press',
      protocol: '5',
      keepaliveSeconds: 30,
      topics: new Topics('lstmd', 'press'),
      records: outbox,
      log,
      backoff: { minMs: 5, maxMs: 20 },
      now: () => 1_763_880_000_000,
      ...options,
    });
    publisher.start();
    return publisher;
  }

  /** Resolves at the first log line, past or future, with these words in it. */
  function logged(part: string): Promise<void> {
    const has = (line: object): boolean => JSON.stringify(line).includes(part);
    if (log.lines.some(has)) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      log.heard = (line) => {
        if (has(line)) {
          resolve();
        }
      };
    });
  }

  function offer(payload: string, qos: Qos = 1): void {
    outbox.offer({ stream: 'spindle', kind: 'prediction', payload, qos });
  }

  /** Publishes seq `from` to `to` as fast as the outbox takes them, a few a turn of the loop. */
  async function produce(from: number, to: number): Promise<void> {
    for (let seq = from; seq <= to; seq += 1) {
      offer(`{"seq":${seq}}`);
      if (seq % 50 === 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  return {
    get log() {
      return log;
    },
    get outbox() {
      return outbox;
    },
    get publisher() {
      return publisher;
    },
    set publisher(value) {
      publisher = value;
    },
    /** Has so much time pass for the records that wait. */
    pass(ms: number): void {
      passedMs += ms;
    },
    connect,
    logged,
    offer,
    produce,
  };
}
