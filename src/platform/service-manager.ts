import { loadAddon } from './addon.js';

/**
 * The systemd end of a notify service (sd_notify(3)); does nothing where the process is not one.
 * Answers never matter to the agent: a lost datagram is systemd's business to notice.
 */
export class ServiceManager {
  readonly #socket: string | undefined;
  /** Half of what systemd allows between two signs of life, as sd_watchdog_enabled(3) advises. */
  readonly watchdogIntervalMs: number | null;

  constructor(environment: Readonly<Record<string, string | undefined>> = process.env) {
    this.#socket = environment['NOTIFY_SOCKET'];
    const watchdogUs = Number(environment['WATCHDOG_USEC']);
    const watchdogPid = environment['WATCHDOG_PID'];
    const isOurs = watchdogPid === undefined || Number(watchdogPid) === process.pid;
    this.watchdogIntervalMs = watchdogUs > 0 && isOurs ? watchdogUs / 2000 : null;
  }

  ready(status: string): void {
    this.#send(`READY=1\nSTATUS=${status}`);
  }

  alive(): void {
    this.#send('WATCHDOG=1');
  }

  stopping(): void {
    this.#send('STOPPING=1');
  }

  #send(message: string): void {
    if (this.#socket !== undefined) {
      loadAddon().notify(this.#socket, message);
    }
  }
}
