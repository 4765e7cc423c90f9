import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { Broker, needsBroker, type Subscriber } from '../support/broker.js';
import { Daemon, testFolder, writeConfig } from '../support/daemon.js';
import { TestPty } from '../support/pty.js';
import { needsCompiler, SetClock } from '../support/set-clock.js';

const dayMs = 86_400_000;
const rows = Array.from({ length: 5 }, (_, n) => `${900 + n},-80,25`);

interface Prediction {
  readonly ts: number;
  readonly tsUncertain?: boolean;
  readonly boot: number;
  readonly seq: number;
  readonly p: { readonly running: number };
  readonly gapMs?: number | null;
}

interface Info {
  readonly state: {
    readonly resumed: boolean;
    readonly reason: string;
    ageSeconds?: number | null;
  };
}

class Box {
  readonly clock: SetClock;
  readonly #t: TestContext;
  readonly #pty: TestPty;
  readonly #broker: Broker;
  readonly #subscriber: Subscriber;
  readonly #folder: string;

  private constructor(t: TestContext, broker: Broker, subscriber: Subscriber) {
    this.#t = t;
    this.#folder = testFolder(t);
    this.clock = new SetClock(this.#folder);
    this.#pty = new TestPty(t);
    this.#pty.port.plug();
    this.#broker = broker;
    this.#subscriber = subscriber;
  }

  static async create(t: TestContext): Promise<Box> {
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/#');
    return new Box(t, broker, subscriber);
  }

  get broker(): Broker {
    return this.#broker;
  }

  /** Starts the daemon, has it read the rows, and waits until it says so where it can publish. */
  async start(state = '{}'): Promise<Daemon> {
    const config = writeConfig({
      folder: this.#folder,
      brokerUrl: this.#broker.url,
      link: this.#pty.path,
      state,
    });
    const daemon = new Daemon(this.#t, config, this.clock.env);
    await daemon.logged(/^reading /);
    return daemon;
  }

  async send(): Promise<void> {
    this.#pty.sendBanner();
    await this.#pty.send(rows);
  }

  /** So many predictions in all; what a broker that went away gives again is left out. */
  async predictions(count: number): Promise<Prediction[]> {
    const on = (): Prediction[] => {
      const all = this.#subscriber
        .on('lstmd/box/wearer/prediction')
        .map(({ payload }) => JSON.parse(payload) as Prediction);
      return [...new Map(all.map((one) => [`${one.boot} ${one.seq}`, one])).values()];
    };
    await this.#subscriber.until(() => on().length >= count);
    return on();
  }

  /** The first info, past or to come, that is as asked for. */
  async info(isRight: (info: Info) => boolean): Promise<Info> {
    const found = (): Info | undefined =>
      this.#subscriber
        .on('lstmd/box/wearer/info')
        .map(({ payload }) => JSON.parse(payload) as Info)
        .findLast(isRight);
    await this.#subscriber.until(() => found() !== undefined);
    return found() ?? assert.fail();
  }

  /** A first life that saw the rows and was saved. */
  async firstLife(): Promise<void> {
    const daemon = await this.start();
    await this.send();
    await this.predictions(rows.length);
    assert.equal(await daemon.end(), 0, daemon.text);
  }
}

describe('a clock without a battery', { skip: needsBroker() || needsCompiler() }, () => {
  test('that shows the time of the shutdown after days off: the state is not trusted', async (t) => {
    const box = await Box.create(t);
    await box.firstLife();
    box.clock.boot(box.clock.now() + 3000, false);
    const daemon = await box.start();
    assert.match((await daemon.logged(/starting afresh/)).msg, /unknownAge/);
    await box.info(({ state }) => !state.resumed && state.reason === 'unknownAge');
    await box.send();
    const [fresh, ...later] = await box.predictions(2 * rows.length);
    const first = later[rows.length - 1];
    assert.deepEqual([first?.p, first?.gapMs], [fresh?.p, undefined]);
    assert.equal(await daemon.end(), 0, daemon.text);
  });

  test('that is set three days on while the state is kept: it is too old, and is reset', async (t) => {
    const box = await Box.create(t);
    await box.firstLife();
    box.clock.boot(box.clock.now() + 3000, false);
    const daemon = await box.start('{ onGap: { then: keep } }');
    await box.info(({ state }) => state.resumed && state.ageSeconds === null);
    await box.send();
    const [first, second] = (await box.predictions(2 * rows.length)).slice(rows.length);
    assert.deepEqual([first?.gapMs, second?.gapMs], [null, undefined]);
    box.clock.synchronize(box.clock.now() + 3 * dayMs);
    assert.match((await daemon.logged(/^the state was reset/)).msg, /older than/);
    await daemon.logged(/^the clock was set by 2592\d\d s/);
    await box.info(({ state }) => !state.resumed && state.reason === 'tooOld');
    await box.send();
    const all = await box.predictions(3 * rows.length);
    assert.deepEqual(all[2 * rows.length]?.p, all[0]?.p);
    assert.notDeepEqual(first?.p, all[0]?.p);
    assert.equal(await daemon.end(), 0, daemon.text);
  });

  test('that is set while records wait: they are corrected, and the state is as old as it is', async (t) => {
    const box = await Box.create(t);
    const realMs = box.clock.now();
    box.clock.boot(12_000, false);
    const daemon = await box.start();
    await box.send();
    const early = await box.predictions(rows.length);
    assert.ok(early.every(({ ts, tsUncertain }) => ts < dayMs && tsUncertain === true));
    await box.broker.stop('SIGTERM');
    await daemon.logged(/no connection to the broker/);
    await box.send();
    box.clock.synchronize(realMs);
    await daemon.logged(/^the clock was set/);
    await box.broker.start();
    const late = (await box.predictions(2 * rows.length)).slice(rows.length);
    assert.ok(
      late.every(
        ({ ts, tsUncertain }) => Math.abs(ts - realMs) < dayMs && tsUncertain === undefined,
      ),
      JSON.stringify(late),
    );
    // Its last sample was read in 1970.
    assert.equal(await daemon.end(), 0, daemon.text);
    const next = await box.start('{ onGap: { maxMs: 3600000 } }');
    assert.match((await next.logged(/^resumed/)).msg, /saved \d+ s ago/);
    await box.send();
    const [first] = (await box.predictions(3 * rows.length)).slice(2 * rows.length);
    assert.ok(first?.gapMs !== null && first?.gapMs !== undefined && first.gapMs < 600_000);
    assert.equal(await next.end(), 0, next.text);
  });
});
