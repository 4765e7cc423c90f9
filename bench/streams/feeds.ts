import { join } from 'node:path';
import type { MqttClient } from 'mqtt';
import { PtyPort } from '#src/platform/pty-port.js';

/** Brings rows of many devices to the daemon. */
export interface Feed {
  /** The `streams` section of the configuration that reads them. */
  readonly streams: (common: StreamSection) => Readonly<Record<string, object>>;
  /** Resolves when the daemon listens to all of them, as far as that can be known. */
  ready(): Promise<void>;
  /** Sends a row of the n-th device. */
  send(device: number, row: string): void;
  /** Resolves when all that was sent is on its way. */
  sent(): Promise<void>;
  stop(): void;
}

/** Holds what the streams of all devices have in common. */
export interface StreamSection {
  readonly sensor: object;
  readonly model: object;
  readonly state: object;
  readonly publish: object;
}

/** Between two phases nothing is sent, and a port that is opened anew for it would cost a row. */
const silenceMs = 60_000;

/** A message a row; a template makes the streams. */
export function mqttFeed(client: MqttClient, url: string, devices: number): Feed {
  return {
    streams: ({ sensor, ...others }) => ({
      s: { sensor: { ...sensor, link: `${url}/in/+`, maxStreams: devices }, ...others },
    }),
    ready: async () => {},
    send: (device, row) => {
      client.publish(`in/d${device}`, row);
    },
    sent: () =>
      new Promise((resolve) => {
        client.publish('end-of-round', '', { qos: 1 }, () => resolve());
      }),
    stop: () => {},
  };
}

/** A pseudo-terminal for each device. */
export function ttyFeed(folder: string, devices: number): Feed {
  const links = Array.from({ length: devices }, (_, n) => join(folder, `tty${n}`));
  const ports = links.map((link) => new PtyPort(link));
  for (const port of ports) {
    port.plug();
  }
  return {
    streams: ({ sensor, ...others }) =>
      Object.fromEntries(
        links.map((link, n) => [`d${n}`, { sensor: { ...sensor, link, silenceMs }, ...others }]),
      ),
    ready: async () => {
      await Promise.all(ports.map((port) => port.whenRead()));
      for (const port of ports) {
        // A reader takes what comes before the first line end for half a line.
        port.write(Buffer.from('\r\n'));
      }
    },
    send: (device, row) => {
      ports[device]?.write(Buffer.from(`${row}\r\n`, 'latin1'));
    },
    sent: async () => {},
    stop: () => {
      for (const port of ports) {
        port.stop();
      }
    },
  };
}
