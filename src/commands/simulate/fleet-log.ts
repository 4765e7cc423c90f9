import type { Log } from '../../base/log.js';
import { RepeatedLine } from '../../base/repeated-line.js';
import { inFlags } from '../terminal/broker-flags.js';

/**
 * The log of a whole fleet, on stderr: what a thousand devices have to say at once is one line a minute. That they connect
 * is in the totals, and not in here.
 */
export class FleetLog implements Log {
  readonly #lines = new Map<string, RepeatedLine>();

  debug(): void {
    // Nothing of it is for people.
  }

  info(): void {
    // The totals tell it.
  }

  warn(fields: object, message: string): void {
    let line = this.#lines.get(message);
    if (line === undefined) {
      line = new RepeatedLine(write);
      this.#lines.set(message, line);
    }
    line.say(fields, message);
  }

  error(fields: object, message: string): void {
    this.warn(fields, message);
  }

  /** Says what was only counted so far. */
  flush(): void {
    for (const line of this.#lines.values()) {
      line.flush();
    }
  }
}

function write(fields: object, message: string): void {
  process.stderr.write(`lstmd: ${inFlags(`${message} ${JSON.stringify(fields)}`)}\n`);
}
