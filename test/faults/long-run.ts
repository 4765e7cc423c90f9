/** `npm run test:faults` runs long what `npm test` runs short. */
export const isLong = process.env['LSTMD_LONG'] !== undefined;
