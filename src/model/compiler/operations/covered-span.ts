import { rateAfter, type StepRate } from '../rate.js';
import { reachOf, type Span } from '../span.js';
import type { Tensor } from '../tensor.js';
import { stepsText, type Site } from './site.js';

/** The steps that a convolution or a pool runs over. */
export type Steps = Pick<Tensor, 'value' | 'size' | 'rate'>;

/** The span of a convolution or a pool over the steps of its input. */
export interface CoveredSpan {
  readonly input: Steps;
  readonly span: Span;
  readonly reach: number;
  /** When the outputs come. */
  readonly rate: StepRate;
  /** How the layer streams, for people to read. */
  readonly streaming: string;
}

/**
 * Works out when the outputs of a span come, and rules out the modes in which padding that looks ahead
 * would be missed.
 *
 * @throws LstmdError `model.malformed` when the window is too short for one output
 */
export function coveredSpan(site: Site, input: Steps, span: Span): CoveredSpan {
  const reach = reachOf(span);
  const rate = rateAfter(span, input.rate);
  if (rate.count !== null && rate.count < 1) {
    throw site.options.malformed(
      `its ${input.rate.count} steps are fewer than the ${reach} that it looks at`,
    );
  }
  if (span.after > 0) {
    site.builder.ruleOut(
      ['sequence', 'sliding'],
      site,
      `its padding looks ${stepsText(span.after)} ahead, beyond the window's end; in mode continuous it answers as much later`,
    );
  }
  const delay = span.after * input.rate.stride;
  return {
    input,
    span,
    reach,
    rate,
    streaming: `ring of ${stepsText(reach - 1)}${delay > 0 ? `, ${delay} samples behind` : ''}`,
  };
}
