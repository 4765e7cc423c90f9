import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { LstmdError } from '#src/base/errors.js';
import { loadConfig } from '#src/config/load-config.js';
import { path, z, type DecoderOptions } from '#src/config/option-types.js';
import { createConfigSchema, jsonSchemaOf } from '#src/config/schema.js';
import type { SensorSection } from '#src/config/sensor-section.js';

const lines: DecoderOptions<SensorSection> = {
  name: 'lines',
  options: { columns: z.array(z.int()).optional() },
  faults: () => [],
};
const packets: DecoderOptions<SensorSection> = {
  name: 'packets',
  options: { layout: path, syncByte: z.int().default(0x55), columns: z.int().optional() },
  faults: ({ axes }) =>
    axes.length > 3 ? [{ path: ['axes'], message: 'a packet holds three of them' }] : [],
};
const schema = createConfigSchema({
  links: [
    { name: 'a tty', schemes: [undefined], options: { baudRate: z.int().default(9600) } },
    { name: 'tcp://host:port', schemes: ['tcp'], options: {} },
  ],
  decoders: [lines, packets],
  publishers: { mqtt: z.strictObject({ url: z.string() }) },
});

const folder = mkdtempSync(join(tmpdir(), 'lstmd-decoder-options-'));
after(() => rmSync(folder, { recursive: true }));

type Loaded = z.output<typeof schema>['streams'][string]['sensor'];

/** The `sensor` section that a configuration with this one becomes. */
async function load(sensor: string, environment: Record<string, string> = {}): Promise<Loaded> {
  const file = join(folder, 'lstmd.yaml');
  writeFileSync(
    file,
    `mqtt: { url: "" }\nstreams:\n  a:\n    model: { file: m.keras, mode: sequence }\n    sensor: ${sensor}\n`,
  );
  const { config } = await loadConfig(schema, file, environment);
  const section = config.streams['a']?.sensor;
  assert.ok(section);
  return section;
}

async function faultOf(sensor: string, environment?: Record<string, string>): Promise<string> {
  try {
    await load(sensor, environment);
  } catch (error) {
    assert.ok(error instanceof LstmdError && error.code === 'config.invalid');
    return error.message;
  }
  return assert.fail('the section was accepted');
}

describe('the sensor section', () => {
  test('takes the options of the decoder that it names, and the first where it names none', async () => {
    const common = { axes: ['x', 'y', 'z'], baudRate: 9600, link: join(folder, 't'), rateHz: 1 };
    assert.deepEqual(await load('{ link: t, rateHz: 1, columns: [2] }'), {
      ...common,
      decoder: 'lines',
      columns: [2],
    });
    assert.deepEqual(
      await load('{ link: t, rateHz: 1, decoder: packets, layout: l, columns: 4 }'),
      {
        ...common,
        decoder: 'packets',
        layout: join(folder, 'l'),
        syncByte: 0x55,
        columns: 4,
      },
    );
  });

  test('says whose option it is that the decoder does not have', async () => {
    assert.match(
      await faultOf('{ link: t, rateHz: 1, layout: l }'),
      /line 5: streams\.a\.sensor\.layout: is an option of packets, not of lines/,
    );
  });

  test('suggests the options of the decoder that it names', async () => {
    assert.match(
      await faultOf('{ link: t, rateHz: 1, decoder: packets, layout: l, syncBite: 1 }'),
      /sensor\.syncBite: is not an option here; did you mean "syncByte"\?/,
    );
  });

  test('lists the decoders where it names none of them', async () => {
    assert.match(
      await faultOf('{ link: t, rateHz: 1, decoder: line }'),
      /sensor\.decoder: must be one of "lines", "packets"/,
    );
  });

  test('is asked for what its decoder cannot do without', async () => {
    assert.match(
      await faultOf('{ link: t, rateHz: 1, decoder: packets }'),
      /line 5: streams\.a\.sensor\.layout: is missing \(string\)/,
    );
  });

  test('reports what the decoder finds between options', async () => {
    assert.match(
      await faultOf('{ link: t, rateHz: 1, decoder: packets, layout: l, axes: [a, b, c, d] }'),
      /sensor\.axes: a packet holds three of them/,
    );
  });

  test('takes decoder and options from the environment', async () => {
    const section = await load('{ link: t, rateHz: 1 }', {
      LSTMD_STREAMS_A_SENSOR_DECODER: 'packets',
      LSTMD_STREAMS_A_SENSOR_LAYOUT: 'l',
      LSTMD_STREAMS_A_SENSOR_SYNC_BYTE: '0x24',
    });
    assert.equal(section.decoder, 'packets');
    assert.deepEqual(Reflect.get(section, 'syncByte'), 0x24);
    assert.equal(Reflect.get(section, 'layout'), join(folder, 'l'));
    assert.match(
      await faultOf('{ link: t, rateHz: 1 }', { LSTMD_STREAMS_A_SENSOR_LAYOT: 'l' }),
      /LSTMD_STREAMS_A_SENSOR_LAYOT names no option; did you mean "LSTMD_STREAMS_A_SENSOR_LAYOUT"\?/,
    );
  });

  test('keeps an address with a scheme as it is, and refuses one that no link has', async () => {
    assert.equal((await load('{ link: "tcp://h:1", rateHz: 1 }')).link, 'tcp://h:1');
    assert.match(
      await faultOf('{ link: "ftp://h", rateHz: 1 }'),
      /sensor\.link: ftp:\/\/ is not a link; there are: a tty, tcp:\/\/host:port/,
    );
  });

  test('is one of the decoders in the JSON Schema', () => {
    const text = JSON.stringify(jsonSchemaOf(schema));
    assert.match(text, /"sensor":\{"oneOf":\[/);
    assert.match(text, /"required":\["link","rateHz"\]/);
    assert.match(text, /"required":\["link","rateHz","decoder","layout"\]/);
  });

  test('refuses an option that its link does not have, and would do nothing', async () => {
    assert.match(
      await faultOf('{ link: "tcp://box:1", rateHz: 26, baudRate: 9600 }'),
      /a fault:\n {2}line 5: streams\.a\.sensor\.baudRate: is an option of a tty, and does nothing for tcp:\/\/host:port: delete it/,
    );
    assert.equal((await load('{ link: "tcp://box:1", rateHz: 26 }')).link, 'tcp://box:1');
  });
});
