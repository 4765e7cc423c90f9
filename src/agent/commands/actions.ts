import { LstmdError } from '../../base/errors.js';
import type { JsonObject } from '../../base/json.js';
import type { CommandName } from '../../config/commands-section.js';
import { eventName, withThresholds } from '../../publish/prediction/event-rules.js';
import type { LiveStream } from '../live-stream.js';
import type { CommandAction } from './command-desk.js';

export interface ActionParts {
  /** The streams that run. */
  readonly streams: readonly LiveStream[];
  /** Publishes what a stream is anew, and returns it: a JSON object. */
  readonly publishInfo: (stream: LiveStream) => string;
  /** Puts another model in the place of the one that streams run with, as the members ask for it. */
  readonly reload: (body: JsonObject) => Promise<object>;
}

/** The commands that a device knows, each with what it does. */
export function commandActions(parts: ActionParts): Readonly<Record<CommandName, CommandAction>> {
  return {
    /** `{"stream":"wearer"}` */
    async reset(body) {
      only(body, ['stream']);
      const stream = streamOf(body, parts.streams);
      const isSaved = await stream.reset();
      return { stream: stream.name, saved: isSaved };
    },
    /** `{"stream":"wearer"}`, or all of them without it. */
    async checkpoint(body) {
      only(body, ['stream']);
      const streams =
        body['stream'] === undefined ? parts.streams : [streamOf(body, parts.streams)];
      const saved: Record<string, number | null> = {};
      for (const stream of streams) {
        saved[stream.name] = await stream.checkpoint();
      }
      const failed = Object.keys(saved).filter((name) => saved[name] === null);
      if (failed.length > 0) {
        throw new LstmdError(
          'state.write',
          `the state of ${failed.join(', ')} could not be saved: the log says why`,
        );
      }
      return { saved };
    },
    /** `{"stream":"wearer","event":"running","on":0.8,"off":0.6}`; an event of a label is named by that. */
    async thresholds(body) {
      only(body, ['stream', 'event', 'on', 'off']);
      await Promise.resolve();
      const stream = streamOf(body, parts.streams);
      const { events } = stream.prepared;
      const { event, on, off } = body;
      const watched = events.find(({ rule }) => eventName(rule) === event);
      if (watched === undefined) {
        const names = events.map(({ rule }) => eventName(rule)).join(', ');
        throw new LstmdError('usage.invalid', `event: must be one of: ${names || '(none)'}`);
      }
      if (!isFinite(on) || !isFinite(off)) {
        throw new LstmdError('usage.invalid', 'on and off: must be numbers');
      }
      const before = { on: watched.rule.on, off: watched.rule.off };
      watched.rule = withThresholds(
        watched,
        on,
        off,
        `the command thresholds, ${new Date().toISOString()}, until the next start`,
      );
      parts.publishInfo(stream);
      return { stream: stream.name, event, on, off, before, until: 'the next start' };
    },
    /** `{"stream":"wearer","file":"gait-7.keras","sha256":"9f86…"}`, or with `"configured":true` that of the configuration. */
    async reload(body) {
      only(body, ['stream', 'streams', 'file', 'sha256', 'configured', 'outputs', 'seconds']);
      return parts.reload(body);
    },
    /** `{"stream":"wearer"}`, or all of them without it. */
    async info(body) {
      only(body, ['stream']);
      await Promise.resolve();
      const streams =
        body['stream'] === undefined ? parts.streams : [streamOf(body, parts.streams)];
      return {
        streams: Object.fromEntries(
          streams.map((stream) => [stream.name, JSON.parse(parts.publishInfo(stream)) as unknown]),
        ),
      };
    },
  };
}

/** A member that is not known may be a slip, and would change what is asked for. */
function only(body: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(body).find((key) => key !== 'id' && !known.includes(key));
  if (unknown !== undefined) {
    throw new LstmdError(
      'usage.invalid',
      `${unknown}: there is no such member; there are id, ${known.join(', ')}`,
    );
  }
}

function streamOf({ stream }: JsonObject, streams: readonly LiveStream[]): LiveStream {
  const [first, ...others] = streams;
  const found =
    stream === undefined && others.length === 0
      ? first
      : streams.find(({ name }) => name === stream);
  if (found === undefined) {
    const names = streams.map(({ name }) => name).join(', ');
    throw new LstmdError('usage.invalid', `stream: must be one of: ${names || '(none yet)'}`);
  }
  return found;
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
