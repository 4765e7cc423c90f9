import type { z } from '../config/option-types.js';
import { mqtt } from './mqtt/mqtt.js';
import type { PublisherDefinition } from './outbox/contract/publisher-definition.js';

/** Every kind of publisher there is. A configuration has the section of one of them. */
export const publishers: readonly PublisherDefinition[] = [mqtt];

/**
 * The section of each publisher for the schema of a configuration. The only one is required; of
 * several none is, for `preparePublisher` asks for one of them. Their names are no part of the type.
 */
export const publisherSections: Record<never, z.ZodType> = Object.fromEntries(
  publishers.map(({ name, options }) => [
    name,
    publishers.length === 1 ? options : options.optional(),
  ]),
);
