/**
 * Thrown for a file that is not of the form that Keras writes, be it damaged or only unusual. The
 * HDF5 library then reads it, and says which.
 */
export class OutsideFormatError extends Error {}
