/** Says which fields of a row are the features, and which beside them are read. */
export interface RowFields {
  /** Names of the features in order, which a header row is read by. */
  readonly axes?: readonly string[] | undefined;
  /** Index of each feature's field, from 0. */
  readonly columns?: readonly number[] | undefined;
  /** `point` where each comma is known to separate, as `sensor.decimal` says it of a sensor. */
  readonly decimal?: 'auto' | 'point' | undefined;
  /**
   * Fields that are read as text beside the features, such as a label: by their names in the header, or by
   * their index from 0. Without `axes` and `columns` the features are then all other fields.
   */
  readonly texts?: readonly (string | number)[] | undefined;
  /** Is told of a header by which nothing finds the features, because neither `axes` nor `columns` is given. */
  readonly onUnreadHeader?: ((header: string) => void) | undefined;
}

/** A row that a line is read into. */
export interface RowTarget {
  readonly values: Float32Array;
  readonly texts: string[];
}
