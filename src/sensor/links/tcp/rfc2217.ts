import { defineLink } from '../definition.js';
import type { FarEnd } from '../reconnecting/far-end.js';
import { silenceOptions } from '../reconnecting/options.js';
import { ReconnectingLink } from '../reconnecting/reconnecting-link.js';
import type { SocketFarEnd } from '../reconnecting/socket-far-end.js';
import { lineOptions, type LineSettings } from '../serial/line-options.js';
import { tcpAddress, tcpAddressFault } from './address.js';
import { connect } from './connect.js';
import { escaped, Telnet } from './telnet.js';

/** A serial port of another machine, which is set from here by telnet's option for serial ports (RFC 2217). */
export const rfc2217 = defineLink({
  name: 'rfc2217://host:port',
  schemes: ['rfc2217'],
  options: { ...lineOptions, ...silenceOptions },
  fault: tcpAddressFault,
  create: ({ link, rateHz, silenceMs, ...line }) =>
    new ReconnectingLink({
      name: link,
      rateHz,
      silenceMs,
      open: async (signal) => {
        const farEnd = await connect(tcpAddress(link) ?? { host: link, port: 0 }, signal);
        try {
          return await setLine(farEnd, line, signal);
        } catch (error) {
          await farEnd.close();
          throw error;
        }
      },
    }),
});

/** A server that does not answer for so long does not speak RFC 2217. */
const answerMs = 5000;

const parities = { none: 1, odd: 2, even: 3 };

/** The settings as commands of RFC 2217: its number, and the value, which the server answers as it has it. */
function commandsOf({ baudRate, dataBits = 8, parity = 'none', stopBits = 1 }: LineSettings) {
  const baud = [baudRate >>> 24, (baudRate >>> 16) & 255, (baudRate >>> 8) & 255, baudRate & 255];
  return [
    { name: `a baud rate of ${baudRate}`, command: 1, value: baud },
    { name: `${dataBits} data bits`, command: 2, value: [dataBits] },
    { name: `parity ${parity}`, command: 3, value: [parities[parity]] },
    { name: `${stopBits} stop bits`, command: 4, value: [stopBits] },
  ];
}

/**
 * Sets the line of a server, and takes telnet's commands out of its bytes from then on.
 *
 * @throws Error when it does not speak RFC 2217, or does not set the line as it should be
 */
async function setLine(
  farEnd: SocketFarEnd,
  settings: LineSettings,
  signal: AbortSignal,
): Promise<FarEnd> {
  let onBytes: ((chunk: Uint8Array, arrivalMs: number) => void) | undefined;
  const commands = commandsOf(settings);
  const pending = new Set(commands.map(({ command }) => command));
  let settle: ((fault?: string) => void) | undefined;
  const isSet = new Promise<void>((resolve, reject) => {
    settle = (fault) => (fault === undefined ? resolve() : reject(new Error(fault)));
  });
  const telnet = new Telnet({
    send: (bytes) => farEnd.write(bytes),
    comPort: (isTaken) => {
      if (isTaken) {
        for (const { command, value } of commands) {
          telnet.command(command, value);
        }
      } else {
        settle?.('the server does not take RFC 2217: set its port there, and name it tcp://');
      }
    },
    answer: (answer, value) => {
      const asked = commands.find(({ command }) => command + 100 === answer);
      if (asked === undefined) {
        return;
      }
      pending.delete(asked.command);
      if (Buffer.compare(value, Uint8Array.from(asked.value)) !== 0) {
        settle?.(`the server does not set ${asked.name}: it has ${[...value].join(' ')}`);
      } else if (pending.size === 0) {
        settle?.();
      }
    },
  });
  const closed = farEnd.read((chunk, arrivalMs) => {
    const length = telnet.take(chunk);
    if (length > 0) {
      onBytes?.(chunk.subarray(0, length), arrivalMs);
    }
  });
  const timer = setTimeout(
    () =>
      settle?.(`the server does not answer RFC 2217 within ${answerMs / 1000} s: is it tcp://?`),
    answerMs,
  );
  const abort = (): void => settle?.('stopped');
  signal.addEventListener('abort', abort, { once: true });
  void closed.then(() => settle?.('the server closed the connection'));
  telnet.begin();
  try {
    await isSet;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
  return {
    hungUp: () => farEnd.hungUp(),
    read(take) {
      onBytes = take;
      return closed;
    },
    write: (bytes) => farEnd.write(escaped(bytes)),
    pauseMs: farEnd.pauseMs ?? 0,
    pause: () => farEnd.pause?.(),
    resume: () => farEnd.resume?.(),
    close: () => farEnd.close(),
  };
}
