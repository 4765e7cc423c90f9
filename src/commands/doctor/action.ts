import { packageFile } from '../../base/package-root.js';
import { loadAddon } from '../../platform/addon.js';
import { descriptorShortage, mostStreams } from '../../agent/descriptor-need.js';
import { preflight } from '../../agent/preflight.js';
import { preparePublisher, type PreparedPublisher } from '../../agent/prepared-publisher.js';
import { prepareStreams, type PreparedStream } from '../../agent/prepared-stream.js';
import { probeSensor } from '../../agent/probe-sensor.js';
import { configSchema, type Config } from '../../agent/config-schema.js';
import { loadConfig } from '../../config/load-config.js';
import { reportEngines } from '../../engine/engine-report.js';
import { programOf } from '../../engine/program/program.js';
import { ExitCode, LstmdError, messageOf } from '../../base/errors.js';
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
/** A board that resets on being opened takes two seconds to boot. */
const listenMs = 5000;
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
      async () => [await brokerFinding(await preparePublisher(config))],
      () => machineFindings(config),
      async () => (await prepareStreams(config)).map(streamFinding),
      () => sensorFindings(config),
    ]) {
      findings.push(...(await attempt().catch((error: unknown) => [configFault(error)])));
    }
    return findings;
  } catch (error) {
    return [configFault(error)];
  }
}

function streamFinding(prepared: PreparedStream): Finding {
  const { name, plan, engine, target, stepper, fallbackReason = '' } = prepared;
  const runs = `${plan.name}, ${stepper.program.mode}, ${engine} (${target})`;
  return { what: `stream ${name}`, verdict: 'ok', detail: `${runs} ${fallbackReason}`.trimEnd() };
}

/** A broker that is not there is no fault: `run` waits for it. */
async function brokerFinding(publisher: PreparedPublisher): Promise<Finding> {
  try {
    return { what: 'broker', verdict: 'ok', detail: await publisher.probe() };
  } catch (error) {
    return { what: 'broker', verdict: 'missing', detail: messageOf(error) };
  }
}

async function machineFindings(config: Config): Promise<Finding[]> {
  const { stateDirectory, links } = await preflight(config);
  const shortage = descriptorShortage(mostStreams(config));
  return [
    {
      what: 'state directory',
      verdict: stateDirectory === undefined ? 'ok' : 'fault',
      detail: stateDirectory ?? config.stateDirectory,
    },
    ...links.map((detail): Finding => ({ what: 'port', verdict: 'fault', detail })),
    ...(shortage === undefined
      ? []
      : [{ what: 'descriptors', verdict: 'fault', detail: shortage } as const]),
  ];
}

/** A sensor that is not there is no fault: `run` waits for it. */
function sensorFindings({ streams }: Config): Promise<Finding[]> {
  return Promise.all(
    Object.entries(streams).map(async ([name, stream]): Promise<Finding> => {
      const what = `sensor ${name}`;
      const { unavailable, lines, bytes, isAsked } = await probeSensor(stream, listenMs);
      if (unavailable !== undefined) {
        const wayOut = 'plug it in, or name its port in sensor.link';
        return { what, verdict: 'missing', detail: `${unavailable}: ${wayOut}` };
      }
      if (isAsked) {
        const detail = `${stream.sensor.link} opens; the sensor speaks when it is asked, and was not: try "lstmd run --once"`;
        return { what, verdict: 'ok', detail };
      }
      if (bytes === 0) {
        const wayOut = /^mqtts?:/i.test(stream.sensor.link)
          ? 'does a device publish to this topic?'
          : 'does it send by itself, and is sensor.baudRate right?';
        const detail = `${stream.sensor.link} opens, and nothing came within ${listenMs / 1000} s: ${wayOut}`;
        return { what, verdict: 'missing', detail };
      }
      const shown = lines.map((line) => JSON.stringify(line)).join(', ');
      return { what, verdict: 'ok', detail: `${stream.sensor.link} sends ${shown}` };
    }),
  );
}

function configFault(error: unknown): Finding {
  if (!(error instanceof LstmdError)) {
    throw error;
  }
  return { what: 'configuration', verdict: 'fault', detail: withCause(error) };
}

function withCause(error: unknown): string {
  const message = messageOf(error);
  if (!(error instanceof Error) || error.cause === undefined) {
    return message;
  }
  const cause = messageOf(error.cause).split('\n', 1)[0] ?? '';
  return message.includes(cause) ? message : `${message}: ${cause}`;
}
