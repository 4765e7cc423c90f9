import type { StepBuilder } from './step-builder.js';
import type { WindowBuilder } from './window-builder.js';

/** The builder that a layer adds its operations to, which are of one step or over a whole window. */
export type PlanBuilder = StepBuilder | WindowBuilder;
