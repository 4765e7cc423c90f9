import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { environment, testFolder } from '../../support/daemon.js';
import { cli, projectFile } from '../../support/project.js';
import { TestPty } from '../../support/pty.js';
import { simulate } from '../../support/simulated-sensor.js';

const model = projectFile('examples/running/running.keras');

const cursorMove = new RegExp(`${String.fromCodePoint(0x1b)}\\[[0-9;]*[A-Za-z]`, 'g');

/** `lstmd init` on a terminal, with a person who reads and answers. */
class Person {
  readonly folder: string;
  readonly #pty: TestPty;
  readonly #ended: Promise<number | null>;
  #received = '';
  #read = 0;

  /** @param there what the configuration already holds; undefined where there is none */
  constructor(t: TestContext, flags: readonly string[], there?: string) {
    this.folder = testFolder(t);
    if (there !== undefined) {
      writeFileSync(this.output, there);
    }
    this.#pty = new TestPty(t);
    this.#pty.port.plug();
    const terminal = openSync(this.#pty.path, constants.O_RDWR | constants.O_NOCTTY);
    const child = spawn(process.execPath, [cli, 'init', '--output', this.output, ...flags], {
      cwd: this.folder,
      stdio: [terminal, 'ignore', terminal],
      env: environment(),
    });
    closeSync(terminal);
    t.after(() => child.kill('SIGKILL'));
    this.#ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
    const reading = setInterval(() => {
      this.#received += Buffer.from(this.#pty.port.heard()).toString('latin1');
    }, 5);
    t.after(() => clearInterval(reading));
  }

  /** The text on the screen, without the movements of the cursor. */
  get #screen(): string {
    return this.#received.replaceAll(cursorMove, '');
  }

  get output(): string {
    return join(this.folder, 'lstmd.yaml');
  }

  get files(): string[] {
    return readdirSync(this.folder);
  }

  /** Waits until this is on the screen, behind what was seen before. */
  async sees(words: RegExp): Promise<void> {
    for (;;) {
      const found = words.exec(this.#screen.slice(this.#read));
      if (found !== null) {
        this.#read += found.index + found[0].length;
        return;
      }
      const isOver = await Promise.race([
        this.#ended.then(() => true),
        new Promise<boolean>((resolve) => {
          setTimeout(() => resolve(false), 20);
        }),
      ]);
      assert.ok(!isOver || words.test(this.#screen.slice(this.#read)), this.#screen);
    }
  }

  async answers(question: RegExp, answer: string): Promise<void> {
    await this.sees(question);
    this.#pty.port.write(Buffer.from(`${answer}\r`));
  }

  press(key: string): void {
    this.#pty.port.write(Buffer.from(key));
  }

  exit(): Promise<number | null> {
    return this.#ended;
  }
}

test('asks on a terminal what no flag says, and again where an answer is none', async (t) => {
  const port = simulate(t, { format: 'csv', baud: 115_200, rateHz: 26, activity: 'stationary' });
  const person = new Person(t, ['--baud', '115200']);
  await person.answers(/Model.*: $/, model);
  await person.answers(/Names of the 1 output.*: $/, 'a,b');
  await person.sees(/has 1 output\(s\), and 2 label/);
  await person.answers(/Names of the 1 output.*: $/, 'running');
  await person.answers(/Port of the sensor.*: $/, port);
  await person.answers(/Units that the model .*: $/, 'g');
  await person.answers(/Samples a second .*: $/, 'often');
  await person.answers(/is no rate[^]*Samples a second .*: $/, '26');
  await person.answers(/Broker .*: $/, 'mqtt://127.0.0.1:9');
  await person.answers(/Name of this box .*: $/, 'box');
  assert.equal(await person.exit(), 0);
  const text = readFileSync(person.output, 'utf8');
  assert.match(text, /device: box/);
  assert.match(text, /labels: \["running"\]/);
  assert.deepEqual(person.files, ['lstmd.yaml']);
});

test('Ctrl-C at a question leaves nothing behind', async (t) => {
  const person = new Person(t, []);
  await person.answers(/Model.*: $/, model);
  await person.sees(/Names of the 1 output.*: $/);
  person.press('\u0003');
  assert.equal(await person.exit(), 130);
  assert.deepEqual(person.files, []);
});

test('Ctrl-C while it listens, and Ctrl-D, leave nothing behind', async (t) => {
  const port = new TestPty(t);
  port.port.plug();
  const listening = new Person(t, ['--model', model, '--port', port.path, '--labels', 'running']);
  await listening.sees(/listening at/);
  listening.press('\u0003');
  assert.equal(await listening.exit(), 130);
  assert.deepEqual(listening.files, []);

  const ended = new Person(t, []);
  await ended.sees(/Model.*: $/);
  ended.press('\u0004');
  assert.equal(await ended.exit(), 130);
  assert.deepEqual(ended.files, []);
});

test('overwrites a file only with a yes', async (t) => {
  // With consent it would go on to a model that is not there, and end otherwise.
  const person = new Person(t, ['--model', 'missing.keras'], 'mine');
  await person.answers(/is there already\. Overwrite it\?.*: $/, 'y');
  assert.equal(await person.exit(), 64);
  assert.equal(readFileSync(person.output, 'utf8'), 'mine');
});
