import { schemeOf } from '../../config/option-types.js';
import { accessRemedy } from '../../platform/file-access.js';
import { nameTheTty } from '../../platform/terminal-kind.js';
import { serverRemedy, type ServerOptions } from './server-remedy.js';

const options: ServerOptions = { address: 'sensor.link', section: 'sensor.mqtt' };

/** Returns what to do about a link that did not open, by how it failed, which only the system's text tells. */
export async function linkRemedy(link: string, message: string): Promise<string> {
  const scheme = schemeOf(link);
  switch (scheme) {
    case undefined:
      return portRemedy(link, message);
    case 'tcp':
    case 'rfc2217':
      return serverRemedy(message, 'server', options);
    case 'mqtt':
    case 'mqtts':
      return serverRemedy(message, 'broker', options);
    case 'recording':
      return 'name a file that "lstmd record" wrote';
    default:
      return 'name another in sensor.link';
  }
}

async function portRemedy(port: string, message: string): Promise<string> {
  if (/no such (file|device)/i.test(message)) {
    return 'plug it in, or name its port in sensor.link: "lstmd ports" lists those there are';
  }
  if (/permission denied/i.test(message)) {
    const command = await accessRemedy(port).catch(() => null);
    return command ?? 'run lstmd as a user that may open it';
  }
  if (/cannot lock|busy|temporarily unavailable/i.test(message)) {
    return 'where that is not lstmd itself, end the program that has it open: "lstmd ports" names it';
  }
  if (/is not a serial port|is a directory|not a (tty|typewriter)/i.test(message)) {
    return `it is no serial port: ${nameTheTty}`;
  }
  if (/too many open files/i.test(message)) {
    return 'raise "ulimit -n", or LimitNOFILE= of the unit';
  }
  return 'is it the right port? "lstmd ports" lists those there are';
}
