import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import { isObject, type JsonObject } from '#src/base/json.js';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, testFolder, writeConfig } from '../support/daemon.js';
import { TestPty } from '../support/pty.js';

test(
  'commands are answered, carried out once by their id, and only those that are allowed',
  { skip: needsBroker() },
  async (t) => {
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/wearer/info');
    const client = await connectAsync(broker.url, { protocolVersion: 5 });
    t.after(() => client.endAsync(true));
    const pty = new TestPty(t);
    pty.port.plug();
    const folder = testFolder(t);
    const publish = '{ events: [{ label: running, on: 0.8, off: 0.6 }] }';
    const config = writeConfig({ folder, brokerUrl: broker.url, link: pty.path, publish });
    appendFileSync(config, 'commands: { allow: [reset, checkpoint, thresholds] }\n');
    let daemon = new Daemon(t, config);
    await daemon.logged(/^reading /);

    await client.subscribeAsync(['lstmd/box/cmd/+/result', 'answers'], { qos: 1 });
    const answers: { topic: string; answer: JsonObject; correlation: string | undefined }[] = [];
    let heard: (() => void) | undefined;
    client.on('message', (topic, payload, { properties }) => {
      const answer: unknown = JSON.parse(payload.toString());
      assert.ok(isObject(answer));
      answers.push({ topic, answer, correlation: properties?.correlationData?.toString() });
      heard?.();
    });
    let asked = 0;
    /** Sends a command, and gives its answer. */
    const ask = async (
      name: string,
      body: object | string,
      properties?: { readonly responseTopic: string; readonly correlationData: Buffer },
    ) => {
      const before = answers.length;
      asked += 1;
      const payload = typeof body === 'string' ? body : JSON.stringify(body);
      await client.publishAsync(`lstmd/box/cmd/${name}`, payload, { qos: 1, properties });
      await new Promise<void>((resolve) => {
        heard = resolve;
        if (answers.length > before) {
          resolve();
        }
      });
      const answer = answers.at(-1);
      assert.ok(answer !== undefined);
      return answer;
    };

    pty.sendBanner();
    await pty.send(Array.from({ length: 20 }, () => '900,-80,25'));
    // It is answered when it was done, and it is done behind the samples that came before.
    let saved = 0;
    while (saved < 20) {
      const { topic, answer } = await ask('checkpoint', '');
      assert.equal(topic, 'lstmd/box/cmd/checkpoint/result');
      assert.equal(answer['ok'], true);
      saved = Number((answer['saved'] as JsonObject)['wearer']);
    }

    const reset = { id: 'r1', stream: 'wearer' };
    const first = await ask('reset', reset, {
      responseTopic: 'answers',
      correlationData: Buffer.from('c1'),
    });
    assert.deepEqual([first.topic, first.correlation], ['answers', 'c1']);
    assert.deepEqual(
      [first.answer['ok'], first.answer['stream'], first.answer['id'], first.answer['saved']],
      [true, 'wearer', 'r1', true],
    );
    const forged = await ask('reset', reset, {
      responseTopic: 'lstmd/box/wearer/prediction',
      correlationData: Buffer.from('c2'),
    });
    assert.equal(forged.topic, 'lstmd/box/cmd/reset/result');
    assert.deepEqual(forged.answer, { ...first.answer, again: true });
    assert.equal(daemon.text.split('carried out a command').length - 1 >= 2, true);

    // Whoever uses an id again for something else is told so, and not what became of the first.
    const other = await ask('reset', { id: 'r1' });
    assert.equal(other.answer['ok'], false);
    assert.match(String(other.answer['error']), /id: "r1" was used before with other members/);
    const reordered = await ask('reset', { stream: 'wearer', id: 'r1' });
    assert.deepEqual(reordered.answer, { ...first.answer, again: true });

    const set = await ask('thresholds', { stream: 'wearer', event: 'running', on: 0.9, off: 0.7 });
    assert.deepEqual(set.answer['before'], { on: 0.8, off: 0.6 });
    await subscriber.until((all) =>
      all.some(({ payload }) => /the command thresholds/.test(payload)),
    );

    for (const [name, body, error] of [
      ['info', {}, /not allowed here: commands\.allow names reset, checkpoint, thresholds/],
      ['format', {}, /not allowed/],
      ['reset', '{"stream":', /no JSON/],
      ['reset', { stream: 'other' }, /must be one of: wearer/],
      ['reset', { stream: 'wearer', force: true }, /force: there is no such member/],
      ['reset', { stream: 'wearer', id: 7 }, /id: must be a text/],
      ['thresholds', { event: 'running', on: 0.5, off: 0.7 }, /off must not be above on/],
      ['thresholds', { event: 'running', on: 5, off: 0.7 }, /probabilities/],
      ['thresholds', { event: 'walking', on: 0.5, off: 0.4 }, /must be one of: running/],
    ] as const) {
      const { answer } = await ask(name, body);
      assert.equal(answer['ok'], false);
      assert.match(String(answer['error']), error);
    }

    // Neither a retained command, be the device connected or not, nor one of a run before is carried out.
    const retained = { qos: 1, retain: true } as const;
    await client.publishAsync('lstmd/box/cmd/reset', '{}', retained);
    await daemon.logged(/a retained command is not carried out/);
    assert.equal(answers.length, asked);
    // What is larger than any command does not cost the connection, neither now nor at the next.
    await client.publishAsync('lstmd/box/cmd/info', Buffer.alloc(1_100_000, ' '), retained);
    await ask('checkpoint', '');
    assert.equal(await daemon.end(), 0, daemon.text);
    daemon = new Daemon(t, config);
    await daemon.logged(/a retained command is not carried out/);
    await daemon.logged(/^reading /);
    const late = await ask('reset', reset);
    assert.deepEqual(late.answer, { ...first.answer, again: true });
    // Nor is the message carried out that clears a retained one.
    await client.publishAsync('lstmd/box/cmd/reset', '', retained);
    await client.publishAsync('lstmd/box/cmd/info', '', retained);
    await ask('checkpoint', '');
    assert.equal(answers.length, asked);
    // Two lines of the same words within a minute: the second is counted, and said at the stop.
    for (let n = 0; n < 2; n += 1) {
      await client.publishAsync('lstmd/box/cmd/reset', Buffer.alloc(70_000, ' '), { qos: 1 });
    }
    await ask('checkpoint', '');
    assert.doesNotMatch(daemon.text, /connection lost/);
    assert.equal(await daemon.end(), 0, daemon.text);
    const counted = daemon.lines.filter(({ msg }) => msg === 'a command of that size is none');
    assert.ok(counted.some(({ times }) => Number(times) >= 1));
  },
);
