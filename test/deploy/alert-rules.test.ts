import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Metrics } from '#src/monitoring/metrics/metrics.js';
import { projectFile } from '../support/project.js';
import { needsProgram } from '../support/requirement.js';

const rules = readFileSync(projectFile('deploy/prometheus/lstmd.rules.yml'), 'utf8');

describe('the alert rules', () => {
  test(
    'are rules that Prometheus takes, and fire when they should',
    { skip: needsProgram('promtool', 'prometheus') },
    () => {
      const file = projectFile('test/deploy/alert-rules.yml');
      const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], {
        encoding: 'utf8',
      });
      assert.equal(status, 0, `${stdout}${stderr}`);
    },
  );

  test('ask for metrics that there are', async () => {
    const text = await new Metrics().text();
    const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const asked = [...rules.matchAll(/\b(lstmd_[a-z_]+)/g)].map(([, name = '']) =>
      name.replace(/_(bucket|count)$/, ''),
    );
    assert.ok(asked.length > 15);
    assert.deepEqual(
      asked.filter((name) => !known.has(name)),
      [],
    );
  });
});
