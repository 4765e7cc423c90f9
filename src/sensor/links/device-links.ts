import type { Link } from './link.js';

/** Takes the devices that a pattern finds, and what happens to the connection that brings them. */
export interface DeviceSink {
  /**
   * Takes that a device sends of which there is no link yet.
   *
   * @param link what it sends; it keeps the first messages, up to a bound, until it is started
   * @returns whether the link is taken; where not, the message is dropped, and the next one asks again
   */
  appeared(device: string, link: Link): boolean;
  /** Takes that the pattern is subscribed to. */
  opened(pattern: string): void;
  /** Takes what is wrong or worth a line in the log. */
  noticed(message: string): void;
}

/** A link for each of the devices that share one connection. */
export interface DeviceLinks {
  /** The most devices that are to be taken. */
  readonly maxStreams: number;
  /** Counts of the connection, which only ever grow. */
  readonly counters: Readonly<Record<string, number>>;
  /** Begins; returns at once, whether the far end is there or not. Called once. */
  start(sink: DeviceSink): void;
  /** Closes the connection: no device appears any more, and no link brings anything. */
  stop(): Promise<void>;
}
