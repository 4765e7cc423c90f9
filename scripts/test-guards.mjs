/**
 * `npm run test:guards`: takes out one guard at a time and shows that a named test fails for it.
 *
 * Works on a copy of what was compiled, so that neither the checkout nor a run beside this one notices.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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
    guard: 'the folder of a relative recording',
    file: 'dist/config/paths.js',
    from: /if \(recording !== undefined\)/,
    to: 'if (false)',
    tests: 'build/test/e2e/record.test.js',
    test: 'is a link, whose file is taken from the folder',
  },
  {
    guard: 'that a sensor is not asked where nothing can be sent',
    file: 'dist/agent/prepared-stream.js',
    from: /isReadOnly\(sensor\)/,
    to: 'false',
    tests: 'build/test/agent/prepared-stream.test.js',
    test: 'refuses a sensor that must be asked',
  },
  {
    guard: 'the clocks that a replay reads',
    file: 'dist/sensor/links/recording/fed-link.js',
    from: /this\.#time\.hold\(atMs, epochMs\);/,
    to: '',
    tests: 'build/test/e2e/record.test.js',
    test: 'gives in a replay what was printed while it was made',
  },
  {
    guard: 'the state that a trial does not save',
    file: 'dist/commands/run/action.js',
    from: /if \(options\.once\)/,
    to: 'if (false)',
    tests: 'build/test/e2e/run-once.test.js',
    test: 'prints what it would publish',
  },
  {
    guard: 'the doubt in numbers without names that show no gravity',
    file: 'dist/detection/confidence.js',
    from: /candidate\.isUnnamed && !hasGravity/,
    to: 'false',
    tests: 'build/test/detection/find-formats.test.js',
    test: 'is only likely of numbers without names or gravity',
  },
  {
    guard: 'the doubt in one number a line and in numbers that never change',
    file: 'dist/detection/csv-candidates.js',
    from: /return 0\.4;/,
    to: 'return 0.97;',
    tests: 'build/test/detection/find-formats.test.js',
    test: 'is never sure of what only looks like rows',
  },
  {
    guard: 'the look at who holds a port before it is opened',
    file: 'dist/commands/detect/detected-port.js',
    from: /if \(holders\.length > 0\)/,
    to: 'if (false)',
    tests: 'build/test/commands/detect/detect.test.js',
    test: 'names who holds the port',
  },
  {
    guard: 'the rules for the name of a device',
    file: 'dist/agent/device-name.js',
    from: /allowed\.test\(device\)/,
    to: 'true',
    tests: 'build/test/agent/device-name.test.js',
    test: 'takes the names that devices have',
  },
  {
    guard: 'the bound of the streams of a template',
    file: 'dist/agent/stream-template.js',
    from: /this\.#counters\.streams >= maxStreams/,
    to: 'false',
    tests: 'build/test/e2e/thin-devices.test.js',
    test: 'makes a stream for each device',
  },
  {
    guard: 'that a retained message is no sample',
    file: 'dist/sensor/links/mqtt/topic-feed.js',
    from: /if \(isRetained\) \{/,
    to: 'if (false) {',
    tests: 'build/test/e2e/thin-devices.test.js',
    test: 'reads what a thin device publishes',
  },
  {
    guard: 'the end of a line at the end of its message',
    file: 'dist/sensor/decoders/text/line-buffer.js',
    from: /if \(this\.#length > 0 \|\| this\.#isTooLong\) \{/,
    to: 'if (false) {',
    tests: 'build/test/sensor/decoders/boundary.test.js',
    test: 'is read to its end',
  },
  {
    guard: 'that a frame never goes on in the next message',
    file: 'dist/sensor/decoders/frames/frame-decoder.js',
    from: /const unread = this\.#frames\.reset\(\);/,
    to: 'const unread = 0;',
    tests: 'build/test/sensor/decoders/boundary.test.js',
    test: 'ends every frame',
  },
  {
    guard: 'the refusal of an option that a link does not have',
    file: 'dist/config/link-faults.js',
    from: /owners\.length === 0 \|\| owners\.includes\(own\)/,
    to: 'true',
    tests: 'build/test/config/decoder-options.test.js',
    test: 'refuses an option that its link does not have',
  },
  {
    guard: 'the word of samples that were made up',
    file: 'dist/publish/prediction/policy.js',
    from: /this\.#filled \+= filled;/,
    to: '',
    tests: 'build/test/publish/prediction/policy.test.js',
    test: 'tells of a gap with the next prediction',
  },
  {
    guard: 'the answer of a server to the speed that it was told',
    file: 'dist/sensor/links/tcp/rfc2217.js',
    from: /Buffer\.compare\(value, Uint8Array\.from\(asked\.value\)\) !== 0/,
    to: 'false',
    tests: 'build/test/sensor/links/tcp/tcp.test.js',
    test: 'refuses a server that sets another speed',
  },
  {
    guard: 'the bound of a time by its arrival',
    file: 'dist/sensor/time/sample-clock.js',
    from: /if \(lagMs <= 0\) \{\s+return arrivalMs;/,
    to: 'if (lagMs <= 0) { return foretoldMs;',
    tests: 'build/test/sensor/time/acquisition.test.js',
    test: 'of 100 Hz that is off by 400 ppm',
  },
  {
    guard: 'the new beginning of a resampler after a gap',
    file: 'dist/sensor/row-passage.js',
    from: /this\.#resampler\?\.reset\(\);/,
    to: '',
    tests: 'build/test/sensor/sensor.test.js',
    test: 'takes samples at another rate, and begins anew',
  },
  {
    guard: 'the anti-alias filter',
    file: 'dist/sensor/resampler.js',
    from: /toHz < fromHz \?/,
    to: 'false ?',
    tests: 'build/test/sensor/resampler.test.js',
    test: 'from 100 to 50 Hz',
  },
  {
    guard: 'a counter that began anew',
    file: 'dist/sensor/time/timeline.js',
    from: /rows > 0 && stepMs <= mostMs/,
    to: 'rows > 0',
    tests: 'build/test/sensor/time/acquisition.test.js',
    test: 'of a sensor that began anew while its link stayed open',
  },
  {
    guard: 'the new beginning of filters after a long gap',
    file: 'dist/sensor/row-passage.js',
    from: /this\.#chain\?\.reset\(\);/,
    to: '',
    tests: 'build/test/sensor/sensor.test.js',
    test: 'makes features by steps, which begin anew',
  },
  {
    guard: 'the refusal of a scale that converts once more',
    file: 'dist/config/unit-faults.js',
    from: /if \(Math\.abs\(scale \/ factor - 1\) < sameFactor\)/,
    to: 'if (false)',
    tests: 'build/test/config/units.test.js',
    test: 'make a scale that does the same the line to delete',
  },
  {
    guard: 'the refusal of a row whose commas have two readings',
    file: 'dist/sensor/decoders/csv-decoder.js',
    from: /&& !isAmbiguous &&/,
    to: '&&',
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
    from: /(#succeed\(bytes\) \{\s+)this\.#target = [^;]*;/,
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
    file: 'dist/sensor/links/reconnecting/far-end-watch.js',
    from: /this\.#farEnd\.hungUp\(\)/,
    to: 'false',
    tests: 'build/test/sensor/links/reconnecting/far-end-watch.test.js',
    test: 'asks whether a silent port has hung up',
  },
  {
    guard: 'time for the first row grows until one comes, whatever bytes come before',
    file: 'dist/sensor/links/reconnecting/reconnecting-link.js',
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
    file: 'dist/sensor/links/reconnecting/reconnecting-link.js',
    from: /(unavailable = message;\s+)await this\.#wait\(\);/,
    to: '$1',
    tests: 'build/test/faults/unplug.test.js',
    test: 'idle: is missed and read again',
  },
  {
    guard: 'pause after a port that hung up at once',
    file: 'dist/sensor/links/reconnecting/reconnecting-link.js',
    from: /(if \(!this\.#watching\.alive\) \{\s+)await this\.#wait\(\);/,
    to: '$1await new Promise(setImmediate);',
    tests: 'build/test/sensor/links/serial/serial-link.test.js',
    test: 'does not spin on a port that opens and hangs up at once',
  },
  {
    guard: 'wait for a port that is being opened when it is stopped',
    file: 'dist/sensor/links/reconnecting/reconnecting-link.js',
    from: /(if \(signal\.aborted\) \{\s+)await farEnd\.close\(\);/,
    to: '$1',
    tests: 'build/test/faults/open-races.test.js',
    test: 'leaves no descriptor and no lock behind',
  },
  {
    guard: 'monotonic time between samples',
    file: 'dist/sensor/row-passage.js',
    from: /timeRead\(batch, arrivalMs\)/,
    to: 'timeRead(batch, Date.now())',
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
    from: /this\.#steps\.restore\(state, sampleCount\);/,
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
    file: 'dist/state/slot-survey.js',
    from: /stream !== '' && stream !== owner\.stream/,
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
    from: /if \(!\[lastSampleMs, epochMs, bootMs\]/,
    to: 'if (false && [lastSampleMs, epochMs, bootMs]',
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
    from: /this\.#resumeLearnt\(learnt\);/,
    to: '',
    tests: 'build/test/e2e/header-row.test.js',
    test: 'is read 0 ms after the opening, and known after a restart',
  },
  {
    guard: 'word of another rate than the configured one',
    file: 'dist/sensor/time/rate-meter.js',
    from: /isClose\(measuredHz, this\.#nominalHz\)/,
    to: 'true',
    tests: 'build/test/sensor/time/rate-meter.test.js',
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
    guard: 'the age of a state by the time since the boot',
    file: 'dist/state/saved-state.js',
    from: /if \(isSameBoot\(before, now\)\)/,
    to: 'if (false)',
    tests: 'build/test/state/state-store.test.js',
    test: 'knows the age by the time since the boot',
  },
  {
    guard: 'no trust in an age that nobody knows',
    file: 'dist/agent/state-resumption.js',
    from: /loaded\.ageMs !== null \|\| isTrusted/,
    to: 'true',
    tests: 'build/test/e2e/clock.test.js',
    test: 'that shows the time of the shutdown',
  },
  {
    guard: 'another look at the age when the clock is set',
    file: 'dist/agent/state-resumption.js',
    from: /\|\| !resumed\.lookAgain\(\)/,
    to: '|| true',
    tests: 'build/test/e2e/clock.test.js',
    test: 'that is set three days on',
  },
  {
    guard: 'the corrected time of a record in memory',
    file: 'dist/publish/outbox/memory/memory-queue.js',
    from: /this\.#dated\(waited\)/,
    to: 'waited',
    tests: 'build/test/publish/outbox/outbox-clock.test.js',
    test: 'have the right time: in memory',
  },
  {
    guard: 'the corrected time of a record that is sent again',
    file: 'dist/publish/outbox/spool/taken-records.js',
    from: /taken\.record = redated\(taken\.record\);/,
    to: '',
    tests: 'build/test/publish/outbox/outbox-clock.test.js',
    test: 'have the right time: on disk',
  },
  {
    guard: 'the corrected time of a record on disk',
    file: 'dist/publish/outbox/spool/logged-history.js',
    from: /clock\.stepSince\(time\)/,
    to: '0',
    tests: 'build/test/publish/outbox/outbox-clock.test.js',
    test: 'keep their age over a start in the same boot',
  },
  {
    guard: 'the corrected time of a record as it is put on disk',
    file: 'dist/publish/outbox/spool/spool.js',
    from: /clockStep\([^;]*;/,
    to: '0;',
    tests: 'build/test/publish/outbox/outbox-clock.test.js',
    test: 'have the right time and age',
  },
  {
    guard: 'what was learnt, from one start to the next',
    file: 'dist/state/state-store.js',
    from: /this\.#learnt \?\?= survey\.learnt;/,
    to: '',
    tests: 'build/test/state/state-store.test.js',
    test: 'keeps what was learnt with the state',
  },
  {
    guard: "the look at a bit of the form of HDF5's floats",
    file: 'dist/model/files/hdf5/format/datatype.js',
    from: /bias === 2 \*\* \(form\.exponent - 1\) - 1/,
    to: 'true',
    tests: 'build/test/model/files/hdf5/own-reader.test.js',
    test: 'leaves to the library: floats of another form',
  },
  {
    guard: 'the checksums of HDF5 of the newer form',
    file: 'dist/model/files/hdf5/format/object-header.js',
    from: /if \(new Cursor\(bytes\.subarray\(-checksumBytes\)\)\.number\(4\) !== /,
    to: 'if (0 > ',
    tests: 'build/test/model/files/hdf5/own-reader.test.js',
    test: 'leaves to the library: an object whose checksum does not match',
  },
  {
    guard: 'the bound on all metadata of an HDF5 file',
    file: 'dist/model/files/hdf5/format/metadata.js',
    from: /if \(this\.#bytesLeft < 0\)/,
    to: 'if (false)',
    tests: 'build/test/model/files/hdf5/own-reader.test.js',
    test: 'the metadata of a file is bounded altogether',
  },
  {
    guard: 'the order of the names in a group of HDF5',
    file: 'dist/model/files/hdf5/format/symbol-table.js',
    from: /\|\| Buffer\.compare\(this\.#last, name\) >= 0/,
    to: '',
    tests: 'build/test/model/files/hdf5/own-reader.test.js',
    test: 'leaves to the library: names that are not in order',
  },
  {
    guard: 'a second look at a model file after it was read',
    file: 'dist/model/model-file.js',
    from: /return after\.size === before\.size && after\.mtimeNs === before\.mtimeNs;/,
    to: 'return true;',
    tests: 'build/test/model/model-file.test.js',
    test: 'a file that changes while it is read is not a damaged one',
  },
  {
    guard: 'weights that share memory are not taken',
    file: 'dist/engine/native/native-engine.js',
    from: /&& areApart\(weights\)/,
    to: '',
    tests: 'build/test/engine/native/taken-weights.test.js',
    test: 'weights that share memory are not taken',
  },
  {
    guard: 'the look at weights that were taken',
    file: 'dist/engine/create-engine.js',
    from: /checkWeights\(program\);/,
    to: '',
    tests: 'build/test/engine/native/taken-weights.test.js',
    test: 'a plan whose weights were taken makes no other engine',
  },
  {
    guard: 'the taking of the weights of a large model',
    file: 'dist/commands/predict/action.js',
    from: /takesWeights: true/,
    to: 'takesWeights: false',
    tests: 'build/test/e2e/load-memory.test.js',
    test: 'loading a model takes little more memory than its weights have',
  },
  {
    guard: 'the words for what a broker says by an alert of TLS',
    file: 'dist/mqtt-client/broker-socket.js',
    from: /: alerts\[alert\]/,
    to: ': undefined',
    tests: 'build/test/publish/mqtt/tls.test.js',
    test: 'says so where the broker refuses its certificate and does not tell why',
  },
  {
    guard: 'the bound of the lines on connections that break',
    file: 'dist/publish/mqtt/broker-link.js',
    from: /const linesAMinute = 6;/,
    to: 'const linesAMinute = Infinity;',
    tests: 'build/test/publish/mqtt/mqtt-publisher.test.js',
    test: 'says of connections that break again and again',
  },
  {
    guard: 'the stop that is heard while a case is stepped',
    file: 'dist/stream/verification.js',
    from: /signal\?\.throwIfAborted\(\);/,
    to: '',
    tests: 'build/test/agent/prepared-stream.test.js',
    test: 'hears while it steps a case that it is to stop',
  },
  {
    guard: 'the samples of a resumed state in the window of a score',
    file: 'dist/agent/stream-steps.js',
    from: /if \(stepper\.program\.wholeWindow\)/,
    to: 'if (false)',
    tests: 'build/test/agent/tasks.test.js',
    test: 'goes on after a save and a restart with the same scores',
  },
  {
    guard: 'the end of what forecasts wait for at a gap',
    file: 'dist/publish/prediction/policy.js',
    from: /(gap\(lengthMs[^]*?\+ lengthMs;)\s+this\.interrupt\(\);/,
    to: '$1',
    tests: 'build/test/agent/tasks.test.js',
    test: 'drops what waits at a gap',
  },
  {
    guard: 'the time that an event has to hold',
    file: 'dist/publish/prediction/event-state.js',
    from: /timeMs - this\.#sinceMs < minMs/,
    to: 'false',
    tests: 'build/test/publish/prediction/event-state.test.js',
    test: 'counts a change once it has held for its least duration',
  },
  {
    guard: 'the gap in the time that an event has to hold',
    file: 'dist/publish/prediction/event-state.js',
    from: /interrupt\(\) \{\s+this\.#sinceMs = undefined;/,
    to: 'interrupt() {',
    tests: 'build/test/publish/prediction/event-state.test.js',
    test: 'begins its duration anew after a gap',
  },
  {
    guard: 'the refusal of a score over a window that no step has',
    file: 'dist/agent/head-settings.js',
    from: /if \(needsWhole && /,
    to: 'if (false && ',
    tests: 'build/test/agent/tasks.test.js',
    test: 'is refused with the way out',
  },
  {
    guard: 'the check that an inverse covariance is positive definite',
    file: 'dist/publish/prediction/heads/error-distribution.js',
    from: /if \(!isPositiveDefinite\(/,
    to: 'if (false && !isPositiveDefinite(',
    tests: 'build/test/publish/prediction/heads/error-distribution.test.js',
    test: 'refuses what is no distribution',
  },
  {
    guard: 'a field that is not read and is not there',
    file: 'dist/sensor/decoders/text/plain-row.js',
    from: /if \(at === from \|\|/,
    to: 'if (false &&',
    tests: 'build/test/sensor/decoders/text/plain-row.test.js',
    test: 'rows are read in one pass',
  },
  {
    guard: 'samples that came damaged and are missing from the count',
    file: 'dist/sensor/time/timeline.js',
    from: /missing - this\.#toldLost/,
    to: 'missing',
    tests: 'build/test/sensor/time/acquisition.test.js',
    test: 'by counter or clock, with no sample counted twice',
  },
  {
    guard: 'the silence on the line before a request',
    file: 'dist/sensor/poller.js',
    from: /, this\.#heardMs \+ this\.#polling\.turnaroundMs\)/,
    to: ')',
    tests: 'build/test/sensor/poller.test.js',
    test: 'leaves the line silent for the turnaround time',
  },
  {
    guard: 'the wait for a late answer',
    file: 'dist/sensor/poller.js',
    from: /if \(this\.#heardMs < this\.#askedMs\)/,
    to: 'if (false)',
    tests: 'build/test/sensor/poller.test.js',
    test: 'waits for a late answer where nothing came',
  },
  {
    guard: 'the CRC of an answer of Modbus',
    file: 'dist/sensor/decoders/modbus/modbus-decoder.js',
    from: /crc16Modbus\(bytes, at, crcAt\) !== crc/,
    to: 'false',
    tests: 'build/test/sensor/decoders/modbus/modbus.test.js',
    test: 'loses one row with any flipped bit',
  },
  {
    guard: 'the slave that an answer of Modbus is of',
    file: 'dist/sensor/decoders/modbus/modbus-decoder.js',
    from: /if \(bytes\[at\] !== this\.#slave\)/,
    to: 'if (false)',
    tests: 'build/test/sensor/decoders/modbus/modbus.test.js',
    test: 'passes over noise, an echo of the request and other slaves',
  },
  {
    guard: 'an answer of Modbus that nobody waits for',
    file: 'dist/sensor/decoders/modbus/modbus-decoder.js',
    from: /else if \(!this\.#isWaiting\)/,
    to: 'else if (false)',
    tests: 'build/test/sensor/decoders/modbus/modbus.test.js',
    test: 'takes no late answer',
  },
  {
    guard: 'checksum of a WitMotion frame',
    file: 'dist/sensor/decoders/witmotion.js',
    from: /sum8\(bytes, at, at \+ frameBytes - 1\) !== bytes\[at \+ frameBytes - 1\]/,
    to: 'false',
    tests: 'build/test/sensor/decoders/witmotion.test.js',
    test: 'finds its way',
  },
  {
    guard: 'checksum of an Xsens message',
    file: 'dist/sensor/decoders/xsens.js',
    from: /sum8\(bytes, at \+ 1, at \+ length\) !== 0/,
    to: 'false',
    tests: 'build/test/sensor/decoders/xsens.test.js',
    test: 'finds its way',
  },
  {
    guard: 'CRC of a COBS frame',
    file: 'dist/sensor/decoders/cobs.js',
    from: /crc16Ccitt\(decoded, decodedAt, crcAt, 0xffff\) === crc/,
    to: 'true',
    tests: 'build/test/sensor/decoders/cobs.test.js',
    test: 'finds its way',
  },
  {
    guard: 'CRC of a binary VectorNav message',
    file: 'dist/sensor/decoders/vectornav/binary-messages.js',
    from: /crc16Ccitt\(bytes, at \+ 1, at \+ length, 0\) !== 0/,
    to: 'false',
    tests: 'build/test/sensor/decoders/vectornav/vectornav.test.js',
    test: 'finds its way',
  },
  {
    guard: 'bound of a length from the wire',
    file: 'dist/sensor/decoders/xsens.js',
    from: /dataBytes > mostDataBytes/,
    to: 'false',
    tests: 'build/test/sensor/decoders/xsens.test.js',
    test: 'reads a length of two bytes',
  },
  {
    guard: 'checksum of a line',
    file: 'dist/sensor/decoders/text/checked-line.js',
    from: /=== sum \? at : -1/,
    to: '=== sum ? at : at',
    tests: 'build/test/sensor/decoders/csv-decoder.test.js',
    test: 'loses a row with another checksum',
  },
  {
    guard: 'lock on frames without a checksum',
    file: 'dist/sensor/decoders/witmotion.js',
    from: /this\.#isLocked \? 2 : headersToLock/,
    to: '1',
    tests: 'build/test/sensor/decoders/witmotion.test.js',
    test: 'locks on long frames',
  },
  {
    guard: 'one loss for a damaged frame',
    file: 'dist/sensor/decoders/frames/frame-decoder.js',
    from: /this\.#blamedBytes <= 0/,
    to: 'true',
    tests: 'build/test/sensor/decoders/cobs.test.js',
    test: 'finds its way',
  },
  {
    guard: 'garbage at another baud',
    file: 'dist/simulator/faults/wire.js',
    from: /this\.#sentBaud === undefined \|\| this\.#sentBaud === readBaud/,
    to: 'true',
    tests: 'build/test/simulator/faults/faults.test.js',
    test: 'garble what is read at another rate',
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
/** A test that waits for ever without its guard ends with its run. */
const longestRunMs = 120_000;
const longestTestMs = 2 * longestRunMs;

/** How a test ends. What a program without its guard leaves running is ended with the test. */
function outcome({ tests, test, long }) {
  const report = join(copy, 'report.tap');
  // A file, and no pipe: a process that is left behind would hold a pipe open for ever.
  const out = openSync(report, 'w');
  const { pid, error } = spawnSync(
    process.execPath,
    [
      '--test',
      '--test-reporter=tap',
      `--test-timeout=${longestTestMs}`,
      `--test-name-pattern=${test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`,
      tests,
    ],
    {
      cwd: copy,
      detached: true,
      stdio: ['ignore', out, 'ignore'],
      timeout: longestRunMs,
      killSignal: 'SIGKILL',
      env: { ...process.env, ...(long ? { LSTMD_LONG: '1' } : {}) },
    },
  );
  closeSync(out);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left behind.
  }
  if (error?.code === 'ETIMEDOUT') {
    return 'not ended';
  }
  const line = readFileSync(report, 'utf8')
    .split('\n')
    .map((row) => /^\s*(ok|not ok) \d+ - (.*)$/.exec(row))
    .find((match) => match?.[2].startsWith(test));
  if (!line) {
    return 'not run';
  }
  return /# SKIP/.test(line[2]) ? 'skipped' : line[1];
}

const verdicts = { 'not ok': 'the test fails', 'not ended': 'the test does not end' };

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
    return verdicts[without] ?? `NOT NOTICED: the test is ${without}`;
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
    if (!Object.values(verdicts).includes(verdict)) {
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
