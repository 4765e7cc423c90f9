/** Says which record of a stream it is, and when its sample was acquired. */
export interface RecordKey {
  /** Epoch milliseconds, UTC, by the device's clock. */
  readonly ts: number;
  /** Number of the process' life; compare it for equality only. */
  readonly boot: number;
  /** Number of the sample in this boot, from 1. */
  readonly seq: number;
  /** `ts` is of a clock that had not been set. */
  readonly tsUncertain?: boolean;
}

/** Holds what one head of a model says: the members of its task. */
export interface HeadMembers {
  readonly p?: Readonly<Record<string, number>>;
  readonly label?: string;
  readonly value?: Readonly<Record<string, number>>;
  readonly score?: number;
  readonly share?: Readonly<Record<string, number>>;
  readonly forecast?: {
    readonly ts: readonly number[];
    readonly value: Readonly<Record<string, readonly number[]>>;
  };
  readonly error?: number;
  readonly steps?: readonly (readonly number[])[];
}

/** A prediction as it is published. */
export interface Prediction extends RecordKey, HeadMembers {
  readonly warm: boolean;
  readonly heads?: Readonly<Record<string, HeadMembers>>;
  /** Milliseconds of samples that are missing before it; null where nobody knows how many. */
  readonly gapMs?: number | null;
  readonly filled?: number;
}

/** An event as it is published: of a probability by its label, of another number by a name of its own. */
export interface StreamEvent extends RecordKey {
  readonly label?: string;
  readonly event?: string;
  readonly state: 'on' | 'off';
  readonly p?: number;
  readonly value?: number;
}

/** The last prediction of a stream with the state of each of its events. */
export interface Now extends Prediction {
  readonly events: Readonly<Record<string, 'on' | 'off'>>;
}

/** Says whether a device is there. */
export interface Status {
  readonly state: 'online' | 'offline';
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
