import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { LstmdError } from '#src/base/errors.js';
import { loadConfig } from '#src/config/load-config.js';
import { z, type DecoderOptions } from '#src/config/option-types.js';
import { createConfigSchema } from '#src/config/schema.js';
import type { SensorSection } from '#src/config/sensor-section.js';

const lines: DecoderOptions<SensorSection> = { name: 'lines', options: {}, faults: () => [] };
const frames: DecoderOptions<SensorSection> = {
  ...lines,
  name: 'frames',
  units: ({ axes }) => axes.map((axis) => (axis.startsWith('g') ? 'deg/s' : 'm/s2')),
};
const schema = createConfigSchema({
  links: [{ name: 'a tty', schemes: [undefined], options: {} }],
  decoders: [lines, frames],
  publishers: { mqtt: z.strictObject({}) },
});
const folder = mkdtempSync(join(tmpdir(), 'lstmd-units-'));
after(() => rmSync(folder, { recursive: true }));

/** The faults of a stream with these options; its model begins in line 5, its sensor in 6, its features in 7. */
async function faultsOf(sensor: string, model: string, features = ''): Promise<string> {
  const file = join(folder, 'lstmd.yaml');
  writeFileSync(
    file,
    `mqtt: {}
streams:
  a:

    model: { file: m.keras, mode: sequence, ${model} }
    sensor: { link: tty, rateHz: 50, ${sensor} }
    features: { ${features} }
`,
  );
  try {
    await loadConfig(schema, file, {});
    return '';
  } catch (error) {
    assert.ok(error instanceof LstmdError && error.code === 'config.invalid');
    return error.message;
  }
}

describe('units of a stream', () => {
  test('that fit pass, one for all axes or one for each, on one side or on both', async () => {
    const six = 'axes: [x, y, z, gx, gy, gz]';
    const sixUnits = 'units: [g, g, g, deg/s, deg/s, deg/s]';
    const wanted = 'units: [m/s2, m/s2, m/s2, rad/s, rad/s, rad/s]';
    assert.equal(await faultsOf(`${six}, ${sixUnits}`, wanted), '');
    assert.equal(await faultsOf('units: g', 'units: m/s2'), '');
    assert.equal(await faultsOf('units: g', ''), '');
    assert.equal(await faultsOf('units: g/16384', 'units: g'), '');
    assert.equal(await faultsOf('units: raw', 'units: g', 'scale: 0.000061'), '');
    assert.equal(await faultsOf('units: g', 'units: m/s2', 'scale: 2'), '');
  });

  test('of another quantity are refused by name', async () => {
    const message = await faultsOf('units: g', 'units: deg/s');
    assert.match(
      message,
      /a fault:\n {2}line 5: streams\.a\.model\.units: g \(acceleration\) cannot become deg\/s \(rate of turn\): axis x/,
    );
  });

  test('that are none are refused with the list, or with the way to write them', async () => {
    assert.match(await faultsOf('units: furlong', ''), /line 6: .*units: "furlong" is no unit/);
    assert.match(await faultsOf('units: [g, g, dps]', ''), /units\[2\]: "dps" is written "deg\/s"/);
    assert.match(await faultsOf('', 'units: m/s²'), /model\.units: "m\/s²" is written "m\/s2"/);
  });

  test('must be one an axis', async () => {
    assert.match(await faultsOf('units: [g, g]', ''), /sensor\.units: must have one entry an axis/);
    assert.match(await faultsOf('', 'units: [g, g]'), /model\.units: must have one entry an axis/);
  });

  test('make a scale that does the same the line to delete', async () => {
    for (const scale of ['9.80665', '9.81', '[9.81, 9.81, 9.81]', '[1, 9.81, 1]']) {
      const message = await faultsOf('units: g', 'units: m/s2', `scale: ${scale}`);
      assert.match(message, /line 7: streams\.a\.features\.scale: 9\.8\d* converts .*delete/);
    }
    assert.match(
      await faultsOf('units: m/s2', 'units: g', 'scale: 9.81'),
      /line 7: .*scale: 9\.81 undoes for x/,
    );
  });

  test('of counts need a scale', async () => {
    const message = await faultsOf('units: raw', 'units: g');
    assert.match(message, /features\.scale: is missing for x: .*sensor\.units may be "g\/16384"/);
  });

  test('of the model alone say nothing without those of the sensor', async () => {
    assert.match(
      await faultsOf('', 'units: m/s2'),
      /sensor\.units: is missing: model\.units says m\/s2 for x/,
    );
  });

  test('that the decoder declares need none, and are not contradicted', async () => {
    const decoder = 'decoder: frames';
    assert.equal(await faultsOf(decoder, 'units: g'), '');
    assert.equal(await faultsOf(`${decoder}, units: m/s2`, 'units: g'), '');
    assert.match(
      await faultsOf(`${decoder}, units: g`, 'units: g'),
      /line 6: .*sensor\.units: says g for x, but the decoder gives m\/s2: delete it/,
    );
    assert.match(
      await faultsOf(`${decoder}, axes: [x, gx]`, 'units: g'),
      /model\.units: deg\/s \(rate of turn\) cannot become g \(acceleration\): axis gx/,
    );
    assert.match(await faultsOf(decoder, 'units: g', 'scale: 0.102'), /delete this line/);
  });
});
