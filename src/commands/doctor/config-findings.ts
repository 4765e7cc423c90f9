import { dirname, resolve } from 'node:path';
import { configFaultError, findConfigFaults, type ConfigFault } from '../../agent/config-check.js';
import { configSchema, type Config, type StreamConfig } from '../../agent/config-schema.js';
import { descriptorShortage, fewestStreams, mostStreams } from '../../agent/descriptor-need.js';
import { preparePublisher, type PreparedPublisher } from '../../agent/prepared-publisher.js';
import { prepareStreams, type PreparedStream } from '../../agent/prepared-stream.js';
import { probeSensor } from '../../agent/probe-sensor.js';
import { ReloadedModels } from '../../agent/reload/reloaded-models.js';
import { reloadedWords } from '../../agent/reload/reloaded-words.js';
import { ExitCode, LstmdError, messageOf } from '../../base/errors.js';
import { hostOfUrl } from '../../base/url-host.js';
import { readConfigFile, type ConfigFile } from '../../config/load-config.js';
import { schemeOf } from '../../config/option-types.js';
import { mediumOf } from '../../platform/medium.js';
import { causeText, faultRemedy, fileRemedy } from './fault-remedy.js';
import type { Finding } from './finding.js';
import { linkRemedy } from './link-remedy.js';
import { mediumFindings } from './medium-findings.js';
import { modelFiles, sharedFiles, type ServedFile } from './served-files.js';
import { serverRemedy } from './server-remedy.js';

/** The hosts that a service must reach, and the files that it must read. */
export interface Served {
  readonly hosts: readonly string[];
  readonly files: readonly ServedFile[];
}

interface ConfigFindings {
  readonly findings: readonly Finding[];
  readonly served: Served;
  /** That of `run`. */
  readonly exitCode: number;
}

/** A board that resets on being opened takes two seconds to boot. */
const listenMs = 5000;

/**
 * Looks at what a configuration names: its options, models, state directory, broker and sensors.
 *
 * @param path that of its file
 * @param hasAddon false where `run` ends before it steps a stream, whatever its engine
 */
export async function configFindings(path: string, hasAddon: boolean): Promise<ConfigFindings> {
  let read: ConfigFile<Config>;
  try {
    read = await readConfigFile(configSchema, path);
  } catch (error) {
    const served = { hosts: [], files: [] };
    return { findings: [configFault(error, path)], served, exitCode: exitCodeOf(error) };
  }
  const { file, config, describe } = read;
  const faults = await findConfigFaults(read);
  const isOk = !faults.some((fault) => findingOf(fault) === 'configuration');
  const findings: Finding[] = isOk ? [{ what: 'configuration', verdict: 'ok', detail: file }] : [];
  for (const fault of faults) {
    const what = findingOf(fault);
    const link = config?.streams[`${fault.path[1]}`]?.sensor.link ?? '';
    const fix =
      what === 'port' ? await linkRemedy(link, fault.message) : faultRemedy(fault.error, file);
    findings.push({ what, verdict: 'fault', detail: describe(fault), fix });
  }
  let streams: readonly PreparedStream[] = [];
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
      const fix = 'sudo systemctl edit lstmd, with [Service] and a larger LimitNOFILE=';
      findings.push({ what: 'descriptors', verdict, detail: shortage, fix });
    }
    const reloaded = await ReloadedModels.read(config.stateDirectory).catch(passOver);
    streams = (await prepareStreams(config, undefined, reloaded).catch(passOver)) ?? [];
    for (const attempt of [
      async () => (publisher === undefined ? [] : [await publisherFinding(publisher)]),
      async () => streams.map((stream) => streamFinding(stream, config, hasAddon)),
      () => sensorFindings(config, faults),
    ]) {
      findings.push(...((await attempt().catch(passOver)) ?? []));
    }
  }
  const exitCode = faults.length === 0 ? ExitCode.ok : configFaultError(read, faults).exitCode;
  const sections = Object.entries(config?.streams ?? {});
  // A command may have put another model in the place of the one that stands there.
  const modelOf = (name: string): StreamConfig['model'] | undefined =>
    streams.find((stream) => stream.name === name)?.config.model;
  const served = {
    hosts: [
      ...(publisher?.hosts ?? []),
      ...sections.flatMap(([, { sensor }]) => hostsOf(sensor.link)),
    ].filter((host) => host !== ''),
    files: [
      ...(dirname(resolve(file)) === '/etc/lstmd' ? [{ path: resolve(file) }] : []),
      ...sections.flatMap(([name, { model }]) => modelFiles(modelOf(name) ?? model)),
      ...(await sharedFiles(config)),
      ...(publisher?.secretFiles ?? []),
    ],
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

function streamFinding(prepared: PreparedStream, config: Config, hasAddon: boolean): Finding {
  const { name, plan, engine, target, stepper, fallbackReason = '', reloaded } = prepared;
  const verified = prepared.config.model.verify === undefined ? '' : ', verified';
  const runs = `${plan.name}, ${stepper.program.mode}, ${engine} (${target})${verified}`;
  const what = `stream ${name}`;
  if (!hasAddon) {
    const fix = `install the addon, as above: "lstmd run" ends with ${ExitCode.unavailable} without it`;
    return { what, verdict: 'fault', detail: runs, fix };
  }
  const detail = `${runs} ${fallbackReason}`.trimEnd();
  if (reloaded === undefined) {
    return { what, verdict: 'ok', detail };
  }
  const words = `${detail}; ${reloadedWords(name, reloaded, config)}`;
  return reloaded.fault === undefined
    ? { what, verdict: 'ok', detail: words }
    : { what, verdict: 'warning', detail: words, fix: 'reload a model that can run' };
}

/** A broker that is not there is no fault: `run` waits for it. So it is with the other side of any publisher. */
async function publisherFinding(publisher: PreparedPublisher): Promise<Finding> {
  const isBroker = publisher.name === 'mqtt';
  const what = isBroker ? 'broker' : publisher.name;
  try {
    const { detail, fix } = await publisher.probe();
    return { what, verdict: fix === undefined ? 'ok' : 'warning', detail, fix };
  } catch (error) {
    const detail = messageOf(error);
    const fix = isBroker
      ? serverRemedy(detail, what, { address: 'mqtt.url', section: 'mqtt' })
      : undefined;
    return { what, verdict: 'missing', detail, fix };
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
      const { unavailable, lines, bytes, diagnosis, isAsked } = await probeSensor(stream, listenMs);
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
      if (diagnosis !== undefined) {
        const detail = `${stream.sensor.link} sends ${diagnosis.shown}, and no sample came of it within ${listenMs / 1000} s`;
        return { what, verdict: 'warning', detail, fix: diagnosis.cause };
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

/** Tells why a file is no configuration at all. */
function configFault(error: unknown, path: string): Finding {
  if (!(error instanceof LstmdError)) {
    throw error;
  }
  const fix = fileRemedy(error, path);
  return { what: 'configuration', verdict: 'fault', detail: causeText(error), fix };
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
