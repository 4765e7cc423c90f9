import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { PtyPort } from '#src/platform/pty-port.js';

/** A serial port for a test, on a real pseudo-terminal; gone when the test is over. */
export class TestPty {
  /** The path under which a reader finds it; unplugged at first. */
  readonly path: string;
  readonly port: PtyPort;

  constructor(t: TestContext) {
    const directory = mkdtempSync(join(tmpdir(), 'lstmd-pty-'));
    this.path = join(directory, 'ttyTEST');
    this.port = new PtyPort(this.path);
    t.after(() => {
      this.port.stop();
      rmSync(directory, { recursive: true });
    });
  }

  /**
   * Sends a line that is no row, as a board does when it boots; a reader must have the port open.
   *
   * The first line after an opening is never a row, because it may lack its beginning. Where a test
   * counts rows, that must be this line.
   */
  sendBanner(): void {
    assert.ok(this.port.read, 'nobody has the port open');
    this.port.write(Buffer.from('boot\n'));
  }

  /**
   * Sends lines, each with a newline, as fast as the reader takes them.
   *
   * @returns when the kernel has them all; what nobody reads is dropped and counted by the port
   */
  async send(lines: Iterable<string>): Promise<void> {
    for (const line of lines) {
      if (!this.port.write(Buffer.from(`${line}\n`))) {
        await this.port.drained();
      }
    }
  }
}
