import { readFileSync, writeFileSync } from 'node:fs';
import { table } from '#src/commands/terminal/table.js';
import { agentRatios } from './agent-ratios.js';
import { comparedTargets, kernelRatios } from './kernel-ratios.js';
import { isWorse, type Ratio, type Ratios } from './ratio.js';

export interface CheckRatiosOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** The file with the ratios that are kept. */
  readonly ratios: string;
  /** Only the kernel: neither a broker nor the bundle is needed. */
  readonly kernel?: boolean;
  /** Keeps what is measured, in place of comparing it. */
  readonly update?: boolean;
}

/** The ratios that are kept: of the kernel by its target, and of the agent. */
type KeptRatios = Readonly<Record<string, Ratios>>;

/** One line of the report. */
interface Compared {
  readonly name: string;
  readonly measured: Ratio;
  readonly kept: Ratio | undefined;
}

/**
 * Compares ratios, never times, with those that are kept in the repository, and prints both. The exit code is 1 where one is
 * worse beyond the noise that both sittings had.
 */
export async function checkRatios(options: CheckRatiosOptions): Promise<void> {
  const kept = JSON.parse(readFileSync(options.ratios, 'utf8')) as KeptRatios;
  const measured = await measuredRatios(options);
  if (options.update === true) {
    writeFileSync(options.ratios, `${JSON.stringify({ ...kept, ...measured }, rounded, 2)}\n`);
    return;
  }
  const lines = Object.entries(measured).flatMap(([of, ratios]) =>
    Object.entries(ratios).map(([figure, ratio]): Compared => {
      return { name: `${of}: ${figure}`, measured: ratio, kept: kept[of]?.[figure] };
    }),
  );
  process.stdout.write(`${reportOf(lines).join('\n')}\n`);
  if (lines.some(isRegression)) {
    process.exitCode = 1;
  }
}

async function measuredRatios(options: CheckRatiosOptions): Promise<KeptRatios> {
  const { rounds, seconds } = options;
  const measured: Record<string, Ratios> = {};
  for (const target of comparedTargets()) {
    measured[target] = await kernelRatios(target, rounds, seconds);
  }
  const agent = options.kernel === true ? undefined : await agentRatios(rounds, seconds);
  return agent === undefined ? measured : { ...measured, agent };
}

function isRegression({ measured, kept }: Compared): boolean {
  return kept !== undefined && isWorse(measured, kept);
}

function reportOf(lines: readonly Compared[]): string[] {
  const rows = lines.map((line) => [
    line.name,
    line.kept === undefined ? 'none' : ratioText(line.kept),
    ratioText(line.measured),
    isRegression(line) ? 'WORSE' : '',
  ]);
  return table([['', 'kept', 'measured', ''], ...rows]);
}

function ratioText({ median, noise }: Ratio): string {
  return `${median.toPrecision(3)} ± ${noise.toPrecision(1)}`;
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(3)) : value;
}
