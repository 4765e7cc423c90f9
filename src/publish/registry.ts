import { mqtt } from './mqtt/mqtt.js';
import type { PublisherDefinition } from './outbox/contract/publisher-definition.js';

/** Every kind of publisher there is. A configuration has the section of one of them. */
export const publishers: readonly PublisherDefinition[] = [mqtt];

/**
 * The sections of the publishers for the schema of a configuration. A single one is required; of several
 * none is, for `preparePublisher` asks for one of them.
 *
 * @returns an object whose type names no section: what is in a section its publisher alone knows
 */
export function publisherSections() {
  const sections = {};
  for (const { name, options } of publishers) {
    const section = publishers.length === 1 ? options : options.optional();
    Object.assign(sections, { [name]: section });
  }
  return sections;
}
