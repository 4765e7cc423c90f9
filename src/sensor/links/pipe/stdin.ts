import type { z } from '../../../config/option-types.js';
import { defineLink } from '../definition.js';
import { silenceOptions } from '../reconnecting/options.js';
import type { FarEnd } from '../reconnecting/far-end.js';
import { ReconnectingLink } from '../reconnecting/reconnecting-link.js';

/** The standard input of the process, as a shell's pipe gives it. */
export const stdin = defineLink({
  name: 'stdin://',
  schemes: ['stdin'],
  isReadOnly: true,
  options: silenceOptions satisfies z.ZodRawShape,
  fault: (address) =>
    address === 'stdin://' ? undefined : 'must be just stdin://, for there is only one',
  create: ({ rateHz, silenceMs }) =>
    new ReconnectingLink({ name: 'stdin', rateHz, silenceMs, open: openStdin }),
});

/** @throws Error when it has come to its end, after which nothing ever comes */
async function openStdin(): Promise<FarEnd> {
  const { stdin: input } = process;
  if (input.readableEnded || input.destroyed) {
    throw new Error('stdin has come to its end, and cannot be opened anew');
  }
  let end: (() => void) | undefined;
  return Promise.resolve({
    hungUp: () => false,
    read(onBytes: (chunk: Uint8Array, arrivalMs: number) => void): Promise<void> {
      const onData = (chunk: Buffer): void => onBytes(chunk, performance.now());
      return new Promise((resolve) => {
        // Closing leaves the input open, for it cannot be opened again after a silence.
        end = () => {
          input.off('data', onData).pause();
          resolve();
        };
        input.on('data', onData);
        input.once('end', end).once('error', end);
      });
    },
    write: () => undefined,
    close(): Promise<void> {
      end?.();
      return Promise.resolve();
    },
  });
}
