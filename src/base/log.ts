/** The log that a room is given. Fields are for machines, the message is for people. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A log that adds these fields to every line of another. */
export function logWith(log: Log, common: object): Log {
  return {
    debug: (fields, message) => log.debug({ ...common, ...fields }, message),
    info: (fields, message) => log.info({ ...common, ...fields }, message),
    warn: (fields, message) => log.warn({ ...common, ...fields }, message),
    error: (fields, message) => log.error({ ...common, ...fields }, message),
  };
}

/** A log for what was meant to be, in which the warnings of another are details. */
export function withoutWarnings(log: Log): Log {
  const details: Log['debug'] = (fields, message) => log.debug(fields, message);
  return {
    debug: details,
    info: (fields, message) => log.info(fields, message),
    warn: details,
    error: (fields, message) => log.error(fields, message),
  };
}
