import { LstmdError } from '../base/errors.js';
import { descriptorLimit } from '../platform/descriptor-limit.js';
import { createDeviceLinks, isTemplate } from '../sensor/links/registry.js';
import type { Config } from './config-schema.js';

/** Node's own, the broker, the lock, the outbox, and one to spare for each of them while it is renewed. */
const ofProcess = 48;
/** The port and what watches it, and the two slots of the state. */
const ofStream = 4;

/** Counts the streams that there may be, those of devices included. */
export function mostStreams({ streams }: Pick<Config, 'streams'>): number {
  return Object.values(streams).reduce(
    (sum, { sensor }) => sum + (isTemplate(sensor) ? createDeviceLinks(sensor).maxStreams : 1),
    0,
  );
}

/**
 * Looks whether the streams that no device has to send for have descriptors, which costs nothing before any model is loaded.
 *
 * @throws LstmdError `config.invalid` where they have not
 */
export function refuseShortage(config: Pick<Config, 'streams'>): void {
  const shortage = descriptorShortage(fewestStreams(config));
  if (shortage !== undefined) {
    throw new LstmdError('config.invalid', shortage, { at: ['streams'] });
  }
}

/** Counts the streams that there are at the least: those that no device has to send for. */
export function fewestStreams({ streams }: Pick<Config, 'streams'>): number {
  return Object.values(streams).filter(({ sensor }) => !isTemplate(sensor)).length;
}

/**
 * Returns whether a process with so many streams may open the descriptors that it needs. Without them the last of its
 * streams would get no port or save no state.
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
