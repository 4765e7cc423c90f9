/** A number or a name among the members of a prediction, for publishers that must say beforehand what they publish. */
export interface PublishedMember {
  /** The keys that lead to it from the members of its head; the last may be an index of an array. */
  readonly path: readonly (string | number)[];
  readonly what: 'probability' | 'label' | 'value' | 'score' | 'share' | 'forecast' | 'error';
  /** Holds what it is called: a label, a value, a feature; the head itself where it is the head's own. */
  readonly name: string;
  /** Holds what the number is in, where the configuration says it. */
  readonly units?: string | undefined;
  /** Every name that it may be, of a label. */
  readonly options?: readonly string[] | undefined;
}
