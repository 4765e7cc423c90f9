import type { z } from '../../../config/option-types.js';
import type { PayloadFormat } from '../../prediction/stream-outline.js';
import type { Qos } from '../../prediction/record.js';
import type { OutboxSection } from './options.js';
import type { Publisher, PublisherContext } from './publisher.js';

/** The options that the section of every publisher holds beside its own. */
export interface PublisherSection {
  /** QoS of the records; default 1. */
  readonly qos?: Qos | undefined;
  readonly outbox: OutboxSection;
}

/** Holds what was found at the other side, for people. */
export interface Probe {
  readonly detail: string;
  /** The way out, where it works now and will not one day. */
  readonly fix?: string | undefined;
}

/** An option that names the file of a secret. */
export interface SecretOption {
  readonly path: string;
  readonly option: string;
  /** The name by which systemd may hand the file over instead (`LoadCredential=`). */
  readonly credential: string;
}

/** A publisher whose options were looked at: all that can be known before it runs. */
export interface PreparedPublisher {
  /** The section of the configuration that asks for it. */
  readonly name: string;
  readonly qos: Qos;
  readonly outbox: OutboxSection;
  /** Makes the publisher, which does nothing before its start. */
  create(context: PublisherContext): Publisher;
  /** The hosts that it connects to. */
  readonly hosts: readonly string[];
  /** The files of secrets that its options name; default: none. */
  readonly secretFiles?: readonly SecretOption[];
  /**
   * Looks whether the other side can be reached now, and publishes nothing.
   *
   * @throws LstmdError `publish.unavailable` with what is in the way, and the way out
   */
  probe(): Promise<Probe>;
}

/** A kind of publisher that a configuration can ask for; `publish/registry.ts` lists them. */
export interface PublisherDefinition {
  /** The section of the configuration that asks for it and holds its options. */
  readonly name: string;
  /** The schema of that section. */
  readonly options: z.ZodType<PublisherSection>;
  /**
   * Looks at a section that passed the schema.
   *
   * @param device the name that tells this device's records from those of others
   * @param formats the formats that the streams ask for
   * @throws LstmdError `config.invalid` for options that cannot work, and files that cannot be read
   */
  prepare(
    section: unknown,
    device: string,
    formats: readonly PayloadFormat[],
  ): Promise<PreparedPublisher>;
}

/**
 * Declares a publisher: its section in the configuration, its options, and how it is made from them.
 *
 * @param definition `prepare` reads the files that the options name, and returns what makes the publisher
 */
export function definePublisher<Schema extends z.ZodType<PublisherSection>>(definition: {
  readonly name: string;
  readonly options: Schema;
  readonly prepare: (
    options: z.output<Schema>,
    device: string,
    formats: readonly PayloadFormat[],
  ) => Promise<Pick<PreparedPublisher, 'create' | 'hosts' | 'probe' | 'secretFiles'>>;
}): PublisherDefinition {
  const { name, options } = definition;
  return {
    name,
    options,
    async prepare(section, device, formats) {
      // A section is read again here: whoever chose it knows no more than its name.
      const own = options.parse(section);
      const prepared = await definition.prepare(own, device, formats);
      return { name, qos: own.qos ?? 1, outbox: own.outbox, ...prepared };
    },
  };
}
