import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadAddon } from '#src/platform/addon.js';
import { needsProgram } from '../support/requirement.js';

const addon = loadAddon();
const openTty = (path: string): number => openSync(path, constants.O_RDWR | constants.O_NOCTTY);

function read(fd: number, length: number): number[] {
  const bytes = Buffer.alloc(length);
  return [...bytes.subarray(0, readSync(fd, bytes))];
}

test('a pty passes every byte as it is, both ways, without an echo', () => {
  const { fd, path } = addon.openPty();
  const tty = openTty(path);
  try {
    // They include the bytes that a terminal in its usual mode acts on: ^C ^D ^H LF CR ^Q ^S ^Z and 0xff.
    const all = Array.from({ length: 256 }, (_, byte) => byte);
    writeSync(fd, Buffer.from(all));
    assert.deepEqual(read(tty, 512), all);
    writeSync(tty, Buffer.from(all));
    assert.deepEqual(read(fd, 512), all);
  } finally {
    closeSync(tty);
    closeSync(fd);
  }
});

test('writing to a pty that nobody reads does not stop the writer', () => {
  const { fd, path } = addon.openPty();
  const tty = openTty(path);
  try {
    const fill = () => {
      for (;;) {
        writeSync(fd, Buffer.alloc(4096));
      }
    };
    assert.throws(fill, { code: 'EAGAIN' });
  } finally {
    closeSync(tty);
    closeSync(fd);
  }
});

test('a tty hangs up when the far end closes', () => {
  const { fd, path } = addon.openPty();
  const tty = openTty(path);
  assert.equal(addon.hungUp(tty), false);
  closeSync(fd);
  assert.equal(addon.hungUp(tty), true);
  closeSync(tty);
  assert.equal(addon.hungUp(tty), true, 'a descriptor that is not open');
  assert.equal(addon.hungUp(-1), true);
  assert.throws(() => addon.hungUp('x' as unknown as number), TypeError);
});

test('a pty that cannot be opened is an error with its code', () => {
  const script = `
    const { loadAddon } = await import(${JSON.stringify(import.meta.resolve('#src/platform/addon.js'))});
    const addon = loadAddon();
    for (;;) addon.openPty();`;
  const command = 'ulimit -n 64; exec "$0" --input-type=module -e "$1"';
  const { stderr } = spawnSync('sh', ['-c', command, process.execPath, script], {
    encoding: 'utf8',
  });
  assert.match(stderr, /EMFILE: too many open files, posix_openpt/);
  assert.match(stderr, /code: 'EMFILE'/);
});

const python = '/usr/bin/python3';
test(
  'a notification reaches a socket by its path and by its abstract name',
  { skip: needsProgram(python, 'python3') },
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'lstmd-'));
    try {
      for (const name of [join(directory, 'notify'), `@lstmd-${process.pid}`]) {
        const addonPath = fileURLToPath(import.meta.resolve('#src/platform/addon.js'));
        const sender = `const { loadAddon } = await import(${JSON.stringify(addonPath)});
          process.exit(loadAddon().notify(${JSON.stringify(name)}, 'READY=1\\nSTATUS=ü') ? 0 : 1);`;
        const receiver = [
          'import socket, subprocess, sys',
          's = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)',
          's.bind(sys.argv[1].replace("@", "\\0", 1))',
          'subprocess.run([sys.argv[2], "--input-type=module", "-e", sys.argv[3]], check=True)',
          'sys.stdout.buffer.write(s.recv(100))',
        ].join('\n');
        const args = ['-c', receiver, name, process.execPath, sender];
        const { stdout, stderr } = spawnSync(python, args, { encoding: 'utf8', timeout: 30_000 });
        assert.equal(stdout, 'READY=1\nSTATUS=ü', stderr);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
);

test('a notification to nobody says so', () => {
  for (const name of [
    '',
    '@',
    'relative',
    '/nonexistent/socket',
    '@nobody',
    `/${'x'.repeat(200)}`,
  ]) {
    assert.equal(addon.notify(name, 'READY=1'), false, name);
  }
  assert.throws(() => addon.notify(1 as unknown as string, 'x'), TypeError);
});
