/** A message of the server to the page, as JSON. Times are epoch milliseconds by the clock of the device. */
export type Message = Hello | NewColumns | NewMarks | StateNow | Counters;

/** The first message of a connection: what is shown, and what came of late. */
export interface Hello {
  readonly kind: 'hello';
  readonly device: string;
  readonly version: string;
  readonly boot: number;
  /** The names of the streams that can be shown. */
  readonly streams: readonly string[];
  /** The stream that is shown; null while there is none. */
  readonly stream: StreamFacts | null;
  readonly columns: Columns;
  readonly marks: readonly Mark[];
}

/** Facts of a stream that do not change while it runs. */
export interface StreamFacts {
  readonly name: string;
  readonly model: string;
  readonly mode: string;
  readonly engine: string;
  readonly target: string;
  readonly rateHz: number;
  /** Samples of a column; more than one where the sensor is faster than a page can draw. */
  readonly columnSamples: number;
  /** The features that are drawn, and how many more there are. */
  readonly features: readonly string[];
  readonly moreFeatures: number;
  readonly outputs: readonly OutputFacts[];
  readonly moreOutputs: number;
  readonly thresholds: readonly Threshold[];
}

export interface OutputFacts {
  readonly name: string;
  /** The head that it is of; empty where the model has one alone. */
  readonly head: string;
  readonly what: 'probability' | 'value' | 'score' | 'error';
  readonly units: string;
}

/** The bounds of an event, in the units of the output that it watches. */
export interface Threshold {
  readonly event: string;
  readonly what: OutputFacts['what'];
  readonly on: number;
  readonly off: number;
}

/** Stretches of samples, side by side: entry n of each list belongs to one stretch. */
export interface Columns {
  readonly timeMs: readonly number[];
  /** For each feature the lowest and the highest value of each stretch. */
  readonly low: readonly (readonly number[])[];
  readonly high: readonly (readonly number[])[];
  /** For each output its value at the end of each stretch; null where there is none. */
  readonly outputs: readonly (readonly (number | null)[])[];
}

export interface NewColumns extends Columns {
  readonly kind: 'columns';
}

/** Something that happened at a moment. */
export type Mark =
  | { readonly at: number; readonly what: 'event'; readonly name: string; readonly isOn: boolean }
  | {
      readonly at: number;
      readonly what: 'gap';
      readonly lengthMs: number;
      readonly reason: string;
    }
  | { readonly at: number; readonly what: 'start'; readonly text: string };

export interface NewMarks {
  readonly kind: 'marks';
  readonly marks: readonly Mark[];
}

/** One tensor of the state, with cells of several units where it is large. */
export interface StateTensorNow {
  readonly layer: string;
  readonly role: string;
  readonly size: number;
  /** Cells in base64: int8 from -127 to 127, of which 127 is `scale`. */
  readonly cells: string;
  readonly scale: number;
}

export interface StateNow {
  readonly kind: 'state';
  readonly tensors: readonly StateTensorNow[];
}

/** Once a second. */
export interface Counters {
  readonly kind: 'counters';
  readonly streams: readonly string[];
  readonly connected: boolean;
  readonly brokerConnected: boolean;
  readonly measuredHz: number | null;
  readonly samples: number;
  readonly gaps: number;
  readonly unread: number;
  readonly predictions: number;
  readonly events: number;
  readonly delivered: number;
  readonly waiting: number;
  readonly dropped: number;
  readonly saves: number;
  readonly savesFailing: number;
  readonly uptimeSeconds: number;
}
