import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createLink } from '#src/sensor/links/registry.js';
import { projectFile } from '../../../support/project.js';
import { RecordedLinkSink } from '../../../support/recorded-link-sink.js';

describe('a link', { timeout: 300_000 }, () => {
  test('reads a named pipe from one writer after the other', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'lstmd-fifo-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'sensor');
    execFileSync('mkfifo', [path]);
    const link = createLink({ link: path, rateHz: 100 });
    const sink = new RecordedLinkSink();
    t.after(() => link.stop());
    link.start(sink);
    await sink.until(() => sink.count('opened') === 1);
    for (const text of ['1,2', '3\n']) {
      const writer = createWriteStream(path);
      await once(writer, 'open');
      writer.write(text);
      const { length } = sink.text;
      await sink.until(() => sink.text.length === length + text.length);
      const closed = sink.count('closed hungUp');
      writer.end();
      await sink.until(() => sink.count('closed hungUp') === closed + 1);
      await sink.until(() => sink.count('opened') === closed + 2);
    }
    assert.equal(sink.text, '1,23\n');
    // Between the two the link was opened anew, so that a decoder does not join them.
    assert.deepEqual(sink.events.slice(0, 5), ['opened', 'bytes', 'closed hungUp', 'opened', 'bytes']); // oxfmt-ignore
  });

  test('reads stdin to its end, and says that there is no more', async () => {
    const program = `
      const { createLink } = await import(${JSON.stringify(projectFile('dist/sensor/links/registry.js'))});
      const link = createLink({ link: 'stdin://', rateHz: 100 });
      const say = (text) => process.stdout.write(text + ' ');
      link.start({
        opened: () => say('opened'),
        bytes: (chunk) => { say(Buffer.from(chunk).toString('hex')); return true; },
        closed: (reason) => say(reason),
        unavailable: (message) => { say(message); void link.stop(); },
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.stdin.end(Buffer.of(0, 255, 10));
    await once(child, 'close');
    assert.match(text, /^opened 00ff0a hungUp stdin has come to its end/);
  });
});
