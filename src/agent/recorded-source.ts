import type { Log } from '../base/log.js';
import { createDecoder } from '../sensor/decoders/registry.js';
import { ObservedLink } from '../sensor/links/recording/observed-link.js';
import { createLink } from '../sensor/links/registry.js';
import { HeldTime } from '../sensor/time/held-time.js';
import type { StreamConfig } from './config-schema.js';
import { createSensor, readingConfig } from './sensor-factory.js';
import type { StreamRecorder } from './stream-recorder.js';

/** Brings bytes from `start` to `stop`. */
export interface RecordedSource {
  start(): void;
  stop(): Promise<void>;
}

const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** What brings the recorder its bytes: the link, and a sensor of its own that asks where the decoder does. */
export function recordedSource(config: StreamConfig, recorder: StreamRecorder): RecordedSource {
  const link = createLink(config.sensor);
  if (createDecoder(config.sensor).polling === undefined) {
    return { start: () => link.start(recorder.sink), stop: () => link.stop() };
  }
  const time = new HeldTime();
  const observed = new ObservedLink(link, time, recorder);
  // The recorder says what is wrong with the bytes.
  const asking = createSensor(readingConfig(config), silentLog, { link: observed, time });
  return {
    start: () => asking.start({ block: () => {}, gap: () => {} }),
    stop: () => asking.stop(),
  };
}
