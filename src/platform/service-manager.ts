import { loadAddon, type Addon } from './addon.js';

/**
 * Tells systemd how the service is (sd_notify(3)), and does nothing where the process was not
 * started as a service of `Type=notify`. A message that is lost is not an error here: systemd
 * notices that it did not come. Nothing but `start` throws.
 */
export class ServiceManager {
  readonly #socket: string | undefined;
  #addon: Addon | undefined;
  /**
   * Half of the time that systemd allows between two signs of life, as sd_watchdog_enabled(3)
   * advises; null where it watches nothing.
   */
  readonly watchdogIntervalMs: number | null;

  constructor(environment: Readonly<Record<string, string | undefined>> = process.env) {
    this.#socket = environment['NOTIFY_SOCKET'];
    const watchdogUs = Number(environment['WATCHDOG_USEC']);
    const watchdogPid = environment['WATCHDOG_PID'];
    const isOurs = watchdogPid === undefined || Number(watchdogPid) === process.pid;
    this.watchdogIntervalMs = watchdogUs > 0 && isOurs ? watchdogUs / 2000 : null;
  }

  /**
   * Comes before all else: what is told earlier is lost.
   *
   * @throws LstmdError `engine.unavailable` where systemd waits for a word and no addon is there to send it
   */
  start(): void {
    if (this.#socket !== undefined) {
      this.#addon = loadAddon();
    }
  }

  /**
   * The service has started.
   *
   * @param status one line for people, which `systemctl status` shows
   */
  ready(status: string): void {
    this.#send(`READY=1\nSTATUS=${status}`);
  }

  /** @param status one line for people, in the place of the last */
  status(status: string): void {
    this.#send(`STATUS=${status}`);
  }

  /** A sign of life, which feeds the watchdog. */
  alive(): void {
    this.#send('WATCHDOG=1');
  }

  /** The service has begun to stop. */
  stopping(): void {
    this.#send('STOPPING=1');
  }

  #send(message: string): void {
    if (this.#socket !== undefined) {
      this.#addon?.notify(this.#socket, message);
    }
  }
}
