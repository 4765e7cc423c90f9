import type { RecordSource } from '../publish/outbox/contract/publisher.js';
import type { HealthSources } from './device-health.js';
import type { LiveStream } from './live-stream.js';
import type { StreamObserver } from './stream-observer.js';

/** Sees what an agent does. An agent without one pays nothing for it. */
export interface AgentObserver {
  /** Sees the way of records to the publisher, which is given the source that this returns. */
  records(source: RecordSource): RecordSource;
  /** A stream has resumed its state and will start now. */
  stream(stream: LiveStream): StreamObserver;
  /**
   * The agent starts: from now on its parts can be asked. Does not throw.
   *
   * @param sources gives them as they are at the moment of the call
   */
  start(sources: () => HealthSources): void;
  /** The agent has stopped. Does not throw. */
  stop(): Promise<void>;
}
