import type { StepBuilder } from './step-builder.js';
import type { WindowBuilder } from './window-builder.js';

/** What a layer adds its operations to: those of one step, or those over a whole window. */
export type PlanBuilder = StepBuilder | WindowBuilder;
