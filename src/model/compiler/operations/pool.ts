import type { PoolOp, ValueId } from '../../plan/step-op.js';
import type { WindowBuilder } from '../window-builder.js';
import type { CoveredSpan } from './covered-span.js';
import { addGlobalPool } from './global-pool.js';
import type { Site } from './site.js';

/** Adds a pool of each feature over the last inputs, of which padding is none; returns its value. */
export function addPool(site: Site, operation: PoolOp['operation'], covered: CoveredSpan): ValueId {
  return site.builder.kind === 'window' && covered.span.after > 0
    ? pooledBeyondEnd(site, site.builder, operation, covered)
    : pooled(site, operation, covered, covered.rate.count);
}

function pooled(
  { name, builder }: Site,
  operation: PoolOp['operation'],
  { input, span, reach }: CoveredSpan,
  count: number | null,
): ValueId {
  const output = builder.value(input.size, count);
  builder.add({
    kind: 'pool',
    layer: name,
    input: input.value,
    output,
    operation,
    size: span.size,
    stride: span.stride,
    dilation: span.dilation,
    padBefore: span.before,
    historyOffset: builder.reserveState(name, 'history', (reach - 1) * input.size),
    countOffset: builder.reserveState(name, 'counter', 1),
    seenOffset: span.before > 0 ? builder.reserveState(name, 'counter', 1) : null,
  });
  return output;
}

/** Outputs that may reach beyond the window's end, each of which takes operations of its own. */
const maxOutputsBeyondEnd = 1024;

/**
 * A pool with padding after the window, which does not count: each output that reaches beyond the
 * end is a pool over the steps that are left. All outputs are put together by adding them where the
 * others are zero.
 */
function pooledBeyondEnd(
  site: Site,
  builder: WindowBuilder,
  operation: PoolOp['operation'],
  covered: CoveredSpan,
): ValueId {
  const { name } = site;
  const { input, span, reach } = covered;
  const steps = builder.stepsOf(input.value);
  const count = covered.rate.count ?? 0;
  const inside = Math.max(0, Math.floor((steps + span.before - reach) / span.stride) + 1);
  if (count - inside > maxOutputsBeyondEnd) {
    throw site.options.refused(
      `${count - inside} of its outputs reach beyond the window, more than ${maxOutputsBeyondEnd}`,
    );
  }
  const parts: ValueId[] = [];
  if (inside > 0) {
    const value = pooled(site, operation, covered, inside);
    parts.push(builder.pad(name, value, 0, count - inside));
  }
  for (let at = inside; at < count; at += 1) {
    const start = at * span.stride - span.before;
    const first = start + Math.max(0, Math.ceil(-start / span.dilation)) * span.dilation;
    const rest = builder.crop(name, input.value, first, steps - first);
    const taken = everyOther(site, rest, { steps: steps - first, size: input.size }, span.dilation);
    const value = addGlobalPool(site, operation, { value: taken, size: input.size, mask: null });
    parts.push(builder.pad(name, value, at, count - 1 - at));
  }
  const [first] = parts;
  if (first === undefined || parts.length === 1) {
    return first ?? input.value;
  }
  const output = builder.value(input.size, count);
  builder.add({
    kind: 'merge',
    layer: name,
    input: first,
    inputs: parts,
    operation: 'add',
    output,
  });
  return output;
}

/** The first of each `apart` steps, which a pool of one step with that stride gives. */
function everyOther(
  { name, builder }: Site,
  value: ValueId,
  { steps, size }: { readonly steps: number; readonly size: number },
  apart: number,
): ValueId {
  if (apart === 1) {
    return value;
  }
  const output = builder.value(size, Math.ceil(steps / apart));
  builder.add({
    kind: 'pool',
    layer: name,
    input: value,
    output,
    operation: 'maximum',
    size: 1,
    stride: apart,
    dilation: 1,
    padBefore: 0,
    historyOffset: builder.reserveState(name, 'history', 0),
    countOffset: builder.reserveState(name, 'counter', 1),
    seenOffset: null,
  });
  return output;
}
