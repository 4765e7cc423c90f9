import { isObject, type JsonObject } from '../base/json.js';

/** The distribution of a number on recordings that are known to be good. */
export interface ReferenceDistribution {
  readonly name: string;
  /** Edges of the bins, ascending; the outer ones are the lowest and the highest number. */
  readonly edges: readonly number[];
  /** Share of the numbers in each bin, one less than edges. */
  readonly shares: readonly number[];
}

/** A model's features and outputs as they are when all is well; docs/formats/reference-statistics.md has the file. */
export interface Reference {
  readonly modelSha256: string;
  readonly features: readonly ReferenceDistribution[];
  /** The warm outputs, and how undecided they are, by mode. */
  readonly modes: Readonly<
    Record<
      string,
      {
        readonly outputs: readonly ReferenceDistribution[];
        readonly entropy: readonly ReferenceDistribution[];
      }
    >
  >;
}

/**
 * Reads reference statistics.
 *
 * @param text the content of the file
 * @throws Error saying what in it is not as it must be
 */
export function parseReference(text: string): Reference {
  const root: unknown = JSON.parse(text);
  if (!isObject(root) || root['format'] !== 'lstmd.reference-statistics') {
    throw new Error(
      'is no file of reference statistics: lstmd evaluate --reference-out writes one',
    );
  }
  if (root['version'] !== 1) {
    throw new Error(`has version ${String(root['version'])}, and this program reads version 1`);
  }
  const { model, modes } = root;
  if (!isObject(model) || typeof model['sha256'] !== 'string' || !isObject(modes)) {
    throw new Error('lacks model.sha256 or modes');
  }
  return {
    modelSha256: model['sha256'],
    features: distributions(root['features'], 'features'),
    modes: Object.fromEntries(
      Object.entries(modes).map(([mode, figures]) => {
        const of: JsonObject = isObject(figures) ? figures : {};
        return [
          mode,
          {
            outputs: distributions(of['outputs'], `modes.${mode}.outputs`),
            entropy: distributions(of['entropy'], `modes.${mode}.entropy`),
          },
        ];
      }),
    ),
  };
}

function distributions(given: unknown, at: string): ReferenceDistribution[] {
  if (!Array.isArray(given)) {
    throw new Error(`lacks ${at}`);
  }
  return given.map((each: unknown, n) => {
    const { name, edges, shares } = isObject(each) ? each : {};
    if (
      typeof name !== 'string' ||
      !isNumbers(edges) ||
      !isNumbers(shares) ||
      shares.length !== Math.max(0, edges.length - 1) ||
      edges.some((edge, i) => i > 0 && edge < (edges[i - 1] ?? edge))
    ) {
      throw new Error(`${at}[${n}] must have a name, ascending edges, and a share for each bin`);
    }
    return { name, edges, shares };
  });
}

function isNumbers(given: unknown): given is number[] {
  return Array.isArray(given) && given.every((each) => Number.isFinite(each));
}
