import type { StreamRecord } from '../../publish/prediction/record.js';
import type { TrialStream } from '../../agent/trial-stream.js';
import type { Log } from '../../base/log.js';
import { LineWriter } from '../terminal/line-writer.js';
import { dim, Screen } from '../terminal/screen.js';
import { StreamPanel } from './stream-panel.js';

/** Says where the records of a trial go. */
export interface RecordOutput {
  /** Shows the streams' records from now on. */
  begin(streams: readonly TrialStream[]): void;
  take(record: StreamRecord): void;
  /** Resolves when a slow reader has taken what was written; for work that can wait. */
  ready(): Promise<void>;
  /** Ends with everything written. */
  end(): Promise<void>;
}

/** A record as a line: its JSON as it would be published, with `topic` before its members. */
export function topicLine({ stream, kind, payload }: StreamRecord): string {
  // The payload is an object that is not empty: its first character is the brace.
  return `{"topic":${JSON.stringify(`${stream}/${kind}`)},${payload.slice(1)}`;
}

/** Records as lines of JSON on stdout. */
export class RecordLines implements RecordOutput {
  readonly #writer = new LineWriter(process.stdout);
  readonly #hasTopic: boolean;
  #written: Promise<void> = Promise.resolve();

  /** @param hasTopic whether lines have a member `topic`, or are the payload alone */
  constructor(hasTopic: boolean) {
    this.#hasTopic = hasTopic;
  }

  begin(): void {}

  take(record: StreamRecord): void {
    const line = this.#hasTopic ? topicLine(record) : record.payload;
    // A reader that has gone is noticed by the command line.
    this.#written = this.#writer.write(line).catch(() => undefined);
  }

  ready(): Promise<void> {
    return this.#written;
  }

  async end(): Promise<void> {
    await this.#writer.flush().catch(() => undefined);
  }
}

/** Lines of the log that a view shows below its streams. */
const logLines = 4;

/** A live view on a terminal. Where the log has the same terminal, its last lines are part of the view. */
export class RecordView implements RecordOutput {
  readonly #screen: Screen;
  readonly #panels = new Map<string, StreamPanel>();
  readonly #said: string[] = [];

  constructor(out: NodeJS.WriteStream) {
    this.#screen = new Screen(out, () => [
      ...[...this.#panels.values()].flatMap((panel) => panel.lines),
      '',
      ...this.#said.map((line) => `  ${dim(line)}`),
      `  ${dim('nothing is published or saved; Ctrl-C ends')}`,
    ]);
  }

  /** A log into the view, for a stderr that is the view's own terminal. */
  get log(): Log {
    const say = (_fields: object, message: string): void => {
      this.#said.push(message);
      this.#said.splice(0, this.#said.length - logLines);
    };
    return { debug: () => {}, info: say, warn: say, error: say };
  }

  begin(streams: readonly TrialStream[]): void {
    for (const stream of streams) {
      this.#panels.set(stream.name, new StreamPanel(stream));
    }
    this.#screen.start();
  }

  take({ stream, kind, payload }: StreamRecord): void {
    this.#panels.get(stream)?.take(kind, payload);
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  end(): Promise<void> {
    this.#screen.stop();
    return Promise.resolve();
  }
}
