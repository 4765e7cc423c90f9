/**
 * Stages of a build or a test run: commands whose output is kept back and shown whole when one fails,
 * with a line on stderr for each that begins and ends, and while one lasts a count and a time. Plain
 * Node, because it runs before anything is installed.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The interval at which stages that last tell their progress where no line can be redrawn. */
const progressMs = 10_000;
const redrawMs = 500;
/** How build-progress.mjs and lint.mjs tell their progress. */
const progressPattern = /(\d+ of \d+ (?:files|checks))/;

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

export class Stages {
  #total;
  #begun = 0;
  #running = new Set();
  #ended = [];
  #startMs = performance.now();
  #timer;
  #drawn = false;

  /** @param total how many stages there will be, for their numbers */
  constructor(total) {
    this.#total = total;
  }

  get failed() {
    return this.#ended.some(({ ok }) => !ok);
  }

  /**
   * Runs a command to its end.
   *
   * @param options.background whether everything else goes first on the processor
   * @returns whether it ended with 0; if it did not, its output has been shown
   */
  command(name, [program, ...args], { background = false, env = {} } = {}) {
    return this.run(name, async (stage) => {
      const child = spawn(program, args, {
        cwd: root,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      stage.child = child;
      if (background && child.pid !== undefined) {
        setPriority(child.pid, constants.priority.PRIORITY_LOW);
      }
      const chunks = [];
      const take = (chunk) => {
        chunks.push(chunk);
        const last = chunk.toString().trimEnd().split('\n').at(-1);
        stage.progress = progressPattern.exec(last ?? '')?.[1] ?? stage.progress;
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      const { code, error } = await new Promise((resolve) => {
        child.once('error', (cause) => resolve({ code: 1, error: cause }));
        child.once('close', (status) => resolve({ code: status }));
      });
      if (error !== undefined) {
        chunks.push(Buffer.from(`${program}: ${error.message}\n`));
      }
      if (code !== 0) {
        this.#write(withoutProgress(Buffer.concat(chunks).toString()));
      }
      return code === 0;
    });
  }

  /**
   * Runs a stage of this process.
   *
   * @param work called with the stage, whose `progress` it may set; gives whether all went well
   */
  async run(name, work) {
    this.#begun += 1;
    const stage = { name, number: this.#begun, startMs: performance.now(), progress: '' };
    this.#running.add(stage);
    this.#tell(stage, '...');
    this.#timer ??= setInterval(() => this.#showProgress(), canRedraw() ? redrawMs : progressMs);
    let ok = false;
    try {
      ok = await work(stage);
    } finally {
      this.#running.delete(stage);
      if (this.#running.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
      const ms = performance.now() - stage.startMs;
      this.#ended.push({ name, ok, ms });
      this.#tell(stage, ok ? seconds(ms) : `FAILED after ${seconds(ms)}`);
    }
    return ok;
  }

  /** Says that a stage does not run, and why. */
  skip(name, reason) {
    this.#begun += 1;
    this.#tell({ name, number: this.#begun }, `skipped: ${reason}`);
  }

  /** Writes text to stdout, between the lines of the stages. */
  print(text) {
    this.#clear();
    process.stdout.write(text);
  }

  /** Ends the commands that run, and what they have started. */
  kill() {
    for (const { child } of this.#running) {
      if (child?.pid !== undefined) {
        killTree(child.pid);
      }
    }
  }

  /** The time that each stage took, in the order in which they ended. */
  table() {
    const rows = [
      ...this.#ended.map(({ name, ok, ms }) => [name, seconds(ms), ok ? '' : 'FAILED']),
      ['all, beside each other', seconds(performance.now() - this.#startMs), ''],
    ];
    const width = Math.max(...rows.map(([name]) => name.length));
    return rows
      .map(([name, time, verdict]) => `  ${name.padEnd(width)} ${time.padStart(9)} ${verdict}`)
      .map((line) => `${line.trimEnd()}\n`)
      .join('');
  }

  #tell({ name, number }, message) {
    this.#write(`lstmd: [${number}/${this.#total}] ${name} ${message}\n`);
  }

  #showProgress() {
    const now = performance.now();
    const texts = [...this.#running].map(({ name, progress, startMs }) =>
      [name, progress, `${((now - startMs) / 1000).toFixed(0)} s`].filter(Boolean).join(' '),
    );
    const line = `lstmd: ${texts.join(', ')}`;
    if (canRedraw()) {
      process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns || 80) - 1)}`);
      this.#drawn = true;
    } else {
      process.stderr.write(`${line}\n`);
    }
  }

  #write(text) {
    this.#clear();
    process.stderr.write(text);
  }

  #clear() {
    if (this.#drawn) {
      process.stderr.write('\r\x1b[2K');
    }
    this.#drawn = false;
  }
}

function withoutProgress(output) {
  const lines = output.trimEnd().split('\n');
  return `${lines.filter((line) => !progressPattern.test(line)).join('\n')}\n`;
}

/** A process group of their own would do as well, but Linux gives a new session its own share of the CPU. */
function killTree(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
    for (const child of children.split(' ').filter(Boolean)) {
      killTree(Number(child));
    }
    process.kill(pid);
  } catch {
    // It has ended meanwhile.
  }
}

function canRedraw() {
  return process.stderr.isTTY === true;
}
