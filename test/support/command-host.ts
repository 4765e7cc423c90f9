import { Readable, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { runCommandLine } from '#src/commands/command-line.js';
import type { CommandRequest } from './command.js';
import type { Exit } from './daemon.js';

/** Runs the command lines that its parent sends, one after another, each with streams of its own. */

class TextSink extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function setEnvironment(environment: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(process.env)) {
    if (environment[name] === undefined) {
      Reflect.deleteProperty(process.env, name);
    }
  }
  Object.assign(process.env, environment);
}

async function answer({ args, input, cwd, env }: CommandRequest): Promise<Exit> {
  const stdout = new TextSink();
  const stderr = new TextSink();
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)]);
  for (const [name, value] of Object.entries({ stdin, stdout, stderr })) {
    Object.defineProperty(process, name, { value, configurable: true });
  }
  setEnvironment(env);
  process.chdir(cwd);
  process.exitCode = undefined;
  const code = await runCommandLine(args);
  // What a command has left to the next turn of the loop is still written when its process ends.
  await setImmediate();
  process.exitCode = undefined;
  return { code, stdout: stdout.text, stderr: stderr.text };
}

let running: Promise<unknown> = Promise.resolve();
process.on('message', (request: CommandRequest) => {
  running = running.then(async () => process.send?.(await answer(request)));
});
process.once('disconnect', () => process.exit());
