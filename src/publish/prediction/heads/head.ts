import type { PublishedMember } from './published-member.js';

/** Holds what a model's numbers are for. */
export type Task = 'classify' | 'regress' | 'reconstruct' | 'forecast';

/** A number of the row last taken, which an event watches; undefined where the row has none. */
export type Measure = () => number | undefined;

/** The part of a head that an event rule names. */
export interface MeasureName {
  /** A label, of a head that classifies. */
  readonly label?: string | undefined;
  /** The name of a value, of a head that regresses. */
  readonly value?: string | undefined;
  /** A feature of a head that reconstructs, whose own error is watched. */
  readonly feature?: string | undefined;
}

/**
 * One of a model's outputs, and what is published of it. It takes every row, which costs a few assignments (a
 * forecast is copied); scores and text are made when they are asked for: of rows that are published or that
 * events judge.
 */
export interface Head {
  readonly name: string;
  readonly task: Task;
  /**
   * Takes a row of outputs.
   *
   * @param rows all finite; the row begins at `offset`. They are read until the next call.
   * @param timeMs when its sample was acquired, epoch milliseconds
   */
  row(rows: Float32Array, offset: number, timeMs: number, warm: boolean): void;
  /** Returns what is published of the row, as members of a JSON object without its braces. */
  members(): string;
  /** The number that an event rule names; undefined where the head has none of that name. */
  measure(name: MeasureName): Measure | undefined;
  /** The numbers that events can watch, for messages. */
  readonly measures: readonly string[];
  /** The single numbers and names among `members`; what is an array of many is not in it. */
  readonly published: readonly PublishedMember[];
  /** Holds what is constant about it, for `info`: a JSON object. */
  readonly facts: object;
}
