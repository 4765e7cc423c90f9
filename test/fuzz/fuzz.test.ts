import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { aliasBomb, ConfigTarget } from './config-target.js';
import { csvTarget } from './csv-target.js';
import { fuzzCases } from './fuzz-cases.js';
import { slotTarget } from './slot-target.js';

/** Long runs, on other seeds: `npm run fuzz`. */
describe('on anything that is thrown at it', { timeout: 300_000 }, () => {
  const config = new ConfigTarget();
  after(() => config.close());
  for (const [target, count] of [
    [csvTarget, 1500],
    [slotTarget, 10_000],
    [config, 150],
  ] as const) {
    test(`${target.name}: holds in ${count} cases`, async (t) => {
      const { outcomes, failures } = await fuzzCases(target, {
        seed: 1,
        first: 0,
        count,
        limitMs: 30_000,
      });
      assert.deepEqual(failures.slice(0, 3), []);
      t.diagnostic([...outcomes].map(([outcome, cases]) => `${outcome}: ${cases}`).join(', '));
      assert.ok(outcomes.size > 1);
    });
  }

  // Each of these ended in something else than a fault of the configuration once.
  const found: readonly [what: string, text: string, says: RegExp][] = [
    ['an alias without an anchor', 'device: *none\n', /Unresolved alias/],
    ['aliases of aliases', `${aliasBomb(30)}device: *a29\n`, /Excessive alias count/],
    ['an unknown tag', 'device: !!js/function x\n', /Unresolved tag/],
    ['more faults than can be read', `device: ${'['.repeat(20_000)}`, /and \d+ more$/],
  ];
  for (const [what, text, says] of found) {
    test(`config: refuses ${what}, in a message of some lines`, async () => {
      const { code, message } = await config.outcomeOf(text);
      assert.equal(code, 'config.invalid');
      assert.match(message, says);
    });
  }
});
