/**
 * `npm run test:guards`: takes out one guard at a time and shows that a named test fails for it.
 *
 * Works on a copy of what was compiled, so that neither the checkout nor a run beside this one notices.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const powerCut = 'loads the state last acknowledged or the one being written: 2 cut';

const outboxCut =
  'are those said to be there, each once, in order, and the accounts add up: 1 cut(s), 3 batches';

/** `from` stands once in `file`; `test` is how the failing test's name begins. */
const guards = [
  {
    guard: 'fsync of a slot before it is called saved',
    file: 'dist/state/slot-pair.js',
    from: /(await file\.write\(bytes, 0\);\s+)await file\.sync\(\);/,
    to: '$1',
    tests: 'build/test/faults/power-cut.test.js',
    test: powerCut,
  },
  {
    guard: "fsync of the slots' names",
    file: 'dist/state/slot-pair.js',
    from: /(await file\.sync\(\);\s+)await this\.#fileSystem\.syncDirectory\(this\.directory\);/,
    to: '$1',
    tests: 'build/test/faults/power-cut.test.js',
    test: powerCut,
  },
  {
    guard: 'fsync of the names of new directories',
    file: 'dist/platform/file-system.js',
    from: /await nodeFileSystem\.syncDirectory\(parent\);/,
    to: '',
    tests: 'build/test/faults/failing-calls.test.js',
    test: 'syncs the names of the directories that it makes',
  },
  {
    guard: 'the fdatasync itself',
    file: 'dist/platform/file-system.js',
    from: /this\.#handle\.datasync\(\)/,
    to: 'Promise.resolve()',
    tests: 'build/test/faults/failing-calls.test.js',
    test: 'fdatasync: ',
  },
  {
    guard: 'the rest of a write that stopped short',
    file: 'dist/platform/file-system.js',
    from: /while \(written < bytes\.length\) \{/,
    to: 'for (let once = 0; once < 1; once += 1) {',
    tests: 'build/test/faults/failing-calls.test.js',
    test: 'pwrite64: ',
    long: true,
  },
  {
    guard: 'two slots in turn',
    file: 'dist/state/state-store.js',
    from: /(#succeed\(\) \{\s+)this\.#target = [^;]*;/,
    to: '$1',
    tests: 'build/test/faults/power-cut.test.js',
    test: powerCut,
  },
  {
    guard: 'CRC of a slot (bits)',
    file: 'dist/state/slot-codec.js',
    from: /slot\.readUInt32LE\(end\) !== crc32\(slot\.subarray\(0, end\)\)/,
    to: 'false',
    tests: 'build/test/state/slot-codec.test.js',
    test: 'detects every single bit flip',
  },
  {
    guard: 'CRC of a slot (torn writes)',
    file: 'dist/state/slot-codec.js',
    from: /slot\.readUInt32LE\(end\) !== crc32\(slot\.subarray\(0, end\)\)/,
    to: 'false',
    tests: 'build/test/faults/power-cut.test.js',
    test: powerCut,
  },
  {
    guard: 'silence watchdog of a port',
    file: 'dist/sensor/links/serial/port-watch.js',
    from: /this\.end\(this\.#options\.hungUp\(this\.#fd\) \? 'hungUp' : 'silent'\)/,
    to: 'this.#watchdog = this.#listen()',
    tests: 'build/test/sensor/links/serial/port-watch.test.js',
    test: 'asks whether a silent port has hung up',
  },
  {
    guard: 'pause before a port that is away is tried again',
    file: 'dist/sensor/links/serial/serial-link.js',
    from: /(unavailable = message;\s+)await this\.#wait\(\);/,
    to: '$1',
    tests: 'build/test/faults/unplug.test.js',
    test: 'idle: is missed and read again',
  },
  {
    guard: 'pause after a port that hung up at once',
    file: 'dist/sensor/links/serial/serial-link.js',
    from: /(if \(!this\.#watching\.heard\)\s+)await this\.#wait\(\);/,
    to: '$1await new Promise(setImmediate);',
    tests: 'build/test/sensor/links/serial/serial-link.test.js',
    test: 'does not spin on a port that opens and hangs up at once',
  },
  {
    guard: 'wait for a port that is being opened when it is stopped',
    file: 'dist/sensor/links/serial/serial-link.js',
    from: /(if \(signal\.aborted\) \{\s+)await port\.close\(\);/,
    to: '$1',
    tests: 'build/test/faults/open-races.test.js',
    test: 'leaves no descriptor and no lock behind',
  },
  {
    guard: 'monotonic time between samples',
    file: 'dist/sensor/sensor.js',
    from: /this\.#clock\.beginRead\(arrivalMs, /,
    to: 'this.#clock.beginRead(Date.now(), ',
    tests: 'build/test/faults/clock-jump.test.js',
    test: 'keeps its cadence and its state when the wall clock jumps',
  },
  {
    guard: 'systemd is fed only while every stage moves',
    file: 'dist/agent/watchdog.js',
    from: /if \(!this\.#watched\.some\(\(\{ isStalled \}\) => isStalled\)\)/,
    to: '',
    tests: 'build/test/faults/stalled-stage.test.js',
    test: 'is not fed while a save hangs in the disk',
  },
  {
    guard: 'a save under way is to move',
    file: 'dist/agent/live-stream.js',
    from: /waiting: \(\) => !this\.#isSaving/,
    to: 'waiting: () => true',
    tests: 'build/test/faults/stalled-stage.test.js',
    test: 'is not fed while a save hangs in the disk',
  },
  {
    guard: 'the state of before, at a start',
    file: 'dist/agent/live-stream.js',
    from: /this\.#stepper\.restore\(state, sampleCount\);/,
    to: '',
    tests: 'build/test/faults/kill-daemon.test.js',
    test: 'starts right after each of',
  },
  {
    guard: 'the state at the end, to flash',
    file: 'dist/agent/live-stream.js',
    from: /const saved = await this\.#checkpoint\(\);/,
    to: 'const saved = true;',
    tests: 'build/test/faults/terminate.test.js',
    test: 'ends in exit 0 though it comes again and again',
  },
  {
    guard: 'numbers and times of a slot that make sense',
    file: 'dist/state/slot-codec.js',
    from: /if \(!\[lastSampleMs, savedMs\]/,
    to: 'if (false && [lastSampleMs, savedMs]',
    tests: 'build/test/fuzz/fuzz.test.js',
    test: 'slots: holds in',
  },
  {
    guard: 'bound of aliases in a configuration',
    file: 'dist/config/load-config.js',
    from: /throw invalid\(file, \[messageOf\(error\)\]\);/,
    to: 'throw error;',
    tests: 'build/test/fuzz/fuzz.test.js',
    test: 'config: refuses aliases of aliases',
  },
  {
    guard: 'bound of a line',
    file: 'dist/sensor/decoders/text/line-buffer.js',
    from: /this\.#length \+ end - start > this\.#pending\.length/,
    to: 'false',
    tests: 'build/test/sensor/decoders/csv-decoder.test.js',
    test: 'passes 16 MiB without a newline in bounded memory',
  },
  {
    guard: 'bounds of a reading',
    file: 'dist/sensor/conditioner.js',
    from: /reading < this\.#min \|\| reading > this\.#max/,
    to: 'false',
    tests: 'build/test/sensor/conditioner.test.js',
    test: 'refuses what is out of range or not finite',
  },
  {
    guard: 'bound of the outbox in bytes',
    file: 'dist/publish/outbox/memory/memory-queue.js',
    from: /while \(this\.#bytes > maxBytes && this\.waiting > 0\)/,
    to: 'while (false)',
    tests: 'build/test/publish/outbox/outbox.test.js',
    test: 'drops the oldest that waits over its bytes',
  },
  {
    guard: 'bound of the outbox in age',
    file: 'dist/publish/outbox/memory/memory-queue.js',
    from: /const oldestMs = [^;]*;/,
    to: 'const oldestMs = -Infinity;',
    tests: 'build/test/publish/outbox/outbox.test.js',
    test: 'drops what is too old',
  },
  {
    guard: 'CRC of a record on disk',
    file: 'dist/publish/outbox/spool/log-entry.js',
    from: /this\.#bytes\.readUInt32LE\(at \+ 4\) === crc32\(body\)/,
    to: 'true',
    tests: 'build/test/publish/outbox/spool/log-entry.test.js',
    test: 'give nothing that was not written',
  },
  {
    guard: 'fsync of records on disk',
    file: 'dist/publish/outbox/spool/segment-writer.js',
    from: /(await file\.write\(bytes, segment\.bytes\);\s+)await file\.sync\(\);/,
    to: '$1',
    tests: 'build/test/faults/outbox-power-cut.test.js',
    test: outboxCut,
  },
  {
    guard: 'fsync of the names of their files',
    file: 'dist/publish/outbox/spool/segment-writer.js',
    from: /await this\.#options\.fileSystem\.syncDirectory\([^)]*\);/,
    to: '',
    tests: 'build/test/faults/outbox-power-cut.test.js',
    test: outboxCut,
  },
  {
    guard: 'a page of its own for each batch',
    file: 'dist/publish/outbox/spool/log-entry.js',
    from: /pageBytes \* Math\.ceil\(bytes \/ pageBytes\)/,
    to: 'bytes',
    tests: 'build/test/faults/outbox-power-cut.test.js',
    test: outboxCut,
  },
  {
    guard: 'accounts in step with what is settled',
    file: 'dist/publish/outbox/spool/taken-records.js',
    from: /this\.raiseFloor\(first\.record\.number\);/,
    to: '',
    tests: 'build/test/faults/outbox-power-cut.test.js',
    test: outboxCut,
  },
  {
    guard: 'number of a record on disk, by which it is read once',
    file: 'dist/publish/outbox/spool/segment-scan.js',
    from: /if \(numbers\.add\(number\)\)/,
    to: 'if (numbers.add(number) || true)',
    tests: 'build/test/publish/outbox/outbox-disk.test.js',
    test: 'finds a batch once whose write failed',
  },
  {
    guard: 'bound of the records on disk in bytes',
    file: 'dist/publish/outbox/spool/series.js',
    from: /if \(used \+ bytes <= bound \|\| series === undefined\)/,
    to: 'if (true)',
    tests: 'build/test/publish/outbox/outbox-disk.test.js',
    test: 'keeps within its bytes: drop-oldest',
  },
  {
    guard: 'events outlive predictions',
    file: 'dist/publish/outbox/spool/series.js',
    from: /policy === 'keep-events'/,
    to: 'false',
    tests: 'build/test/publish/outbox/outbox-disk.test.js',
    test: 'keeps within its bytes: keep-events',
  },
  {
    guard: 'rate of the history',
    file: 'dist/publish/outbox/outbox.js',
    from: /if \(waitMs > 0\)/,
    to: 'if (false)',
    tests: 'build/test/publish/outbox/outbox-disk.test.js',
    test: 'gives new records first',
  },
  {
    guard: 'budget of writes',
    file: 'dist/publish/outbox/spool/spool.js',
    from: /if \(this\.#budget\.waitMs\(bytes\) > 0\)/,
    to: 'if (false)',
    tests: 'build/test/publish/outbox/outbox-disk.test.js',
    test: 'writes no more a day than it may',
  },
  {
    guard: 'the file with the newest accounts stays',
    file: 'dist/publish/outbox/spool/segment-log.js',
    from: /keepsNewest \? this\.#writer\.newest : undefined/,
    to: 'undefined',
    tests: 'build/test/publish/outbox/outbox-disk.test.js',
    test: 'stays in memory while the disk is full',
  },
  {
    guard: 'seq in a record',
    file: 'dist/publish/prediction/payload.js',
    from: /(prediction\([^]*?\{this\.#boot\}\$\{)seq\}/,
    to: '$10}',
    tests: 'build/test/publish/prediction/payload.test.js',
    test: 'is byte for byte what the design says',
  },
  {
    guard: 'a new boot number at each start',
    file: 'dist/state/boot-counter.js',
    from: /previous \+ 1/,
    to: 'previous',
    tests: 'build/test/faults/power-cut.test.js',
    test: 'gives no boot number a second time',
  },
  {
    guard: 'the end of a command whose reader has gone',
    file: 'dist/commands/command-line.js',
    from: /\n    endWithoutReader\(\);/,
    to: '',
    tests: 'build/test/commands/cli.test.js',
    test: 'ends quietly when the reader of what simulate writes has gone',
  },
  {
    guard: 'the end of a connection whose acknowledgements do not come',
    file: 'dist/publish/mqtt/answer-watch.js',
    from: /overdue\(\);/,
    to: '',
    tests: 'build/test/publish/mqtt/hostile-broker.test.js',
    test: 'loses acknowledgements at QoS 1',
  },
  {
    guard: 'the bound of packets for retained values',
    file: 'dist/publish/mqtt/record-sender.js',
    from: /bytes > maximumBytes/,
    to: 'bytes > maximumBytes && !message.isRetained',
    tests: 'build/test/publish/mqtt/hostile-broker.test.js',
    test: 'takes packets of 1000 bytes over MQTT 5',
  },
  {
    guard: 'the bound of packets that is learned from hang-ups',
    file: 'dist/publish/mqtt/packet-size-limit.js',
    from: /this\.#bytes = this\.#smallestAlone - 1;/,
    to: '',
    tests: 'build/test/publish/mqtt/hostile-broker.test.js',
    test: 'takes packets of 1000 bytes over MQTT 3.1.1',
  },
  {
    guard: 'delivery at QoS 0 only when the broker has answered to something later',
    file: 'dist/publish/mqtt/unconfirmed-publishes.js',
    from: /this\.#waiting\.push\(\{ number, confirmed \}\);/,
    to: 'confirmed();',
    tests: 'build/test/publish/mqtt/hostile-broker.test.js',
    test: 'reads nothing more at QoS 0',
  },
  {
    guard: 'waiting when the broker refuses for a reason that may pass',
    file: 'dist/publish/mqtt/record-sender.js',
    from: /this\.#refused\.refused\(record\);/,
    to: "records.drop(record, 'refused');",
    tests: 'build/test/publish/mqtt/hostile-broker.test.js',
    test: 'refuses for a while at QoS 1 (quota exceeded)',
  },
  {
    guard: 'the end of a connection on which the broker sends what nobody asked for',
    file: 'dist/publish/mqtt/session.js',
    from: /unasked\(packet\.cmd\);/,
    to: '',
    tests: 'build/test/publish/mqtt/hostile-broker.test.js',
    test: 'sends a publish that nobody asked for (2)',
  },
  {
    guard: 'another try of MQTT 5 before a hang-up is taken for its refusal',
    file: 'dist/publish/mqtt/broker-link.js',
    from: /if \(!this\.#terms\.accepted\(\)\) \{/,
    to: 'if (false) {',
    tests: 'build/test/publish/mqtt/hostile-broker.test.js',
    test: 'hangs up at the first CONNECT only',
  },
];

const copy = mkdtempSync(join(tmpdir(), 'lstmd-guards-'));

/** 'ok', 'not ok', or what else became of the test of that name. */
function outcome({ tests, test, long }) {
  const { stdout } = spawnSync(
    process.execPath,
    [
      '--test',
      '--test-reporter=tap',
      '--test-timeout=60000',
      `--test-name-pattern=${test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`,
      tests,
    ],
    {
      cwd: copy,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      env: { ...process.env, ...(long ? { LSTMD_LONG: '1' } : {}) },
    },
  );
  const line = stdout
    .split('\n')
    .map((text) => /^\s*(ok|not ok) \d+ - (.*)$/.exec(text))
    .find((match) => match?.[2].startsWith(test));
  if (!line) {
    return 'not run';
  }
  return /# SKIP/.test(line[2]) ? 'skipped' : line[1];
}

function judge({ file, from, to, tests, test, long }) {
  const named = { tests, test, long };
  const path = join(copy, file);
  const source = readFileSync(path, 'utf8');
  const patched = source.replace(from, to);
  if (patched === source) {
    return `the guard is not where it was: ${file}`;
  }
  const whole = outcome(named);
  if (whole !== 'ok') {
    return `with the guard the test is ${whole}`;
  }
  writeFileSync(path, patched);
  try {
    const without = outcome(named);
    return without === 'not ok' ? 'the test fails' : `NOT NOTICED: the test is ${without}`;
  } finally {
    writeFileSync(path, source);
  }
}

await setUp();
/** Only the guards whose name holds one of these words; all where there is none. */
const words = process.argv.slice(2);
const unnoticed = [];
try {
  for (const name of ['dist', 'build/test']) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  for (const name of [
    'node_modules',
    'build/native',
    'package.json',
    'deploy',
    'examples',
    'test',
  ]) {
    symlinkSync(join(root, name), join(copy, name));
  }
  process.stdout.write('| Taken out | Test | Without it |\n|---|---|---|\n');
  for (const guard of guards) {
    if (words.length > 0 && !words.some((word) => guard.guard.includes(word))) {
      continue;
    }
    const verdict = judge(guard);
    process.stdout.write(`| ${guard.guard} | \`${guard.tests}\`: ${guard.test} | ${verdict} |\n`);
    if (verdict !== 'the test fails') {
      unnoticed.push(guard.guard);
    }
  }
} finally {
  rmSync(copy, { recursive: true });
}
if (unnoticed.length > 0) {
  process.stderr.write(`lstmd: no test notices: ${unnoticed.join(', ')}\n`);
  process.exit(1);
}
