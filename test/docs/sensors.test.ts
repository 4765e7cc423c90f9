import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configSchema } from '#src/agent/config-schema.js';
import { loadConfig } from '#src/config/load-config.js';
import { createDecoder, decoders } from '#src/sensor/decoders/registry.js';
import { convertedSource } from '#src/simulator/converted-source.js';
import { encoderNamed } from '#src/simulator/encoders/registry.js';
import { MotionSource } from '#src/simulator/motion-source.js';
import { convert } from '#src/units/conversion.js';
import { testFolder } from '../support/daemon.js';
import { projectFile } from '../support/project.js';
import { bytesOf, decoderOf } from '../sensor/decoders/frame-cases.js';
import { DecoderRecorder } from '../sensor/decoders/recorder.js';

const page = readFileSync(projectFile('docs/sensors.md'), 'utf8');
/** Holds what the page says of each decoder: its YAML, and the simulator that is to be tried with it. */
const examples = page.split(/^## /m).flatMap((part) => {
  const yaml = /```yaml\n([^]*?)```/.exec(part)?.[1];
  const flags = /^Try it: `lstmd simulate --link \/tmp\/sensor (.*?)`/m.exec(part)?.[1];
  return yaml === undefined || flags === undefined
    ? []
    : [{ title: part.split('\n')[0] ?? '', yaml, flags }];
});

function flag(flags: string, name: string): string | undefined {
  return new RegExp(`--${name} (\\S+)`).exec(flags)?.[1];
}

test('the page has an example to try for each decoder', () => {
  assert.deepEqual(
    examples.map(({ title }) => title.split(':')[0]),
    decoders.map(({ name }) => name),
    'docs/sensors.md has for each decoder, in the order of the registry, "## name: ...", its YAML and ' +
      '"Try it: `lstmd simulate --link /tmp/sensor ...`"',
  );
  const rows = [...page.matchAll(/^\| \[`(\w+)`\]/gm)].map(([, name]) => name);
  assert.deepEqual(
    rows,
    decoders.map(({ name }) => name),
    'the table of docs/sensors.md has a row for each decoder',
  );
});

for (const { title, yaml, flags } of examples) {
  test(`${title}: what the simulator sends is read by the YAML, in its units`, async (t) => {
    const file = join(testFolder(t), 'lstmd.yaml');
    const sensor = yaml.replaceAll(/^/gm, '    ');
    const model = '    model: { file: model.keras, mode: continuous, labels: [running] }\n';
    writeFileSync(file, `mqtt: { url: mqtt://localhost }\nstreams:\n  s:\n${sensor}\n${model}`);
    const { config } = await loadConfig(configSchema, file, {});
    const section = config.streams['s']?.sensor;
    assert.ok(section);
    assert.equal(flag(flags, 'rate-hz'), `${section.rateHz}`);

    const encoder = encoderNamed(flag(flags, 'format') ?? 'csv');
    const said = (['g', 'm/s2', 'mg'] as const).find((unit) => unit === flag(flags, 'units'));
    const sent = encoder.countsInG ?? encoder.unit ?? said ?? 'mg';
    const motion = new MotionSource({ seed: 1, rateHz: 50, activity: 'stationary' });
    const source = sent === 'mg' ? motion : convertedSource(motion, 'mg', sent);
    const encode = encoder.create(3, 20);
    const decoder = createDecoder(section);
    const recorder = new DecoderRecorder(decoder);
    const row = new Float32Array(3);
    for (let n = 0; n < 50; n += 1) {
      source.next(row);
      decoder.polling?.request();
      recorder.push(Uint8Array.from(encode(row)));
    }
    const rows = recorder.events.filter((event) => event !== 'lost');
    assert.ok(rows.length >= 48 && rows.length === recorder.events.length, decoder.rejection);
    const unit = decoder.units[0] ?? section.units;
    assert.ok(typeof unit === 'string', 'the units are said');
    const toG = convert(unit, 'g');
    assert.ok('factor' in toG);
    const size = rows.reduce((sum, each) => sum + Math.hypot(...each), 0) / rows.length;
    assert.ok(Math.abs(size * toG.factor - 1) < 0.2, `${size} ${unit}`);
  });
}

test('binary: the frame that is shown is the one that is described', () => {
  const hex = /`(aa 55 [0-9a-f ]+)` counts 7 and reads 250, 0 and 1000/.exec(page)?.[1] ?? '';
  const options = encoderNamed('binary').options(['x', 'y', 'z']);
  const shown = { endian: 'little', checksumFrom: 'sync', ...options, decoder: 'binary' };
  const recorder = new DecoderRecorder(decoderOf(shown)).push(bytesOf(hex));
  assert.deepEqual([recorder.events, recorder.counts], [[[250, 0, 1000]], [7]]);
});
