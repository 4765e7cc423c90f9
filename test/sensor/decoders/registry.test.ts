import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sensorOptions } from '#src/config/sensor-section.js';
import { CsvDecoder } from '#src/sensor/decoders/csv-decoder.js';
import { createDecoder, decoders } from '#src/sensor/decoders/registry.js';
import { createLink, links } from '#src/sensor/links/registry.js';
import { SerialLink } from '#src/sensor/links/serial/serial-link.js';

describe('the registries of decoders and links', () => {
  test('give each decoder a name of its own, csv first', () => {
    const names = decoders.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.equal(names[0], 'csv');
  });

  test('declare no option that the section already has', () => {
    const common = Object.keys({ ...sensorOptions, decoder: true });
    const declared = links.flatMap(({ options }) => Object.entries(options));
    const ofLinks = [...new Set(declared.map(([option]) => option))];
    assert.equal(new Set([...common, ...ofLinks]).size, common.length + ofLinks.length);
    // Where two links have an option of one name it is the same option, for they stand in one section.
    assert.equal(new Set(declared.map(([, type]) => type)).size, ofLinks.length);
    for (const { name, options } of decoders) {
      for (const option of Object.keys(options)) {
        assert.ok(![...common, ...ofLinks].includes(option), `${name} declares ${option}`);
      }
    }
  });

  test('give each scheme one link, whose options may all be left out', () => {
    const schemes = links.flatMap((link) => link.schemes);
    assert.equal(new Set(schemes).size, schemes.length);
    for (const link of links) {
      const [scheme] = link.schemes;
      const address = scheme === undefined ? '/dev/null' : `${scheme}://host:1`;
      assert.doesNotThrow(() => link.create({ link: address, rateHz: 26 }));
    }
  });

  test('make a decoder and a link from a section, whatever else stands in it', () => {
    const section = {
      link: '/dev/null',
      rateHz: 26,
      axes: ['x', 'y'],
      decoder: 'csv',
      baudRate: 9600,
      columns: [1, 2],
    };
    assert.ok(createDecoder(section) instanceof CsvDecoder);
    assert.equal(createDecoder(section).axes, 2);
    assert.ok(createLink(section) instanceof SerialLink);
    const twice = { ...section, columns: [1, 1] };
    assert.throws(() => createDecoder(twice), { code: 'config.invalid' });
  });
});
