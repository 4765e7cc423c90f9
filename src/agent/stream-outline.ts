import { eventName } from '../publish/prediction/event-rules.js';
import type { StreamOutline } from '../publish/prediction/stream-outline.js';
import type { PreparedStream } from './prepared-stream.js';
import { sampleRateHz } from './stream-features.js';

/** Returns what the records of a stream will hold, and how often they come. */
export function streamOutline(stream: PreparedStream): StreamOutline {
  const { entry, heads, events, config, stepper } = stream;
  const isOne = heads.length === 1;
  const members = heads.flatMap((head) =>
    head.published.map((member) =>
      isOne ? member : { ...member, path: ['heads', head.name, ...member.path] },
    ),
  );
  const { maxHz, onChange, format } = config.publish;
  const { mode, stride } = stepper.program;
  const samples = config.publish.every * (mode === 'sliding' ? stride : 1);
  return {
    entry,
    members,
    events: events.map(({ rule }) => eventName(rule)),
    periodMs: Math.max(
      (1000 * samples) / sampleRateHz(config),
      1000 / (maxHz ?? Infinity),
      1000 * (onChange?.maxSeconds ?? 0),
    ),
    format,
    nowSeconds: config.publish.nowSeconds,
  };
}
