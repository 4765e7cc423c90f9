import { resolve } from 'node:path';
import { ExitCode } from '../../base/errors.js';
import { packageFile } from '../../base/package-root.js';
import { packageVersion } from '../../base/version.js';
import { reportEngines, type EngineReport } from '../../engine/engine-report.js';
import type { EngineName } from '../../engine/program/engine.js';
import { programOf } from '../../engine/program/program.js';
import { loadModel } from '../../model/load-model.js';
import { loadAddon } from '../../platform/addon.js';
import { clockReport } from '../../platform/machine-clock.js';
import { table } from '../terminal/table.js';
import { clockFinding } from './clock-finding.js';
import { configFindings, type Served } from './config-findings.js';
import { causeText } from './fault-remedy.js';
import { findingText, type Finding } from './finding.js';
import { serviceNow, unitOf } from './service.js';
import { serviceFindings } from './service-findings.js';

export interface DoctorOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** The model that the engines are tried on; it is shipped with the program. */
const exampleModel = packageFile('examples/running/running.keras');
/** Tells what to do about an engine that does not run. */
const engineRemedies: Readonly<Record<EngineName, string>> = {
  native:
    'install the addon, as above; "predict" and its like use the reference engine meanwhile, "run" does not start',
  reference: 'install the package again; see docs/install.md',
  tfjs: 'nothing, unless a stream has engine: tfjs',
};
const oldestNode: readonly [number, number] = [20, 19];

/** Prints its findings; where `run` would not work the exit code is that of `run`, or 1 for a fault of the machine. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const addon = addonFinding();
  const hasAddon = addon.verdict === 'ok';
  const findings = [
    nodeFinding(),
    addon,
    ...(await engineFindings(hasAddon)),
    clockFinding(clockReport(), Date.now()),
  ];
  let exitCode: number = ExitCode.ok;
  let served: Served = { hosts: [], files: [] };
  if (options.config !== undefined) {
    const ofConfig = await configFindings(options.config, hasAddon);
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
    const ofMachine = hasAddon ? ExitCode.failure : ExitCode.unavailable;
    process.exitCode = exitCode === ExitCode.ok ? ofMachine : exitCode;
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

/**
 * Without the addon `run` has no sensor either: the serial link asks it whether a tty is gone. The error has the way out in
 * itself.
 */
function addonFinding(): Finding {
  try {
    const detail = `SIMD targets ${loadAddon().simdTargets().join(', ')}`;
    return { what: 'addon', verdict: 'ok', detail };
  } catch (error) {
    const detail = `${causeText(error)}; without it "lstmd run" ends with ${ExitCode.unavailable}`;
    return { what: 'addon', verdict: 'fault', detail };
  }
}

/** An engine that does not run is no fault here: only a configuration says which one a stream needs. */
async function engineFindings(hasAddon: boolean): Promise<Finding[]> {
  const program = programOf(await loadModel(exampleModel), { mode: 'continuous' });
  const reports = await reportEngines(program);
  return reports.map((report) => ({
    what: `engine ${report.name}`,
    verdict: report.runs ? 'ok' : report.broken ? 'broken' : 'missing',
    detail: detailOf(report, hasAddon),
    fix: report.runs ? undefined : engineRemedies[report.name],
  }));
}

/** The target of an engine, or why it does not run; what was said of the addon is not said again. */
function detailOf(report: EngineReport, hasAddon: boolean): string {
  if (report.runs) {
    return report.target;
  }
  return report.name === 'native' && !hasAddon ? 'it is in the addon' : report.reason;
}
