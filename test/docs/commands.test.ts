import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Broker, needsBroker, type Subscriber } from '../support/broker.js';
import { runCommand } from '../support/command.js';
import { Daemon, environment, testFolder } from '../support/daemon.js';
import { denseLayer, inputLayer, kerasArchive, lstmLayer } from '../support/model-writer.js';
import { cli, projectFile } from '../support/project.js';
import { simulate } from '../support/simulated-sensor.js';
import { isLong } from '../faults/long-run.js';

// Every command that a page shows is run here, or by what is named here for its kind. Each runs in a folder with the files, the
// broker and the sensor that the pages speak of; what goes on for ever is ended by a signal, or told how much is enough.

/** Names what runs the commands that need a machine of their own, or the network; each kind is shown somewhere. */
const elsewhere: readonly (readonly [RegExp, string])[] = [
  [/^(sudo )?(apt|apt-get) /, 'npm run test:device'],
  [/^(sudo )?(systemctl|systemd-analyze|journalctl) /, 'npm run test:device'],
  [/^mosquitto_sub /, 'npm run test:device'],
  [/^sudo (cp|tar|install|docker|podman) /, 'npm run test:device'],
  [/^(docker|podman|buildah|kubectl|balena|rsync) /, 'no test: the tools of others'],
  [/^(sudo )?npm (start|test|pack|run|install)\b/, 'whoever develops'],
  [
    /^node (node_modules[/]lstmd[/])?examples[/]/,
    'test/e2e/client.test.ts and test/deploy/bundle.test.ts',
  ],
];

/** Commands that take seconds of work, or listen for as long: with LSTMD_LONG=1. */
const slow = /^lstmd (bench (kernel$|decoders|agent)|detect|init|doctor|state export .*[/]etc[/])/;

interface Shown {
  readonly page: string;
  readonly command: string;
}

function shownCommands(): Shown[] {
  const pages = ['README.md', ...readdirSync(projectFile('docs')).map((name) => `docs/${name}`)];
  return pages
    .filter((page) => page.endsWith('.md'))
    .flatMap((page) => {
      const text = readFileSync(projectFile(page), 'utf8');
      const blocks = [...text.matchAll(/^ *```(?:sh|console|bash)\n([^]*?)^ *```/gm)];
      return blocks.flatMap(([, block = '']) =>
        block
          .replaceAll('\\\n', ' ')
          .split('\n')
          .map((line) => line.replace(/(^|\s+)#.*$/, '').trim())
          .filter((command) => command !== '')
          .map((command) => ({ page, command })),
      );
    });
}

/** The flags that end a command which goes on for ever. */
function enoughOf(words: readonly string[]): readonly string[] {
  const [name = '', second = ''] = words;
  if (name === 'simulate') {
    return words.includes('--fleet') ? ['--seconds', '1'] : ['--rows', '5'];
  }
  if (name === 'monitor') {
    return words.includes('--once') ? [] : ['--seconds', '1'];
  }
  const isTrial = name === 'record' ? second !== 'export' : words.includes('--once');
  return isTrial ? ['--samples', '20'] : [];
}

/** The folder that the pages speak of: models of three classes on three axes, recordings, configurations, a broker and a sensor. */
class World {
  readonly #t: TestContext;
  readonly #folder: string;
  readonly #broker: Broker;
  readonly #subscriber: Subscriber;
  readonly #port: string;

  private constructor(
    t: TestContext,
    folder: string,
    { broker, subscriber }: { readonly broker: Broker; readonly subscriber: Subscriber },
    port: string,
  ) {
    this.#t = t;
    this.#folder = folder;
    this.#broker = broker;
    this.#subscriber = subscriber;
    this.#port = port;
  }

  static async create(t: TestContext): Promise<World> {
    const folder = testFolder(t);
    const listened = await Broker.withSubscriber(t);
    const port = simulate(t, { format: 'csv', baud: 115_200, rateHz: 200 });
    const world = new World(t, folder, listened, port);
    await world.#write();
    return world;
  }

  #file(name: string): string {
    const file = join(this.#folder, name);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  }

  async #write(): Promise<void> {
    const lstm = lstmLayer('lstm', 3, 4, { return_sequences: false });
    const layers = [inputLayer(4), lstm, denseLayer('dense', 4, 3, { activation: 'softmax' })];
    const model = await kerasArchive({ kerasVersion: '3.15.1', layers });
    for (const name of ['model.keras', 'har.keras', 'etc/lstmd/model.keras']) {
      writeFileSync(this.#file(name), model);
    }
    const rows = Array.from({ length: 40 }, (_, n) => [n % 7, (n % 3) - 1, n % 2]);
    const recordings = ['walk', 'run', 'sit'].map((label) => `recordings/${label}/1.csv`);
    for (const name of ['samples.csv', 'day.csv', 'walking.csv', ...recordings]) {
      writeFileSync(this.#file(name), rows.map((row) => `${row.join(',')}\n`).join(''));
    }
    const predict = 'lstmd predict model.keras --mode sliding --input samples.csv';
    const outputs = (await this.run(predict)).trimEnd().replaceAll('\n', ',');
    const input = JSON.stringify(rows);
    const kept = `{"input":${input},"window":4,"tolerance":1e-5,"sliding":{"outputs":[${outputs}]}}`;
    writeFileSync(this.#file('case.json'), kept);
    for (const [name, stream] of [
      ['lstmd.yaml', 'spindle'],
      ['etc/lstmd/lstmd.yaml', 'sensor'],
    ] as const) {
      writeFileSync(
        this.#file(name),
        `
device: ${stream}
mqtt: { url: "${this.#broker.url}" }
streams:
  ${stream}:
    sensor: { link: ${this.#port}, rateHz: 200 }
    model: { file: model.keras, mode: continuous, labels: [stand, walk, run] }
`,
      );
    }
  }

  /** The words of a command as it is shown, with what is here in the place of what it names. */
  #wordsOf(command: string): string[] {
    return command
      .replace(/^(sudo )?lstmd /, '')
      .replaceAll('/etc/', `${this.#folder}/etc/`)
      .replaceAll('/usr/lib/lstmd/', projectFile(''))
      .replaceAll('/tmp/sensor', join(this.#folder, 'sensor'))
      .replaceAll('/dev/ttyUSB0', this.#port)
      .replaceAll(/mqtt:\/\/(broker\.local|127\.0\.0\.1:1883)/g, this.#broker.url)
      .split(' ');
  }

  /** The flags of `init` that hold here: the only port, and a file beside those that the other commands take. */
  #foundOf(words: readonly string[]): readonly string[] {
    return words[0] === 'init' ? ['--port', this.#port, '--output', 'init.yaml', '--force'] : [];
  }

  /** Runs a command that is shown, to its end or until it has plainly begun; returns what it printed. */
  async run(command: string): Promise<string> {
    const words = this.#wordsOf(command);
    if (words[0] === 'run' && !words.some((word) => word.startsWith('--'))) {
      await this.#runDaemon(join(this.#folder, words.at(-1) ?? ''));
      return '';
    }
    // With faults, and with a recording, it waits for a reader.
    if (words[0] === 'simulate' && /--(faults|recording)/.test(command)) {
      await this.#runSimulator(words);
      return '';
    }
    const args = [...words, ...enoughOf(words), ...this.#foundOf(words)];
    const { code, stdout, stderr } = await runCommand(args, { cwd: this.#folder });
    assert.equal(code, 0, `${command}\n${stdout}${stderr}`);
    return stdout;
  }

  async #runDaemon(config: string): Promise<void> {
    const before = this.#subscriber.received.length;
    const daemon = new Daemon(this.#t, config);
    // A state is there to be saved once a sample was stepped.
    await this.#subscriber.until((received) =>
      received.slice(before).some(({ topic }) => topic.endsWith('/prediction')),
    );
    assert.equal(await daemon.end(), 0, daemon.text);
  }

  async #runSimulator(words: readonly string[]): Promise<void> {
    const link = words[words.indexOf('--link') + 1] ?? '';
    const child = spawn(process.execPath, [cli, ...words], {
      cwd: this.#folder,
      env: environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#t.after(() => child.kill('SIGKILL'));
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = once(child, 'close');
    const watcher = watch(dirname(link));
    const appeared = new Promise<void>((resolve) => {
      watcher.on('change', () => {
        if (existsSync(link)) {
          resolve();
        }
      });
    });
    await Promise.race([appeared, ended]);
    watcher.close();
    child.kill('SIGINT');
    const [code] = (await ended) as [number | null];
    assert.equal(code, 0, `lstmd ${words.join(' ')}\n${stderr}`);
  }
}

describe('the commands that the pages show', () => {
  const shown = shownCommands();
  const own = /^(sudo )?lstmd /;

  test('are run here, or by what is named for their kind', () => {
    const kinds = elsewhere.map(([pattern]) => pattern);
    const strangers = shown.filter(
      ({ command }) => !own.test(command) && !kinds.some((kind) => kind.test(command)),
    );
    assert.deepEqual(strangers, []);
    const unused = kinds.filter((kind) => !shown.some(({ command }) => kind.test(command)));
    assert.deepEqual(unused, []);
  });

  test('do what they are shown for', { skip: needsBroker(), timeout: 600_000 }, async (t) => {
    const world = await World.create(t);
    const commands = [...new Set(shown.map(({ command }) => command.replace(/^sudo /, '')))].filter(
      (command) => own.test(command) && (isLong || !slow.test(command)),
    );
    assert.ok(commands.length > 20);
    if (isLong) {
      await world.run('lstmd run -c etc/lstmd/lstmd.yaml');
    }
    // What a later one reads an earlier one writes, in the order of the pages; the state is forgotten at the end.
    const last = /^lstmd state reset/;
    for (const command of commands.filter((each) => !last.test(each))) {
      await world.run(command);
    }
    for (const command of commands.filter((each) => last.test(each))) {
      await world.run(command);
    }
  });
});
