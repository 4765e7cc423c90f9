import { fork, type ChildProcess } from 'node:child_process';
import { environment, type Exit } from './daemon.js';

/** A command line as its host gets it. */
export interface CommandRequest {
  readonly args: readonly string[];
  readonly input: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Waiting {
  readonly resolve: (exit: Exit) => void;
  readonly reject: (error: Error) => void;
}

/** The process that runs the commands of this test file. It ends with the file's own. */
class CommandHost {
  readonly #child: ChildProcess;
  /** In the order of their requests, which is that of the answers. */
  readonly #waiting: Waiting[] = [];

  constructor() {
    this.#child = fork(new URL('command-host.js', import.meta.url), {
      env: environment(),
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (exit: Exit) => {
      this.#waiting.shift()?.resolve(exit);
      this.#keepAlive();
    });
    this.#child.once('exit', (code, signal) => {
      for (const { reject } of this.#waiting.splice(0)) {
        reject(new Error(`the host of the commands ended with ${code ?? signal}`));
      }
    });
    this.#child.unref();
    this.#keepAlive();
  }

  run(request: CommandRequest): Promise<Exit> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#keepAlive();
      this.#child.send(request);
    });
  }

  /** The test file waits for answers, and for nothing else of the host. */
  #keepAlive(): void {
    if (this.#waiting.length > 0) {
      this.#child.channel?.ref();
    } else {
      this.#child.channel?.unref();
    }
  }
}

let host: CommandHost | undefined;

/**
 * Runs a command of lstmd to its end as `runCli` does, but in one process for all commands of a test file:
 * most of the time of a short command is its start. It is for what a command says and returns; whatever
 * concerns the process itself (signals, streams that break, what is loaded) is for `runCli`.
 */
export function runCommand(
  args: readonly string[],
  options: { input?: string; cwd?: string; env?: Record<string, string> } = {},
): Promise<Exit> {
  host ??= new CommandHost();
  const { input = '', cwd = process.cwd() } = options;
  return host.run({ args, input, cwd, env: environment(options.env) });
}
