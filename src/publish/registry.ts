import { mqtt } from './mqtt/mqtt-entry.js';

/** Every kind of publisher there is. */
export const publishers = { mqtt };
