import { messageOf } from '../../base/errors.js';
import type { Log } from '../../base/log.js';

/**
 * A signal that aborts at an error that nobody caught, which is its reason: whoever has a state to save saves
 * it before the process ends of the error. Those that follow are logged.
 */
export function uncaughtFault(log: Log): AbortSignal {
  const controller = new AbortController();
  process.on('uncaughtException', (error) => {
    log.error({ reason: messageOf(error) }, 'an unexpected error: stopping');
    controller.abort(error);
  });
  return controller.signal;
}
