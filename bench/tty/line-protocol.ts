/** Lines that are read before measuring begins. */
export const warmUpLines = 20_000;
/** Lines that are measured. */
export const measuredLines = 10_000;
export const rateHz = 1000;
