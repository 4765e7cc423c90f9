import { resolve } from 'node:path';
import { packageFile } from '../../base/package-root.js';
import { loadAddon } from '../../platform/addon.js';
import { clockReport } from '../../platform/machine-clock.js';
import { mediumOf } from '../../platform/medium.js';
import { descriptorShortage, fewestStreams, mostStreams } from '../../agent/descriptor-need.js';
import { configFaultError, findConfigFaults, type ConfigFault } from '../../agent/config-check.js';
import { preparePublisher, type PreparedPublisher } from '../../agent/prepared-publisher.js';
import { prepareStreams, type PreparedStream } from '../../agent/prepared-stream.js';
import { probeSensor } from '../../agent/probe-sensor.js';
import { configSchema, type Config } from '../../agent/config-schema.js';
import { readConfigFile, type ConfigFile } from '../../config/load-config.js';
import { schemeOf } from '../../config/option-types.js';
import { reportEngines } from '../../engine/engine-report.js';
import { programOf } from '../../engine/program/program.js';
import { ExitCode, LstmdError, messageOf } from '../../base/errors.js';
import { loadModel } from '../../model/load-model.js';
import { hostOfUrl } from '../../base/url-host.js';
import { packageVersion } from '../../base/version.js';
import { table } from '../terminal/table.js';
import { clockFinding } from './clock-finding.js';
import { findingText, type Finding } from './finding.js';
import { linkRemedy } from './link-remedy.js';
import { mediumFindings } from './medium-findings.js';
import { serviceNow, unitOf } from './service.js';
import { serviceFindings } from './service-findings.js';

export interface DoctorOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** The hosts that a service must reach, and the files that it must read. */
interface Served {
  readonly hosts: readonly string[];
  readonly files: readonly string[];
}

interface ConfigFindings {
  readonly findings: readonly Finding[];
  readonly served: Served;
  /** That of `run`. */
  readonly exitCode: number;
}

/** The model that the engines are tried on; it is shipped with the program. */
const exampleModel = packageFile('examples/running/running.keras');
/** A board that resets on being opened takes two seconds to boot. */
const listenMs = 5000;
const oldestNode: readonly [number, number] = [20, 19];

/** Prints its findings; where `run` would not work the exit code is that of `run`, or 1 for a fault of the machine. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const findings = [
    nodeFinding(),
    addonFinding(),
    ...(await engineFindings()),
    clockFinding(clockReport(), Date.now()),
  ];
  let exitCode: number = ExitCode.ok;
  let served: Served = { hosts: [], files: [] };
  if (options.config !== undefined) {
    const ofConfig = await configFindings(options.config);
    findings.push(...ofConfig.findings);
    ({ exitCode, served } = ofConfig);
  }
  const service = await serviceNow(unitOf(options.config && resolve(options.config)));
  if (service !== undefined) {
    findings.push(...(await serviceFindings(service, served.hosts, served.files)));
  }
  const ok = findings.every(({ verdict }) => verdict !== 'fault');
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ version: packageVersion(), ok, findings }, null, 2)}\n`
      : `${table(findings.map((each) => [each.what, each.verdict, findingText(each)])).join('\n')}\n`,
  );
  if (!ok) {
    process.exitCode = exitCode === ExitCode.ok ? ExitCode.failure : exitCode;
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
        detail: `${node}, and ${oldestNode.join('.')} or newer is needed`,
        fix: 'install lstmd-node beside the Debian package, or a newer Node; see docs/install.md',
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

async function configFindings(path: string): Promise<ConfigFindings> {
  let read: ConfigFile<Config>;
  try {
    read = await readConfigFile(configSchema, path);
  } catch (error) {
    const served = { hosts: [], files: [] };
    return { findings: [configFault(error)], served, exitCode: exitCodeOf(error) };
  }
  const { file, config, describe } = read;
  const faults = await findConfigFaults(read);
  const isOk = !faults.some((fault) => findingOf(fault) === 'configuration');
  const findings: Finding[] = [
    ...(isOk ? [{ what: 'configuration', verdict: 'ok', detail: file } as const] : []),
    ...faults.map((fault): Finding => ({
      what: findingOf(fault),
      verdict: 'fault',
      detail: describe(fault),
    })),
  ];
  const publisher = config && (await preparePublisher(config).catch(passOver));
  if (config !== undefined) {
    if (!faults.some(({ path: at }) => at[0] === 'stateDirectory')) {
      const medium = await mediumOf(config.stateDirectory);
      findings.push(
        ...mediumFindings(config.stateDirectory, medium, publisher?.outbox.maxBytes ?? 0),
      );
    }
    const lacking = descriptorShortage(fewestStreams(config));
    const shortage = lacking ?? descriptorShortage(mostStreams(config));
    if (shortage !== undefined) {
      const verdict = lacking === undefined ? 'warning' : 'fault';
      findings.push({ what: 'descriptors', verdict, detail: shortage });
    }
    for (const attempt of [
      async () => (publisher === undefined ? [] : [await brokerFinding(publisher)]),
      async () => (await prepareStreams(config)).map(streamFinding),
      () => sensorFindings(config, faults),
    ]) {
      findings.push(...((await attempt().catch(passOver)) ?? []));
    }
  }
  const exitCode = faults.length === 0 ? ExitCode.ok : configFaultError(read, faults).exitCode;
  const streams = Object.values(config?.streams ?? {});
  const served = {
    hosts: [
      ...(publisher?.hosts ?? []),
      ...streams.flatMap(({ sensor }) => hostsOf(sensor.link)),
    ].filter((host) => host !== ''),
    files: streams.map(({ model }) => model.file),
  };
  return { findings, served, exitCode };
}

/** The host of a link over the network. */
function hostsOf(link: string): readonly string[] {
  return URL.canParse(link) && schemeOf(link) !== 'recording' ? [hostOfUrl(new URL(link))] : [];
}

/** Returns what a fault is listed as. */
function findingOf({ path }: ConfigFault): string {
  if (path[0] === 'stateDirectory') {
    return 'state directory';
  }
  return path[2] === 'sensor' && path[3] === 'link' ? 'port' : 'configuration';
}

function streamFinding(prepared: PreparedStream): Finding {
  const { name, plan, engine, target, stepper, fallbackReason = '' } = prepared;
  const verified = prepared.config.model.verify === undefined ? '' : ', verified';
  const runs = `${plan.name}, ${stepper.program.mode}, ${engine} (${target})${verified}`;
  return { what: `stream ${name}`, verdict: 'ok', detail: `${runs} ${fallbackReason}`.trimEnd() };
}

/** A broker that is not there is no fault: `run` waits for it. */
async function brokerFinding(publisher: PreparedPublisher): Promise<Finding> {
  try {
    const { detail, fix } = await publisher.probe();
    return { what: 'broker', verdict: fix === undefined ? 'ok' : 'warning', detail, fix };
  } catch (error) {
    return { what: 'broker', verdict: 'missing', detail: messageOf(error) };
  }
}

/** A sensor that is not there is no fault: `run` waits for it. */
function sensorFindings({ streams }: Config, faults: readonly ConfigFault[]): Promise<Finding[]> {
  const hasFault = (name: string) =>
    faults.some((fault) => fault.path[1] === name && findingOf(fault) === 'port');
  const sound = Object.entries(streams).filter(([name]) => !hasFault(name));
  return Promise.all(
    sound.map(async ([name, stream]): Promise<Finding> => {
      const what = `sensor ${name}`;
      const { unavailable, lines, bytes, isAsked } = await probeSensor(stream, listenMs);
      if (unavailable !== undefined) {
        const fix = await linkRemedy(stream.sensor.link, unavailable);
        return { what, verdict: 'missing', detail: unavailable, fix };
      }
      if (isAsked) {
        const detail = `${stream.sensor.link} opens; the sensor speaks when it is asked, and was not: try "lstmd run --once"`;
        return { what, verdict: 'ok', detail };
      }
      if (bytes === 0) {
        const detail = `${stream.sensor.link} opens, and nothing came within ${listenMs / 1000} s`;
        return { what, verdict: 'missing', detail, fix: silenceRemedy(stream.sensor.link) };
      }
      const shown = lines.map((line) => JSON.stringify(line)).join(', ');
      return { what, verdict: 'ok', detail: `${stream.sensor.link} sends ${shown}` };
    }),
  );
}

/** Returns what to look at where a link opens and nothing comes. */
function silenceRemedy(link: string): string {
  switch (schemeOf(link)) {
    case undefined:
      return 'does it send by itself, and is sensor.baudRate right?';
    case 'mqtt':
    case 'mqtts':
      return 'does a device publish to this topic?';
    case 'stdin':
      return 'pipe the sensor to it';
    default:
      return 'is the sensor at the other end on, and does it send by itself?';
  }
}

function configFault(error: unknown): Finding {
  if (!(error instanceof LstmdError)) {
    throw error;
  }
  return { what: 'configuration', verdict: 'fault', detail: withCause(error) };
}

function exitCodeOf(error: unknown): number {
  return error instanceof LstmdError ? error.exitCode : ExitCode.software;
}

/**
 * Passes over a fault of the configuration, which `findConfigFaults` has told.
 *
 * @throws any other error
 */
function passOver(error: unknown): undefined {
  if (!(error instanceof LstmdError)) {
    throw error;
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
