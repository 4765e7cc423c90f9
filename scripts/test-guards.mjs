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
    guard: 'the refusal of a row whose commas have two readings',
    file: 'dist/sensor/decoders/csv-decoder.js',
    from: /if \(this\.#isAmbiguous\(line\)\) \{\s+return false;/,
    to: 'if (false) { return false;',
    tests: 'build/test/sensor/decoders/csv-decoder.test.js',
    test: 'refuses a row that columns would read in two ways',
  },
  {
    guard: 'the priorities in the journal',
    file: 'dist/observe/process-log.js',
    from: /isStderrJournal\(\) \?/,
    to: 'false ?',
    tests: 'build/test/e2e/journal.test.js',
    test: 'lines for the journal begin with their priority',
  },
  {
    guard: 'the look at ports and state directory in --check',
    file: 'dist/commands/run/action.js',
    from: /if \(faults\.length > 0\)/,
    to: 'if (false)',
    tests: 'build/test/e2e/check.test.js',
    test: 'refuses a port that is a folder',
  },
  {
    guard: "the look at a stranger's message in the demo",
    file: 'dist/commands/demo/action.js',
    from: /return isObject\(value\) \? value : null;\s+\}\s+catch \{\s+return null;/,
    to: 'return value; } catch (error) { throw error;',
    tests: 'build/test/e2e/demo.test.js',
    test: 'goes on when somebody else publishes to its topics',
  },
  {
    guard: 'one exit code for a file that is not there',
    file: 'dist/base/errors.js',
    from: /contentFaults\.has\(own\) && /,
    to: 'false && ',
    tests: 'build/test/e2e/exit-codes.test.js',
    test: 'ends with 66, and is named: lstmd verify',
  },
  {
    guard: 'the catch around the resident memory',
    file: 'dist/agent/device-health.js',
    from: /try \{\s+return process\.memoryUsage\.rss\(\);\s+\}\s+catch \{\s+return null;\s+\}/,
    to: 'return process.memoryUsage.rss();',
    tests: 'build/test/faults/descriptor-limit.test.js',
    test: 'tells its health, and saves, while no descriptor is free',
  },
  {
    guard: 'the save after an error that nobody foresaw',
    file: 'dist/commands/terminal/uncaught-fault.js',
    from: /process\.on\('uncaughtException'/,
    to: "process.on('unusedEvent'",
    tests: 'build/test/faults/terminate.test.js',
    test: 'an error that nobody foresaw',
  },
  {
    guard: "the broker's secrets as they are at each connection",
    file: 'dist/publish/mqtt/mqtt.js',
    from: /await readSecrets\(files\);([^]*)secrets: \(signal\) => readSecrets\(files, signal\)/,
    to: 'const once = await readSecrets(files);$1secrets: () => Promise.resolve(once)',
    tests: 'build/test/e2e/secrets.test.js',
    test: 'a new password is used at the next connection',
  },
  {
    guard: 'the end of a second signal',
    file: 'dist/commands/terminal/stop-signal.js',
    from: /endAtOnce\(signal\);\s+\}\s+\}\);/,
    to: '} });',
    tests: 'build/test/faults/terminate.test.js',
    test: 'ends at once when it comes again',
  },
  {
    guard: 'SIGHUP among the signals that save',
    file: 'dist/commands/terminal/stop-signal.js',
    from: /, 'SIGHUP'\]/,
    to: ']',
    tests: 'build/test/faults/terminate.test.js',
    test: 'SIGHUP saves and ends in exit 0',
  },
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
    from: /this\.#options\.hungUp\(this\.#fd\)/,
    to: 'false',
    tests: 'build/test/sensor/links/serial/port-watch.test.js',
    test: 'asks whether a silent port has hung up',
  },
  {
    guard: 'time for the first row grows until one comes, whatever bytes come before',
    file: 'dist/sensor/links/serial/serial-link.js',
    from: /if \(hasRow\)/,
    to: '',
    tests: 'build/test/sensor/links/serial/serial-link.test.js',
    test: 'waits longer each time for a board',
  },
  {
    guard: 'word of bytes that never become samples',
    file: 'dist/sensor/sensor.js',
    from: /(leftMs > 0[^}]*\}\s+else \{\s+)this\.#tellUnread\(\);/,
    to: '$1',
    tests: 'build/test/sensor/sensor.test.js',
    test: 'says what comes in the place of samples',
  },
  {
    guard: 'bound of the log lines that a stream can cause',
    file: 'dist/base/repeated-line.js',
    from: /this\.#written >= this\.#burst/,
    to: 'false',
    tests: 'build/test/base/repeated-line.test.js',
    test: 'a line is written at once, then counted',
  },
  {
    guard: 'bound of the log where failures and successes take turns',
    file: 'dist/base/failure-count.js',
    from: /this\.#isReported = false;\s+this\.#sinceReportedSuccess = 0;/,
    to: '$&this.#reportedMs = -Infinity;',
    tests: 'build/test/base/failure-count.test.js',
    test: 'failures and successes that take turns are logged once a minute',
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
    from: /(if \(!this\.#watching\.alive\)\s+)await this\.#wait\(\);/,
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
    test: 'keeps its rate and its state when the wall clock jumps',
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
    guard: 'name of the stream in a slot',
    file: 'dist/state/state-store.js',
    from: /stream !== '' && stream !== options\.stream/,
    to: 'false',
    tests: 'build/test/state/state-store.test.js',
    test: 'never loads the state of another stream',
  },
  {
    guard: 'gap over a restart',
    file: 'dist/agent/live-stream.js',
    from: /this\.#endRestart\(block[^;]*;/,
    to: '',
    tests: 'build/test/e2e/state.test.js',
    test: 'has a gap behind it when it is resumed, with onGap reset',
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
    guard: 'first line after an opening is no row',
    file: 'dist/sensor/decoders/text/line-buffer.js',
    from: /this\.#isCut = true;/,
    to: '',
    tests: 'build/test/sensor/decoders/csv-decoder.test.js',
    test: 'takes no first line after an opening for a row',
  },
  {
    guard: 'header over a restart',
    file: 'dist/agent/live-stream.js',
    from: /await this\.#resumeLearnt\(\);/,
    to: '',
    tests: 'build/test/e2e/header-row.test.js',
    test: 'is read 0 ms after the opening, and known after a restart',
  },
  {
    guard: 'word of another rate than the configured one',
    file: 'dist/sensor/rate-meter.js',
    from: /isClose\(measuredHz, this\.#nominalHz\)/,
    to: 'true',
    tests: 'build/test/sensor/rate-meter.test.js',
    test: 'finds 104 rows a second where 26 are configured',
  },
  {
    guard: 'word of features in other units',
    file: 'dist/sensor/feature-check.js',
    from: /deviations > mostDeviations/,
    to: 'false',
    tests: 'build/test/sensor/feature-check.test.js',
    test: 'm/s2, mg and raw counts in place of g are strange',
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
    guard: 'the random part of a boot number',
    file: 'dist/state/boot-counter.js',
    from: /count \* randomEnd \+ random\(randomEnd\)/,
    to: 'count * randomEnd',
    tests: 'build/test/state/boot-counter.test.js',
    test: 'gives other numbers where the directory was removed',
  },
  {
    guard: 'a settled file that is gone already',
    file: 'dist/platform/file-system.js',
    from: /fs\.rm\(path, \{ force: true \}\)/,
    to: 'fs.rm(path)',
    tests: 'build/test/publish/outbox/outbox-disk.test.js',
    test: 'goes on removing settled files where one was removed by somebody else',
  },
  {
    guard: 'the lock on the state directory',
    file: 'dist/platform/directory-lock.js',
    from: /fd = addon\.lockFile\(path\);/,
    to: 'return;',
    tests: 'build/test/platform/directory-lock.test.js',
    test: 'lets one in, makes its directory, and refuses the other',
  },
  {
    guard: 'the exit before Node takes its listeners down',
    file: 'dist/cli.js',
    from: /else if \(process\.listenerCount\('SIGTERM'\) > 0\)/,
    to: 'else if (false)',
    tests: 'build/test/faults/terminate.test.js',
    test: 'ends in exit 0 though it comes until the very end',
  },
  {
    guard: 'no writing through a link',
    file: 'dist/platform/file-system.js',
    from: / \| O_NOFOLLOW/,
    to: '',
    tests: 'build/test/state/boot-counter.test.js',
    test: 'writes through no link that somebody put there',
  },
  {
    guard: 'the last accounts on a full disk',
    file: 'dist/publish/outbox/spool/spool.js',
    from: /await this\.#reserve\.use\([^;]*;/,
    to: '',
    tests: 'build/test/publish/outbox/outbox-disk.test.js',
    test: 'counts as lost what a full disk did not take at the end',
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
    guard: 'a thread that waits for a CPU is slow, not stalled',
    file: 'dist/model/files/hdf5/work-watch.js',
    from: / && !status\.isAnyBusy/,
    to: '',
    tests: 'build/test/model/files/hdf5/work-watch.test.js',
    test: 'never ends a thread that waits for a CPU or the disk',
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
    guard: 'every option that Keras writes is known',
    file: 'dist/model/compiler/keras/layer-builder/layer-options.js',
    from: /'unit_forget_bias',/,
    to: '',
    tests: 'build/test/model/compiler/keras/layers/full-configurations.test.js',
    test: 'Keras 2.2.4: CuDNNLSTM',
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
  {
    guard: 'the refusal of an index into the batch',
    file: 'dist/model/compiler/keras/layers/index-operations.js',
    from: /if \(whole !== 'all'\)/,
    to: 'if (false)',
    tests: 'build/test/model/compiler/keras/layers/graph.test.js',
    test: 'arithmetic on tensors, as Keras 3 saves it',
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
