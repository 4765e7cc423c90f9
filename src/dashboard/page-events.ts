import type { ServerResponse } from 'node:http';
import type { HealthSources } from '../agent/device-health.js';
import { unreadCounts } from '../agent/unread-counts.js';
import { sumOf } from '../base/sum-of.js';
import { packageVersion } from '../base/version.js';
import type { LiveTrace } from './live-trace.js';
import type { Counters, Message } from './messages.js';
import { stateCells } from './state-cells.js';

/** Messages a second are bounded by this, however fast the sensor. */
const columnsEveryMs = 125;
/** In turns of the above: the state twice a second, the counters once. */
const stateEvery = 4;
const countersEvery = 8;
/** So much may wait for a slow reader; beyond it columns are left out, and the page shows them later or not at all. */
const mostWaitingBytes = 256 * 1024;

export interface PageSources {
  readonly device: string;
  readonly sources: () => HealthSources | undefined;
  /** The traces of all streams, by their names. */
  readonly traces: ReadonlyMap<string, LiveTrace>;
}

/** Tells one page of one stream, as server-sent events, until it goes away. */
export class PageEvents {
  readonly #from: PageSources;
  readonly #wanted: string | undefined;
  readonly #response: ServerResponse;
  #trace: LiveTrace | undefined;
  #columns = 0;
  #marks = 0;
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param wanted name of the stream; default the first */
  constructor(from: PageSources, wanted: string | undefined, response: ServerResponse) {
    this.#from = from;
    this.#wanted = wanted;
    this.#response = response;
  }

  start(): void {
    this.#response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    });
    this.#hello();
    this.#timer = setInterval(() => this.#look(), columnsEveryMs).unref();
    this.#response.once('close', () => this.stop());
  }

  /** Ends the answer. May be called again. */
  stop(): void {
    clearInterval(this.#timer);
    this.#response.end();
  }

  #hello(): void {
    const { device, sources, traces } = this.#from;
    const [first] = traces.values();
    const trace = this.#wanted === undefined ? first : (traces.get(this.#wanted) ?? first);
    this.#trace = trace;
    this.#columns = trace?.columns.count ?? 0;
    this.#marks = trace?.marks.count ?? 0;
    this.#turn = 0;
    this.#send({
      kind: 'hello',
      device,
      version: packageVersion(),
      boot: sources()?.boot ?? 0,
      streams: [...traces.keys()],
      stream: trace?.facts ?? null,
      columns: trace?.columns.since(0) ?? { timeMs: [], low: [], high: [], outputs: [] },
      marks: trace?.marks.since(0) ?? [],
    });
  }

  #look(): void {
    if (this.#response.writableLength > mostWaitingBytes) {
      return;
    }
    const trace = this.#trace;
    if (trace === undefined) {
      if (this.#from.traces.size > 0) {
        this.#hello();
      }
      return;
    }
    if (this.#from.traces.get(trace.facts.name) !== trace) {
      // Another model runs by now, whose outputs are others.
      this.#hello();
      return;
    }
    this.#news(trace);
    if (this.#turn % stateEvery === 0) {
      const { program, state } = trace.stream.prepared.stepper;
      this.#send({ kind: 'state', tensors: stateCells(program, state) });
    }
    const sources = this.#from.sources();
    if (this.#turn % countersEvery === 0 && sources !== undefined) {
      this.#send(counters(trace, sources, [...this.#from.traces.keys()]));
    }
    this.#turn += 1;
  }

  #news({ columns, marks }: LiveTrace): void {
    if (marks.count > this.#marks) {
      this.#send({ kind: 'marks', marks: marks.since(this.#marks) });
      this.#marks = marks.count;
    }
    if (columns.count > this.#columns) {
      this.#send({ kind: 'columns', ...columns.since(this.#columns) });
      this.#columns = columns.count;
    }
  }

  #send(message: Message): void {
    this.#response.write(`data: ${JSON.stringify(message)}\n\n`);
  }
}

function counters(
  { stream }: LiveTrace,
  { outbox, publisher }: HealthSources,
  streams: readonly string[],
): Counters {
  const { health } = stream;
  const { connected, measuredHz, sensor, published, state, steps } = health;
  const { delivered, pending, dropped } = outbox.stats;
  return {
    kind: 'counters',
    streams,
    connected,
    brokerConnected: publisher.stats.connected,
    measuredHz,
    samples: steps.steps,
    gaps: sensor['clock']?.['gaps'] ?? 0,
    unread: sumOf(unreadCounts(health)),
    predictions: published.predictions,
    events: published.events,
    delivered,
    waiting: pending,
    dropped: sumOf(dropped),
    saves: state.saves,
    savesFailing: state.failing,
    uptimeSeconds: Math.round(process.uptime()),
  };
}
