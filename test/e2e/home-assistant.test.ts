import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connectAsync } from 'mqtt';
import { Broker, needsBroker, type Subscriber } from '../support/broker.js';
import { Daemon, testFolder } from '../support/daemon.js';
import { projectFile } from '../support/project.js';
import { TestPty } from '../support/pty.js';

interface Component {
  readonly p: string;
  readonly unique_id?: string;
  readonly name?: string;
  readonly state_topic?: string;
  readonly value_template?: string;
  readonly options?: readonly string[];
}

interface Discovery {
  readonly dev: { readonly ids: readonly string[]; readonly name: string };
  readonly o: { readonly name: string };
  readonly availability: readonly { readonly topic: string }[];
  readonly cmps: Readonly<Record<string, Component>>;
}

interface Setup {
  readonly folder: string;
  readonly url: string;
  readonly link: string;
  readonly device?: string;
  readonly stream?: string;
}

function writeConfig({ folder, url, link, device = 'box', stream = 'wearer' }: Setup): string {
  const file = join(folder, 'lstmd.yaml');
  writeFileSync(
    file,
    `device: ${device}
stateDirectory: ${folder}/state
mqtt: { url: "${url}", homeAssistant: {} }
streams:
  ${stream}:
    sensor: { link: ${link}, rateHz: 26 }
    features: { scale: 0.001 }
    model: { file: ${projectFile('examples/running/running.keras')}, mode: continuous, labels: [running] }
    publish: { events: [{ label: running, on: 0.9, off: 0.1 }], nowSeconds: 0.05 }
`,
  );
  return file;
}

const topicOf = (device: string): string => `homeassistant/device/lstmd-${device}/config`;

async function discovered(subscriber: Subscriber, device = 'box', count = 1): Promise<Discovery> {
  const topic = topicOf(device);
  await subscriber.until(() => subscriber.on(topic).length >= count);
  return JSON.parse(subscriber.on(topic).at(-1)?.payload ?? '') as Discovery;
}

async function begin(t: TestContext, setup: Setup): Promise<Daemon> {
  const daemon = new Daemon(t, writeConfig(setup));
  await daemon.logged(/^reading /);
  return daemon;
}

/** The value that a template of keys alone takes from a payload. */
function valueOf(template: string, payload: string): unknown {
  const keys = [...template.matchAll(/\['([^']*)'\]/g)].map(([, key = '']) => key);
  let value: unknown = JSON.parse(payload);
  for (const key of keys) {
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

test(
  'Home Assistant finds a device, its streams and what they say, and forgets what is gone',
  { skip: needsBroker() },
  async (t) => {
    const { broker, subscriber } = await Broker.withSubscriber(t, '#');
    const pty = new TestPty(t);
    pty.port.plug();
    const setup = { folder: testFolder(t), url: broker.url, link: pty.path };
    let daemon = await begin(t, setup);
    const first = await discovered(subscriber);
    assert.ok(subscriber.on(topicOf('box'))[0]?.retain);
    assert.deepEqual(first.dev.ids, ['lstmd-box']);
    assert.equal(first.o.name, 'lstmd');
    assert.deepEqual(
      first.availability.map(({ topic }) => topic),
      ['lstmd/box/status'],
    );
    const components = Object.values(first.cmps);
    const ids = components.map((component) => component.unique_id);
    assert.equal(new Set(ids).size, components.length);
    const named = (name: string): Component => {
      const found = components.find((component) => component.name === name);
      assert.ok(
        found !== undefined,
        `${name} is none of ${components.map((each) => each.name).join(', ')}`,
      );
      return found;
    };
    assert.deepEqual(named('wearer label').options, ['running', 'not running']);

    // What the templates take is there, in the retained value that a restarted Home Assistant gets.
    pty.sendBanner();
    await pty.send(Array.from({ length: 60 }, () => '900,-80,25'));
    const now = 'lstmd/box/wearer/now';
    await subscriber.until(() =>
      subscriber.on(now).some(({ payload }) => payload.includes('"events":{"')),
    );
    const { payload = '', retain } = subscriber.on(now).at(-1) ?? {};
    assert.ok(retain);
    const label = String(valueOf(named('wearer label').value_template ?? '', payload));
    assert.ok(named('wearer label').options?.includes(label), label);
    assert.equal(typeof valueOf(named('wearer running').value_template ?? '', payload), 'number');
    const event = components.find(
      ({ p, state_topic }) => p === 'binary_sensor' && state_topic === now,
    );
    assert.match(String(valueOf(event?.value_template ?? '', payload)), /^(on|off)$/);
    const health = subscriber.on('lstmd/box/health').at(-1)?.payload ?? '';
    assert.equal(valueOf(named('records that wait').value_template ?? '', health), 0);

    // A Home Assistant that starts is told again.
    const other = await connectAsync(broker.url);
    await other.publishAsync('homeassistant/status', 'online');
    await other.endAsync();
    await discovered(subscriber, 'box', 2);
    assert.equal(await daemon.end(), 0, daemon.text);

    // A stream of another name takes the components of the former away.
    daemon = await begin(t, { ...setup, stream: 'pump' });
    const renamed = await discovered(subscriber, 'box', 3);
    for (const [id, component] of Object.entries(first.cmps)) {
      const isOfStream = id.startsWith('wearer-');
      assert.deepEqual(renamed.cmps[id], isOfStream ? { p: component.p } : component);
    }
    assert.ok(renamed.cmps['pump-label'] !== undefined);
    assert.equal(await daemon.end(), 0, daemon.text);

    // A device of another name takes the former device away.
    daemon = await begin(t, { ...setup, device: 'crate', stream: 'pump' });
    const { cmps } = await discovered(subscriber, 'crate');
    assert.ok(Object.values(cmps).every(({ unique_id }) => unique_id?.startsWith('lstmd-crate-')));
    await subscriber.until(() => subscriber.on(topicOf('box')).at(-1)?.payload === '');
    assert.equal(await daemon.end(), 0, daemon.text);
  },
);
