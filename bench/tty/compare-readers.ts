import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { table } from '#src/commands/terminal/table.js';
import type { ReaderName, ReaderResult } from './reader-process.js';

const readers: readonly ReaderName[] = ['serialport', 'tty'];
const readerFile = fileURLToPath(new URL('reader-process.js', import.meta.url));
const writerFile = fileURLToPath(new URL('writer-process.js', import.meta.url));

/**
 * Prints what it costs to read a line a millisecond from a tty through serialport's stream and through
 * lstmd's TtyReader, in turn, each in a process of its own with the writer in another.
 */
export async function compareReaders(rounds: number): Promise<void> {
  const rows: string[][] = [['reader', 'CPU ms', 'p50 us', 'p99 us', 'switches a line']];
  for (let round = 0; round < rounds; round += 1) {
    for (const name of readers) {
      const { cpuMs, p50Us, p99Us, switchesPerLine } = await measure(name);
      rows.push([
        name,
        cpuMs.toFixed(0),
        p50Us.toFixed(0),
        p99Us.toFixed(0),
        switchesPerLine.toFixed(2),
      ]);
    }
  }
  process.stdout.write(
    `${table(rows, { rightFrom: 1 }).join('\n')}\n\n10,000 lines at 1 kHz, after a warm-up.\n`,
  );
}

async function measure(name: ReaderName): Promise<ReaderResult> {
  const writer = fork(writerFile);
  try {
    const [path] = (await once(writer, 'message')) as [string];
    const reader = fork(readerFile, [name, path]);
    try {
      await once(reader, 'message');
      writer.send('go');
      const [result] = (await once(reader, 'message')) as [ReaderResult];
      return result;
    } finally {
      reader.kill();
    }
  } finally {
    writer.kill();
  }
}
