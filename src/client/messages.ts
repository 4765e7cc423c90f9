/** Says which record of a stream it is, and when its sample was acquired. */
export interface RecordKey {
  /** Epoch milliseconds, UTC, by the device's clock. */
  readonly ts: number;
  /** Number of the process' life; compare it for equality only. */
  readonly boot: number;
  /** Number of the sample in this boot, from 1. */
  readonly seq: number;
  /** True where `ts` is of a clock that had not been set, or was not known to be right before the machine was booted. */
  readonly tsUncertain?: boolean;
}

/** Holds what one head of a model says: the members of its task, which the stream's `info` names. */
export interface HeadMembers {
  /** The probability of each label, in the model's order, where the task is `classify`. */
  readonly p?: Readonly<Record<string, number>>;
  /** The likeliest label; not there where the configuration has no labels. */
  readonly label?: string;
  /** Each output by its name, in the user's units, where the task is `regress`. */
  readonly value?: Readonly<Record<string, number>>;
  /** The error of the window, by the metric that `info` names, where the task is `reconstruct`. */
  readonly score?: number;
  /** Each feature's part of the score. */
  readonly share?: Readonly<Record<string, number>>;
  /** As many numbers for each output as there are times, which are epoch milliseconds, where the task is `forecast`. */
  readonly forecast?: {
    readonly ts: readonly number[];
    readonly value: Readonly<Record<string, readonly number[]>>;
  };
  /** The mean error of the newest forecast whose samples have come; not there where none is due. */
  readonly error?: number;
  /** With `publish.steps`: (steps, outputs), the oldest step first, in the place of the numbers of the last one. */
  readonly steps?: readonly (readonly number[])[];
}

/** A prediction as it is published. */
export interface Prediction extends RecordKey, HeadMembers {
  /** True where the network had seen enough samples since its last reset for the output to count. */
  readonly warm: boolean;
  /** The members of each head by its name, and none beside them, where the model has several outputs. */
  readonly heads?: Readonly<Record<string, HeadMembers>>;
  /** Milliseconds of samples that are missing before it; null where nobody knows how many. Not there without a gap. */
  readonly gapMs?: number | null;
  /** Samples that were made up in these gaps. */
  readonly filled?: number;
}

/** An event as it is published: of a probability by its label, of another number by a name of its own. */
export interface StreamEvent extends RecordKey {
  /** The label whose probability, `p`, the event is of. */
  readonly label?: string;
  /** The event's own name where it is of another number, which is `value`; `modelDrift` has one, too. */
  readonly event?: string;
  readonly state: 'on' | 'off';
  readonly p?: number;
  readonly value?: number;
  /** The number that is farthest off, such as `feature x`, where the event is `modelDrift`. */
  readonly of?: string;
  /** The meaning of `value` where the event is `modelDrift`. */
  readonly measure?: 'stabilityIndex' | 'outOfRange';
}

/** The last prediction of a stream with the state of each of its events. */
export interface Now extends Prediction {
  readonly events: Readonly<Record<string, 'on' | 'off'>>;
}

/** Says whether a device is there. */
export interface Status {
  readonly state: 'online' | 'offline';
  /** Epoch milliseconds when it was said; where the broker says `offline` for a device, when that had connected. */
  readonly ts: number;
}

/** Members that docs/formats/mqtt-payloads.md lists. */
export type Facts = Readonly<Record<string, unknown>>;

interface OfStream {
  readonly device: string;
  readonly stream: string;
}

/** Says what a subscriber is told. */
export type Message =
  | (OfStream & {
      readonly kind: 'prediction';
      readonly record: Prediction;
      /** It waited on the device's flash, and newer ones may have come before it. */
      readonly isHistory: boolean;
    })
  | (OfStream & {
      readonly kind: 'event';
      readonly record: StreamEvent;
      readonly isHistory: boolean;
    })
  /** Predictions that did not come, by their numbers; they may still come as history. */
  | (OfStream & {
      readonly kind: 'missing';
      readonly boot: number;
      /** `seq` of the last prediction before, and of the first after. */
      readonly after: number;
      readonly before: number;
      readonly count: number;
    })
  | (OfStream & { readonly kind: 'now'; readonly record: Now })
  | (OfStream & { readonly kind: 'info'; readonly facts: Facts })
  | (OfStream & { readonly kind: 'health'; readonly facts: Facts })
  | { readonly kind: 'status'; readonly device: string; readonly status: Status }
  | { readonly kind: 'deviceHealth'; readonly device: string; readonly facts: Facts }
  /** A payload that is none of lstmd's. */
  | { readonly kind: 'malformed'; readonly topic: string; readonly reason: string };
