import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { LstmdSubscription, type Message } from '#src/client/index.js';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, testFolder, writeConfig } from '../support/daemon.js';
import { projectFile } from '../support/project.js';
import { TestPty } from '../support/pty.js';

/** Takes messages until one satisfies `isLast`. */
async function take(
  messages: AsyncIterator<Message>,
  isLast: (message: Message) => boolean,
): Promise<Message[]> {
  const taken: Message[] = [];
  for (;;) {
    const next = await messages.next();
    assert.ok(next.done !== true);
    taken.push(next.value);
    if (isLast(next.value)) {
      return taken;
    }
  }
}

test(
  'a subscriber gets every prediction once, also those of the time in which it or the broker was away',
  { skip: needsBroker() },
  async (t) => {
    const broker = await Broker.start();
    t.after(() => broker.remove());
    const pty = new TestPty(t);
    pty.port.plug();
    const setup = { folder: testFolder(t), brokerUrl: broker.url, link: pty.path };
    const outbox = '{ memoryBytes: 100000000, diskAfterSeconds: 3600 }';
    const publish = '{ batch: 5, batchSeconds: 0.2, format: cbor }';
    const daemon = new Daemon(t, writeConfig({ ...setup, outbox, publish }));
    await daemon.logged(/^reading /);
    const options = { clientId: 'reader', device: 'box' };
    let subscription = await LstmdSubscription.open(broker.url, options);
    let messages = subscription[Symbol.asyncIterator]();
    const seqs: number[] = [];
    const takeTo = async (seq: number): Promise<void> => {
      const taken = await take(
        messages,
        (message) => message.kind === 'prediction' && message.record.seq === seq,
      );
      seqs.push(
        ...taken.flatMap((message) => (message.kind === 'prediction' ? [message.record.seq] : [])),
      );
      assert.deepEqual(
        taken.filter(({ kind }) => kind === 'missing' || kind === 'malformed'),
        [],
      );
    };
    const send = (rows: number): Promise<void> =>
      pty.send(Array.from({ length: rows }, () => '900,-80,25'));

    pty.sendBanner();
    await send(50);
    await takeTo(25);
    // A loop that is left can be begun anew, and goes on where it was.
    await messages.return?.();
    messages = subscription[Symbol.asyncIterator]();
    await takeTo(50);
    // The broker keeps what comes while the subscriber is away.
    await subscription.close();
    await send(50);
    subscription = await LstmdSubscription.open(broker.url, options);
    t.after(() => subscription.close());
    messages = subscription[Symbol.asyncIterator]();
    await takeTo(100);
    // The broker goes and comes; what was on its way comes again, and once.
    await broker.stop('SIGTERM');
    await send(50);
    await broker.start();
    await takeTo(150);
    assert.deepEqual(
      seqs.filter((seq) => seq > 50),
      Array.from({ length: 100 }, (_, n) => 51 + n),
    );

    const example = spawn(process.execPath, [projectFile('examples/subscribe.mjs'), broker.url]);
    t.after(() => example.kill());
    const line = once(createInterface({ input: example.stdout }), 'line');
    // It does not say when it has subscribed.
    const sending = setInterval(() => void send(1), 100);
    assert.match(String(await line), /^box wearer \d+ new (not )?running$/);
    clearInterval(sending);
    assert.equal(await daemon.end(), 0, daemon.text);
  },
);
