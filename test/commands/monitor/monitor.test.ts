import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { connectAsync } from 'mqtt';
import { BrokerView } from '#src/commands/monitor/broker-view.js';
import { hearKeys } from '#src/commands/monitor/keys.js';
import { viewLines } from '#src/commands/monitor/view-text.js';
import { Broker, freePort, needsBroker } from '../../support/broker.js';
import { runCommand } from '../../support/command.js';
import { testFolder } from '../../support/daemon.js';

test('monitor lists every device and stream of a broker', { skip: needsBroker() }, async (t) => {
  const webPort = await freePort();
  const broker = await Broker.start({
    config: `allow_anonymous true\nlistener ${webPort} 127.0.0.1\nprotocol websockets`,
  });
  t.after(() => broker.remove());
  const device = await connectAsync(broker.url);
  t.after(() => device.end(true));
  const retained = { retain: true, qos: 1 } as const;
  const key = '"ts":1763880000000,"boot":4,"seq":';
  await device.publishAsync('lstmd/a/status', '{"state":"online","ts":1}', retained);
  await device.publishAsync('lstmd/b/status', '{"state":"offline","ts":1}', retained);
  await device.publishAsync(
    'lstmd/a/wearer/now',
    `{${key}9,"p":{"walk":0.2,"run":0.8},"label":"run","warm":true,"events":{"run":"on","walk":"off"}}`,
    retained,
  );
  await device.publishAsync(
    'lstmd/b/press/now',
    `{${key}9,"value":{"rul":312.5},"warm":true,"events":{}}`,
    retained,
  );
  const table = await runCommand(['monitor', broker.url, '--once']);
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /^a +online +wearer +run 0\.8 .* run$/m);
  assert.match(table.stdout, /^b +offline +press +rul 312\.5 /m);
  assert.match(table.stdout, /^2 devices, 2 streams$/m);

  const json = await runCommand([
    'monitor',
    `ws://127.0.0.1:${webPort}/mqtt`,
    '--seconds',
    '1',
    '--json',
    '--device',
    'b',
  ]);
  const { perSecond, ...row } = JSON.parse(json.stdout) as Record<string, unknown>;
  assert.ok(perSecond === null || perSecond === 0, 'it depends on whether a second has passed');
  assert.deepEqual(row, {
    device: 'b',
    status: 'offline',
    stream: 'press',
    says: { name: 'rul', value: 312.5 },
    received: 0,
    missing: 0,
    eventsOn: [],
  });
});

test('monitor hears q and the keys that move its rows, and gives the terminal back', () => {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => modes.push(isRaw),
  });
  const heard: (string | number)[] = [];
  const giveBack = hearKeys(
    { end: () => heard.push('end'), move: (rows) => heard.push(rows) },
    input,
  );
  for (const key of ['j', '\u001b[A', '\u001b[6~', 'x', 'q', '\u0003']) {
    input.emit('data', Buffer.from(key));
  }
  giveBack();
  input.emit('data', Buffer.from('q'));
  assert.deepEqual(heard, [1, -1, 10, 0, 'end', 'end']);
  assert.deepEqual(modes, [true, false]);
});

test('monitor says that a broker is not there, and what is no address', async () => {
  const away = await runCommand(['monitor', 'mqtt://127.0.0.1:1', '--once']);
  assert.equal(away.code, 69, away.stderr);
  assert.match(away.stderr, /mqtt:\/\/127\.0\.0\.1:1: nothing listens there \[ECONNREFUSED\]/);
  const wrong = await runCommand(['monitor', 'http://broker']);
  assert.equal(wrong.code, 64);
  assert.match(wrong.stderr, /not mqtt:\/\/host/);
});

test('monitor says what is wrong with the files of its flags', async (t) => {
  const folder = testFolder(t);
  const garbage = join(folder, 'garbage.pem');
  writeFileSync(garbage, 'no certificate');
  for (const [flags, code, words] of [
    [['--ca', '/none'], 66, 'lstmd: cannot read --ca: /none: no such file or directory\n'],
    [
      ['--password-file', garbage],
      64,
      /^lstmd: .*--username: is missing: --password-file needs it\n$/,
    ],
    [['--ca', garbage], 64, /--ca \(.*garbage\.pem\) holds no PEM certificate/],
    [['--cert', garbage], 64, /--key: is missing: --cert goes with it/],
  ] as const) {
    const refused = await runCommand(['monitor', 'mqtts://127.0.0.1:1', '--once', ...flags]);
    assert.equal(refused.code, code, refused.stderr);
    if (typeof words === 'string') {
      assert.equal(refused.stderr, words);
    } else {
      assert.match(refused.stderr, words);
    }
  }
  const plain = await runCommand(['monitor', 'mqtt://127.0.0.1:1', '--once', '--ca', garbage]);
  assert.match(plain.stderr, /the URL: is not encrypted, yet there is --ca/);
});

test('names that a broker sends cannot move the cursor, and rows have a history', () => {
  const view = new BrokerView();
  const stream = { device: 'd\u001b[2Jx', stream: 's' };
  for (let seq = 1; seq <= 3; seq += 1) {
    const record = { ts: 1, boot: 1, seq, warm: true, p: { on: seq / 3 } };
    view.take({ kind: 'prediction', ...stream, record, isHistory: false });
    view.tick();
  }
  view.take({ kind: 'missing', ...stream, boot: 1, after: 3, before: 6, count: 2 });
  view.take({ kind: 'malformed', topic: 't', reason: 'r' });
  const [, row = '', sum = ''] = viewLines(view);
  assert.ok(!row.includes('\u001b'), JSON.stringify(row));
  assert.match(row, /on 1 +▃▅█ .* 2$/u);
  assert.match(sum, /^1 device, 1 stream; 1 payloads that are none of lstmd's$/);
});
