import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { StateStore } from '#src/state/state-store.js';
import { needsProgram } from '../support/requirement.js';
import { silentLog } from '../support/silent-log.js';
import { isLong } from './long-run.js';

const program = fileURLToPath(new URL('../state/saving-process.js', import.meta.url));
const floats = 300;
/** Each of the two slots is made and written over. */
const saves = isLong ? 6 : 4;

type Call = 'pwrite64' | 'fdatasync' | 'fsync' | 'ftruncate' | 'openat' | 'mkdir';
const calls: readonly Call[] = isLong
  ? ['pwrite64', 'fdatasync', 'fsync', 'ftruncate', 'openat', 'mkdir']
  : ['pwrite64', 'fdatasync'];

/** The fault of the n-th of these calls, and whether it stays from then on. */
interface Fault {
  readonly inject: string;
  readonly stays: boolean;
  readonly calls?: readonly Call[];
}

const killed: Fault = { inject: 'signal=SIGKILL', stays: false };
const full: Fault = { inject: 'error=ENOSPC', stays: false };
const interrupted: Fault = { inject: 'error=EINTR', stays: false };
const faults: readonly Fault[] = isLong
  ? [
      killed,
      full,
      { ...full, stays: true },
      { inject: 'error=EIO', stays: false },
      { inject: 'error=EIO', stays: true },
      interrupted,
      // Nothing of the bytes was written, which is no error: the rest is to be written again.
      { inject: 'retval=0', stays: false, calls: ['pwrite64'] },
    ]
  : [killed, full];

interface Outcome {
  /** The last save that was called done. */
  readonly acknowledged: number;
  readonly trace: string;
}

describe(
  'a saving process whose system calls fail',
  {
    skip: needsProgram('strace', 'strace'),
    timeout: 1_200_000,
  },
  () => {
    let root: string;

    before(async () => {
      root = await mkdtemp(join(tmpdir(), 'lstmd-strace-'));
    });

    after(() => rm(root, { recursive: true }));

    /** Saves under strace into a new directory in a new parent; `inject` is in the syntax of strace. */
    async function run(name: string, call: string, inject?: string): Promise<Outcome> {
      const directory = join(root, name, 'spindle');
      const traceFile = join(root, `${name}.trace`);
      const paths = [root, dirname(directory), directory];
      paths.push(join(directory, 'slot-a.state'), join(directory, 'slot-b.state'));
      const args = ['-f', '-qq', '-y', '-o', traceFile, '-e', `trace=${call}`];
      if (inject !== undefined) {
        args.push('-e', `inject=${call}:${inject}`);
      }
      args.push(...paths.flatMap((path) => ['-P', path]), process.execPath, program, directory);
      args.push(String(floats), String(saves));
      // strace counts the calls of each thread on its own: all are to come from one.
      const env = { ...process.env, UV_THREADPOOL_SIZE: '1' };
      const stdout = await new Promise<string>((resolve) => {
        execFile('strace', args, { env }, (_error, text) => resolve(text));
      });
      const acknowledged = Number(stdout.trim().split('\n').at(-1));
      return { acknowledged, trace: await readFile(traceFile, 'utf8') };
    }

    async function loaded(name: string): Promise<number> {
      const store = new StateStore({
        stream: 'spindle',
        directory: join(root, name, 'spindle'),
        modelSha256: '00'.repeat(32),
        layoutHash: '11'.repeat(32),
        stateSize: floats,
        maxAgeSeconds: 600,
        log: silentLog,
      });
      const { saved } = await store.load();
      const value = saved?.sampleCount ?? 0;
      assert.ok(saved === null || saved.state.every((float) => float === value), 'a mixed state');
      return value;
    }

    test('syncs the names of the directories that it makes', async () => {
      const { acknowledged, trace } = await run('names', 'fsync,mkdir');
      assert.equal(acknowledged, saves);
      for (const parent of [root, join(root, 'names'), join(root, 'names/spindle')]) {
        assert.match(trace, new RegExp(`fsync\\(\\d+<${parent}>`));
      }
    });

    for (const call of calls) {
      test(`${call}: loads what was acknowledged or was being written, and saves again`, async (context) => {
        const whole = await run(`${call}-whole`, call);
        assert.equal(whole.acknowledged, saves);
        const count = whole.trace.split('\n').filter((line) => line.includes(`${call}(`)).length;
        assert.ok(count > 0);
        let points = 0;
        for (const fault of faults) {
          if (fault.calls?.includes(call) === false) {
            continue;
          }
          for (let nth = 1; nth <= count; nth += 1) {
            const { inject, stays } = fault;
            const name = `${call}-${inject}-${stays}-${nth}`;
            const when = `${inject}:when=${nth}${stays ? '+' : ''}`;
            const { acknowledged, trace } = await run(name, call, when);
            const value = await loaded(name);
            const what = `${call}:${when}: ${acknowledged} was acknowledged, ${value} loaded`;
            if (inject.startsWith('signal')) {
              assert.match(trace, /killed by SIGKILL/, what);
            } else {
              assert.match(trace, /INJECTED/, what);
            }
            assert.ok(value >= acknowledged && value <= saves, what);
            if (fault === killed) {
              assert.ok(value <= acknowledged + 1, what);
            } else if (!stays) {
              assert.ok(acknowledged >= saves - 1, what);
            }
            if (fault === interrupted || inject === 'retval=0') {
              assert.equal(acknowledged, saves, what);
            }
            points += 1;
          }
        }
        context.diagnostic(`${points} faults`);
      });
    }
  },
);
