/** `npm run test:faults` runs long what `npm test` runs short. */
export const isLong = process.env['LSTMD_LONG'] !== undefined;

/** `skip` option of a test that only the long run has. */
export const needsLongRun: string | false = isLong ? false : 'runs in npm run test:faults';
