import { descriptorLimit } from '../platform/descriptor-limit.js';

/** Node's own, the broker, the lock, the outbox, and one to spare for each of them while it is renewed. */
const ofProcess = 48;
/** The port and what watches it, and the two slots of the state. */
const ofStream = 4;

/**
 * Whether a process with so many streams may open the descriptors that it needs. One that may not runs,
 * but the last of its streams get no port or save no state.
 *
 * @returns what is missing and the way out; undefined where there are enough
 */
export function descriptorShortage(
  streams: number,
  limit: number = descriptorLimit(),
): string | undefined {
  const needed = ofProcess + streams * ofStream;
  return needed <= limit
    ? undefined
    : `${streams} streams need ${needed} descriptors, and the process may have ${limit}: raise LimitNOFILE= of the unit, or "ulimit -n"`;
}
