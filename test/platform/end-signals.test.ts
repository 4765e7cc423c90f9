import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test, type TestContext } from 'node:test';
import { projectFile } from '../support/project.js';

const endSignals = projectFile('dist/platform/end-signals.js');

/** A process that hears signals, and then does some work under `endingAtSignals`. */
async function ending(t: TestContext, work: string, signal: NodeJS.Signals) {
  const script = `
    import { endingAtSignals } from ${JSON.stringify(endSignals)};
    process.on('${signal}', () => { console.error('heard'); process.exit(7); });
    await endingAtSignals('ended', async () => { ${work} });
    console.log('begun');
    setInterval(() => {}, 1000);
  `;
  const args = ['--input-type=module', '-e', script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child.stdout, 'data');
  child.kill(signal);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

describe('work that a signal ends at once', () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    test(`ends in exit 0 at ${signal}, though the loop of events never turns`, async (t) => {
      // stdout is a pipe, to which Node writes at once.
      const { code, stderr } = await ending(t, `console.log('begun'); for (;;) {}`, signal);
      assert.deepEqual([code, stderr], [0, 'ended\n']);
    });
  }

  test('leaves signals to their listeners afterwards', async (t) => {
    assert.deepEqual(await ending(t, '', 'SIGTERM'), { code: 7, stderr: 'heard\n' });
  });
});
