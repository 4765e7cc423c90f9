import { LstmdError, messageOf } from '../base/errors.js';
import type { JsonObject } from '../base/json.js';
import { logWith, type Log } from '../base/log.js';
import { DirectoryLock } from '../platform/directory-lock.js';
import { machineClock, type MachineClock } from '../platform/machine-clock.js';
import { ServiceManager } from '../platform/service-manager.js';
import type { Publisher } from '../publish/outbox/contract/publisher.js';
import type { PreparedPublisher } from '../publish/outbox/contract/publisher-definition.js';
import type { Outbox } from '../publish/outbox/outbox.js';
import { countBoot } from '../state/boot-counter.js';
import { AgentReports } from './agent-reports.js';
import { commandActions } from './commands/actions.js';
import { CommandDesk } from './commands/command-desk.js';
import { ClockWatch } from './clock-watch.js';
import type { Config } from './config-schema.js';
import { descriptorShortage, mostStreams, refuseShortage } from './descriptor-need.js';
import { LiveStream } from './live-stream.js';
import type { AgentObserver } from './observer.js';
import { createOutbox } from './outbox-factory.js';
import type { PreparedStream, PreparedTemplate } from './prepared-stream.js';
import { publishStages } from './publish-stages.js';
import { ReadPause } from './read-pause.js';
import { tellStop, type StopReport } from './stop-report.js';
import { StreamTemplate } from './stream-template.js';
import { Watchdog } from './watchdog.js';

export interface AgentOptions {
  readonly config: Config;
  readonly publisher: PreparedPublisher;
  readonly streams: readonly PreparedStream[];
  readonly log: Log;
  readonly serviceManager?: ServiceManager;
  readonly clock?: MachineClock;
  /** Sees what the agent does, for people; default none. */
  readonly observer?: AgentObserver | undefined;
  /** A stage that has work and does none of it for so long is stalled; default 150 s. */
  readonly stallMs?: number;
}

/** Time for the last records to reach the broker; well within `TimeoutStopSec` of the unit. */
const flushDeadlineMs = 3000;
/** A sensor that is not there is looked for once a minute, and a slow disk may take long for one save. */
const defaultStallMs = 150_000;

/** The streams of one configuration and what they share: one process of `lstmd run`. */
export class Agent {
  readonly #options: AgentOptions;
  readonly #serviceManager: ServiceManager;
  readonly #lock: DirectoryLock;
  readonly #outbox: Outbox;
  readonly #publisher: Publisher;
  readonly #readPause: ReadPause;
  readonly #clock: MachineClock;
  readonly #clockWatch: ClockWatch;
  readonly #streams: LiveStream[] = [];
  readonly #templates: StreamTemplate[] = [];
  /** The names of all entries and of all streams, those that are being made included. */
  readonly #names: Set<string>;
  #boot = 0;
  readonly #reports: AgentReports;
  #watchdog: Watchdog | undefined;
  #stopped: Promise<StopReport> | undefined;
  /** Ends the reload of a model that is under way. */
  readonly #reloading = new AbortController();
  /** Settles with the reload that is under way, or was the last. */
  #reloaded: Promise<object> = Promise.resolve({});

  constructor(options: AgentOptions) {
    const { config, publisher, log } = options;
    this.#options = options;
    this.#names = new Set(options.streams.map(({ name }) => name));
    this.#lock = new DirectoryLock((reason) => log.warn({}, reason));
    this.#serviceManager = options.serviceManager ?? new ServiceManager();
    this.#clock = options.clock ?? machineClock();
    this.#clockWatch = new ClockWatch(this.#clock, () => this.#reports.clockChanged(), log);
    this.#outbox = createOutbox(
      publisher.outbox,
      config.stateDirectory,
      this.#clock,
      log,
      () => this.#publisher.recordsReady(),
      () => this.#readPause.end(),
    );
    this.#publisher = publisher.create({
      directory: config.stateDirectory,
      entries: options.streams.map(({ name }) => name),
      healthSeconds: config.healthSeconds,
      records: options.observer?.records(this.#outbox) ?? this.#outbox,
      commands: this.#commandDesk(),
      log,
    });
    this.#readPause = new ReadPause(this.#outbox, this.#publisher);
    this.#reports = new AgentReports(
      {
        boot: () => this.#boot,
        clock: this.#clockWatch,
        outbox: this.#outbox,
        publisher: this.#publisher,
        streams: this.#streams,
        templates: this.#templates,
      },
      this.#serviceManager,
      log,
    );
  }

  /**
   * Starts everything in the order in which one part needs the other: the lock on the state directory, the
   * number of this boot, the outbox with what was left on disk, the publisher, each stream with its state,
   * and what reports on them. Sensor and broker may both be absent. Once the signal aborts, nothing more
   * is started: call `stop`.
   *
   * @throws LstmdError `state.locked` when another process has the state directory; after any error `stop` ends
   *   what was started
   */
  async start(signal: AbortSignal): Promise<void> {
    const { config, streams, log } = this.#options;
    this.#serviceManager.start();
    refuseShortage(config);
    const mayLack = descriptorShortage(mostStreams(config));
    if (mayLack !== undefined) {
      log.warn({}, mayLack);
    }
    await this.#lock.acquire(config.stateDirectory);
    if (signal.aborted) {
      return;
    }
    // Each waits for the flash several times, and needs nothing of the other.
    const [boot] = await Promise.all([
      countBoot(config.stateDirectory, { log }),
      this.#outbox.start(),
    ]);
    this.#boot = boot;
    if (signal.aborted) {
      return;
    }
    this.#publisher.start();
    this.#clockWatch.start();
    this.#options.observer?.start(() => this.#reports.sources);
    for (const prepared of streams) {
      if (signal.aborted) {
        return;
      }
      if (prepared.template === undefined) {
        await this.#startStream(prepared, signal);
      }
    }
    if (signal.aborted) {
      return;
    }
    this.#reports.start(config.healthSeconds);
    this.#startWatchdog();
    for (const { name, template } of streams) {
      if (template !== undefined) {
        this.#startTemplate(name, template, signal);
      }
    }
    this.#serviceManager.ready(this.#reports.statusLine());
    log.info({ boot: this.#boot, streams: this.#streams.map(({ name }) => name) }, 'running');
  }

  /**
   * Stops everything in reverse: the sensors first, then the states to flash, then the last records to the
   * broker or to disk, and the lock at the end. May be called again, and at any time. Does not throw: what
   * fails is logged, and the rest is stopped all the same.
   */
  stop(): Promise<StopReport> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<StopReport> {
    this.#serviceManager.stopping();
    this.#reloading.abort(new LstmdError('model.notRead', 'lstmd is being stopped'));
    this.#reports.stop();
    this.#clockWatch.stop();
    this.#watchdog?.stop();
    // One that is past its verdict puts the other models in place; a stream must not be stopped meanwhile.
    await this.#reloaded.catch(() => {});
    for (const template of this.#templates) {
      await this.#attempt(`stopping ${template.name}`, () => template.stop());
    }
    const saved = Object.fromEntries(
      await Promise.all(
        this.#streams.map(async (stream) => {
          const samples = await this.#attempt(`stopping ${stream.name}`, () => stream.stop());
          return [stream.name, samples ?? null] as const;
        }),
      ),
    );
    await this.#attempt('the last health', () => this.#reports.health());
    await this.#attempt('stopping the publisher', () =>
      this.#publisher.stop({ deadlineMs: flushDeadlineMs }),
    );
    const undelivered = this.#outbox.pending;
    const lost = await this.#attempt('stopping the outbox', () => this.#outbox.stop());
    await this.#attempt('stopping the observer', () => this.#options.observer?.stop());
    await this.#attempt('releasing the state directory', () => this.#lock.release());
    const report = { saved, undelivered };
    tellStop(report, lost, this.#options.log);
    return report;
  }

  /** Takes a step of the stop, whose failure must not keep those that follow from being taken. */
  async #attempt<T>(what: string, act: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      this.#options.log.error({ reason: messageOf(error) }, `${what} failed`);
      return undefined;
    }
  }

  async #startStream(prepared: PreparedStream, signal: AbortSignal): Promise<void> {
    const { publisher, log } = this.#options;
    const { name } = prepared;
    const stream = new LiveStream({
      prepared,
      boot: this.#boot,
      qos: publisher.qos,
      emit: (record) => this.#outbox.offer(record),
      setNow: (payload) => this.#publisher.setLatest({ kind: 'now', stream: name, payload }),
      stepped: (samples, sensor) => this.#readPause.stepped(samples, sensor),
      clock: this.#clock,
      log: logWith(log, { stream: name }),
    });
    await stream.resume();
    if (signal.aborted) {
      return;
    }
    this.#reports.info(stream);
    this.#streams.push(stream);
    stream.start(this.#options.observer?.stream(stream));
    this.#watchdog?.watch(stream.stages);
  }

  #startTemplate(name: string, prepared: PreparedTemplate, signal: AbortSignal): void {
    const template = new StreamTemplate({
      name,
      prepared,
      claim: (stream) => {
        const isFree = !this.#names.has(stream);
        this.#names.add(stream);
        return isFree;
      },
      begin: (stream) => this.#startStream(stream, signal),
      log: logWith(this.#options.log, { stream: name }),
    });
    this.#templates.push(template);
    template.start();
    this.#watchdog?.watch([template.stage]);
  }

  /** Makes the desk for the commands that the configuration allows; undefined where it allows none. */
  #commandDesk(): CommandDesk | undefined {
    const { config, log } = this.#options;
    const actions = commandActions({
      streams: this.#streams,
      publishInfo: (stream) => this.#reports.info(stream),
      reload: (body) => this.#reload(body),
    });
    const { commands, stateDirectory: directory } = config;
    return commands && new CommandDesk({ allow: commands.allow, actions, directory, log });
  }

  /** Its code is loaded with the first command of this kind. */
  async #reload(body: JsonObject): Promise<object> {
    const { config, log, observer } = this.#options;
    const { signal } = this.#reloading;
    const { reloadModel } = await import('./reload/model-reload.js');
    signal.throwIfAborted();
    this.#reloaded = reloadModel(body, {
      config,
      streams: this.#streams,
      templates: this.#templates,
      replaced: (stream) => {
        stream.observe(observer?.stream(stream));
        this.#reports.info(stream);
      },
      log,
      signal,
    });
    const answer = await this.#reloaded;
    this.#reports.health();
    return answer;
  }

  #startWatchdog(): void {
    const { watchdogIntervalMs } = this.#serviceManager;
    if (watchdogIntervalMs === null) {
      return;
    }
    const { stallMs = defaultStallMs, log } = this.#options;
    this.#watchdog = new Watchdog(
      [
        ...this.#streams.flatMap((stream) => stream.stages),
        ...publishStages(this.#outbox, this.#publisher),
      ],
      stallMs,
      () => this.#serviceManager.alive(),
      log,
    );
    this.#watchdog.start(watchdogIntervalMs);
  }
}
