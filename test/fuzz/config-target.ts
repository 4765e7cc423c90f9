import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema } from '#src/agent/config-schema.js';
import { loadConfig } from '#src/config/load-config.js';
import { LstmdError } from '#src/base/errors.js';
import { projectFile } from '../support/project.js';
import type { Draw } from '../support/draw.js';
import type { FuzzTarget } from './fuzz-cases.js';

const small = `device: press-07
mqtt: { url: "mqtt://broker:1883", qos: 1, outbox: { maxBytes: 1000000 } }
streams:
  spindle:
    sensor: { link: tty0, rateHz: 26, axes: [x, y, z], columns: [0, 1, 2] }
    features: { scale: 0.001, mean: [0, 0, 0], std: [1, 1, 1], min: -4000, max: 4000 }
    model: { file: model.keras, mode: sliding, stride: 5, labels: [running] }
    state: { checkpointSeconds: 30, maxAgeSeconds: 600, onGap: { maxMs: 1000, then: reset } }
    publish: { every: 1, events: [{ label: running, on: 0.8, off: 0.6 }] }
`;

/** Values and keys that configurations are broken with, by hand or on purpose. */
const oddities = [
  '', '~', 'null', '.nan', '.inf', '-1', '0', '1e400', '99999999999999999999', '0x10', 'yes', '[]',
  '{}', '[[]]', '""', "'", '"', '!!binary aGVsbG8=', '!!js/function x', '!!set {a, b}', '&a [*a]',
  '*none', '&a {b: *a}', '<<: {a: 1}', '? [a, b]', '__proto__: { a: 1 }', '__proto__', 'constructor',
  'toString: 1', '- a', '2020-01-01', '\t', '#', '| ', '>-', '%YAML 9.9', '---', '...', '\u0000',
  '\ufeff', '\ud800', '/', '+', 'a/b', '../..', 'mqtt://', 'cmd', '\u202e',
]; // oxfmt-ignore

/** Three aliases of the line before in each line: 3^levels values in all. */
export function aliasBomb(levels: number): string {
  return Array.from({ length: levels }, (_, n) => {
    const before = `*a${n - 1}`;
    return `a${n}: &a${n} [${n === 0 ? 'x' : `${before}, ${before}, ${before}`}]\n`;
  }).join('');
}

function mutated(draw: Draw, text: string): string {
  const lines = text.split('\n');
  const at = draw.whole(0, lines.length - 1);
  const now = lines[at] ?? '';
  const place = draw.whole(0, now.length);
  switch (draw.whole(0, 9)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(at, 0, lines[draw.whole(0, lines.length - 1)] ?? '');
      break;
    case 2:
      lines[at] = ' '.repeat(draw.whole(0, 9)) + now.trimStart();
      break;
    case 3:
      lines[at] = now.replace(/: .*/, () => `: ${draw.one(oddities)}`);
      break;
    case 4:
      lines[at] = now.slice(0, place) + draw.one(oddities) + now.slice(place);
      break;
    case 5:
      lines[at] = now.slice(0, place) + String.fromCharCode(draw.whole(0, 300)) + now.slice(place + 1); // oxfmt-ignore
      break;
    case 6:
      return text.slice(0, draw.whole(0, text.length));
    case 7:
      lines.push(draw.one(oddities));
      break;
    case 8:
      lines[at] = now.replace(/-?[0-9.]+/, () => draw.one(['-5', '0', '.5', '1e9', 'x', '1e-400']));
      break;
    default:
      if (draw.chance(0.9)) {break;}
      lines.push(draw.one([aliasBomb(draw.whole(2, 30)), `deep: ${'['.repeat(draw.whole(100, 20_000))}`, `long: ${'x'.repeat(100_000)}`])); // oxfmt-ignore
  }
  return lines.join('\n');
}

const variables = ['LSTMD_DEVICE', 'LSTMD_MQTT_URL', 'LSTMD_MQTT_QOS', 'LSTMD_STREAMS', 'LSTMD_LOG_LEVEL', 'LSTMD_HEALTH_SECONDS', 'LSTMD_STREAMS_SPINDLE_SENSOR_RATE_HZ', 'LSTMD_']; // oxfmt-ignore

/** Configurations and variables, broken as people break them and as they break by themselves. */
export class ConfigTarget implements FuzzTarget {
  readonly name = 'config';
  readonly #folder = mkdtempSync(join(tmpdir(), 'lstmd-config-fuzz-'));
  readonly #shipped = readFileSync(projectFile('deploy/examples/lstmd.yaml'), 'utf8');

  async run(draw: Draw): Promise<string> {
    let text = draw.one([small, this.#shipped]);
    for (let left = draw.whole(1, 3); left > 0; left -= 1) {
      text = mutated(draw, text);
    }
    const environment: Record<string, string> = {};
    if (draw.chance(0.2)) {
      environment[draw.one(variables)] = draw.one(oddities);
    }
    return (await this.outcomeOf(text, environment)).code;
  }

  /** `taken`, or what the configuration was refused with; any other error is thrown on. */
  async outcomeOf(
    text: string,
    environment: Record<string, string> = {},
  ): Promise<{ code: string; message: string }> {
    const file = join(this.#folder, 'lstmd.yaml');
    writeFileSync(file, text);
    try {
      const { config } = await loadConfig(configSchema, file, environment);
      assert.ok(Object.isFrozen(config) && Object.isFrozen(config.streams));
      assert.ok(Object.keys(config.streams).length > 0);
      return { code: 'taken', message: '' };
    } catch (error) {
      if (!(error instanceof LstmdError)) {
        throw error;
      }
      const { code, message } = error;
      assert.equal(code, 'config.invalid');
      assert.ok(message.length < 30_000, `a message of ${message.length} characters`);
      return { code, message };
    } finally {
      assert.equal(Reflect.get({}, 'a'), undefined, 'the prototype of all objects was changed');
    }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
