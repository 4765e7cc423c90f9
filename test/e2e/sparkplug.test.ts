import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { SparkplugHost, type Heard } from '../publish/mqtt/sparkplug/sparkplug-host.js';
import { Broker, needsBroker } from '../support/broker.js';
import { Daemon, testFolder, writeConfig } from '../support/daemon.js';
import { TestPty } from '../support/pty.js';

const is =
  (what: string) =>
  (heard: Heard): boolean =>
    heard.what === what;

const bdSeqOf = ({ metrics }: Heard): unknown =>
  metrics.find(({ name }) => name === 'bdSeq')?.value;

test(
  'a Sparkplug host hears of a sensor that goes without waiting for a health, and counts births over restarts',
  { skip: needsBroker() },
  async (t) => {
    const broker = await Broker.start();
    t.after(() => broker.remove());
    const host = await SparkplugHost.connect(t, broker.url);
    const pty = new TestPty(t);
    pty.port.plug();
    const config = writeConfig({
      folder: testFolder(t),
      brokerUrl: broker.url,
      link: pty.path,
      healthSeconds: 3600,
    });
    const text = readFileSync(config, 'utf8');
    writeFileSync(config, text.replace('mqtt: {', 'mqtt: { sparkplug: { group: plant },'));
    let daemon = new Daemon(t, config);
    await daemon.logged(/^reading /);
    const first = await host.until(0, is('NBIRTH'));
    assert.equal(bdSeqOf(first), 0);
    await host.until(0, is('DBIRTH wearer'));
    await host.until(0, ({ metrics }) => metrics.some(({ value }) => value === true));

    const gone = host.heard.length;
    pty.port.unplug();
    await host.until(gone, is('DDEATH wearer'));
    pty.port.plug();
    await host.until(gone, is('DBIRTH wearer'));
    assert.equal(await daemon.end(), 0, daemon.text);
    await host.until(gone, is('NDEATH'));

    const again = host.heard.length;
    daemon = new Daemon(t, config);
    assert.equal(bdSeqOf(await host.until(again, is('NBIRTH'))), 1);
    assert.equal(await daemon.end(), 0, daemon.text);
  },
);
