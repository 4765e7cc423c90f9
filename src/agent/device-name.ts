import type { Config, StreamConfig } from './config-schema.js';
import { isTemplate } from '../sensor/links/registry.js';

const longestBytes = 64;
const allowed = /^[\p{L}\p{N}][\p{L}\p{N}._:-]*$/u;

/** Returns what is wrong with the name of a device, which becomes part of a folder and of topics; undefined where nothing is. */
export function deviceNameFault(device: string): string | undefined {
  if (Buffer.byteLength(device) > longestBytes) {
    return `has more than ${longestBytes} bytes`;
  }
  return allowed.test(device)
    ? undefined
    : 'must be of letters, digits, and . _ : - after the first of them';
}

/** The name of a device's stream. */
export function deviceStream(template: string, device: string): string {
  return `${template}-${device}`;
}

/** The configuration of a stream by its name, which may be that of a device of a template; undefined where there is none. */
export function streamConfigOf(config: Config, name: string): StreamConfig | undefined {
  const entry = entryOf(config, name);
  return entry === undefined ? undefined : config.streams[entry];
}

/** The entry of `streams` that a stream is of: its own name, or that of its template; undefined where there is none. */
export function entryOf({ streams }: Config, name: string): string | undefined {
  if (streams[name] !== undefined) {
    return name;
  }
  return Object.keys(streams)
    .toSorted((a, b) => b.length - a.length)
    .find((key) => {
      const stream = streams[key];
      return stream !== undefined && name.startsWith(`${key}-`) && isTemplate(stream.sensor);
    });
}
