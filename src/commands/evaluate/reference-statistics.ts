import type { Distribution, DistributionFigures } from '../../evaluation/distribution.js';
import type { OutputFigures } from './judging/output-statistics.js';
import type { ModelFacts } from './report.js';

/** The content of a reference file; docs/formats/reference-statistics.md describes it. */
export interface ReferenceStatistics {
  readonly format: 'lstmd.reference-statistics';
  readonly version: 1;
  /** When it was written, ISO 8601. */
  readonly created: string;
  readonly model: Pick<ModelFacts, 'file' | 'origin' | 'sha256' | 'task'>;
  /** Samples that it is of. */
  readonly samples: number;
  readonly features: readonly (DistributionFigures & { readonly name: string })[];
  /** The warm outputs of each mode that was evaluated. */
  readonly modes: Readonly<Record<string, OutputFigures & { readonly stride: number }>>;
}

/** The statistics of a model's data, with which a live stream can be compared. */
export function referenceStatistics(
  { file, origin, sha256, task }: ModelFacts,
  axes: readonly string[],
  features: readonly Distribution[],
  samples: number,
  modes: ReferenceStatistics['modes'],
): ReferenceStatistics {
  return {
    format: 'lstmd.reference-statistics',
    version: 1,
    created: new Date().toISOString(),
    model: { file, origin, sha256, task },
    samples,
    features: features.map((feature, n) => ({ name: axes[n] ?? '', ...feature.figures() })),
    modes,
  };
}
