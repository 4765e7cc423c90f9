import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { packageFile } from '../../base/package-root.js';
import { loadAddon } from '../../platform/addon.js';
import { preparePublisher } from '../../agent/prepared-publisher.js';
import { prepareStreams } from '../../agent/prepared-stream.js';
import { configSchema } from '../../agent/config-schema.js';
import { loadConfig } from '../../config/load-config.js';
import { reportEngines } from '../../engine/engine-report.js';
import { programOf } from '../../engine/program/program.js';
import { errorCode, ExitCode, LstmdError, messageOf } from '../../base/errors.js';
import { loadModel } from '../../model/load-model.js';
import { packageVersion } from '../../base/version.js';
import { table } from '../terminal/table.js';

export interface DoctorOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** One thing that was examined. */
interface Finding {
  readonly what: string;
  /** `run` does without what is `missing` or `broken`, as far as is known; with a `fault` it ends. */
  readonly verdict: 'ok' | 'missing' | 'broken' | 'fault';
  readonly detail: string;
}

/** The model that the engines are tried on; it is shipped with the program. */
const exampleModel = packageFile('examples/running/running.keras');
const oldestNode: readonly [number, number] = [20, 19];

/** Prints its findings; the exit code is 1 when `run` would not work. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const findings = [nodeFinding(), addonFinding(), ...(await engineFindings())];
  if (options.config !== undefined) {
    findings.push(...(await configFindings(options.config)));
  }
  const ok = findings.every(({ verdict }) => verdict !== 'fault');
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ version: packageVersion(), ok, findings }, null, 2)}\n`
      : `${table(findings.map(({ what, verdict, detail }) => [what, verdict, detail])).join('\n')}\n`,
  );
  if (!ok) {
    process.exitCode = ExitCode.failure;
  }
}

function nodeFinding(): Finding {
  const { node, modules } = process.versions;
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestNode;
  const isOld = major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
  return isOld
    ? {
        what: 'Node',
        verdict: 'fault',
        detail: `${node}: ${oldestNode.join('.')} or newer is needed`,
      }
    : { what: 'Node', verdict: 'ok', detail: `${node}, ${process.arch}, ABI ${modules}` };
}

/** Without the addon `run` has no sensor either: the serial link asks it whether a tty is gone. */
function addonFinding(): Finding {
  try {
    const detail = `SIMD targets ${loadAddon().simdTargets().join(', ')}`;
    return { what: 'addon', verdict: 'ok', detail };
  } catch (error) {
    return { what: 'addon', verdict: 'fault', detail: withCause(error) };
  }
}

/** An engine that does not run is no fault here: only a configuration says which one a stream needs. */
async function engineFindings(): Promise<Finding[]> {
  const program = programOf(await loadModel(exampleModel), { mode: 'continuous' });
  const reports = await reportEngines(program);
  return reports.map((report) => ({
    what: `engine ${report.name}`,
    verdict: report.runs ? 'ok' : report.broken ? 'broken' : 'missing',
    detail: report.runs ? report.target : report.reason,
  }));
}

async function configFindings(path: string): Promise<Finding[]> {
  try {
    const { file, config } = await loadConfig(configSchema, path);
    const findings: Finding[] = [{ what: 'configuration', verdict: 'ok', detail: file }];
    for (const attempt of [
      () => preparePublisher(config).then(() => [] as Finding[]),
      () => stateFinding(config.stateDirectory).then((finding) => [finding]),
      async () =>
        (await prepareStreams(config)).map((prepared): Finding => {
          const { name, plan, engine, target, stepper, fallbackReason = '' } = prepared;
          const runs = `${plan.name}, ${stepper.program.mode}, ${engine} (${target})`;
          return {
            what: `stream ${name}`,
            verdict: 'ok',
            detail: `${runs} ${fallbackReason}`.trimEnd(),
          };
        }),
    ]) {
      findings.push(...(await attempt().catch((error: unknown) => [configFault(error)])));
    }
    return findings;
  } catch (error) {
    return [configFault(error)];
  }
}

function configFault(error: unknown): Finding {
  if (!(error instanceof LstmdError)) {
    throw error;
  }
  return { what: 'configuration', verdict: 'fault', detail: withCause(error) };
}

/** `run` makes a directory that is not there, so the nearest one above it must be writable. */
async function stateFinding(directory: string): Promise<Finding> {
  let at = directory;
  for (;;) {
    try {
      await access(at, constants.W_OK | constants.X_OK);
      return { what: 'state directory', verdict: 'ok', detail: directory };
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || dirname(at) === at) {
        return { what: 'state directory', verdict: 'fault', detail: messageOf(error) };
      }
      at = dirname(at);
    }
  }
}

function withCause(error: unknown): string {
  const message = messageOf(error);
  if (!(error instanceof Error) || error.cause === undefined) {
    return message;
  }
  const cause = messageOf(error.cause).split('\n', 1)[0] ?? '';
  return message.includes(cause) ? message : `${message}: ${cause}`;
}
