import { schemeOf } from '../../config/option-types.js';
import type { LinkDefinition, LinkFile, LinkSection } from './definition.js';
import type { DeviceLinks } from './device-links.js';
import type { Link } from './link.js';
import { mqtt } from './mqtt/mqtt.js';
import { stdin } from './pipe/stdin.js';
import { recording } from './recording/recording.js';
import { serial } from './serial/serial.js';
import { rfc2217 } from './tcp/rfc2217.js';
import { tcp } from './tcp/tcp.js';

/** Every kind of link; the scheme of `sensor.link` says which it is. */
export const links: readonly LinkDefinition[] = [serial, tcp, rfc2217, stdin, mqtt, recording];

/** The link that a `sensor` section names; the schema lets no unknown scheme pass. */
export function createLink(section: LinkSection): Link {
  return definitionOf(section).create(section);
}

/** Returns whether a `sensor` section is a template: a stream for each device that its link finds. */
export function isTemplate(section: LinkSection): boolean {
  return definitionOf(section).isTemplate?.(section.link) === true;
}

/** Returns whether nothing can be sent over the link of a section. */
export function isReadOnly(section: LinkSection): boolean {
  return definitionOf(section).isReadOnly === true;
}

/** The links of the devices of a template. */
export function createDeviceLinks(section: LinkSection): DeviceLinks {
  const devices = definitionOf(section).devices?.(section);
  if (devices === undefined) {
    throw new Error(`${section.link} is of one device`);
  }
  return devices;
}

/** The files that the link of a section reads. */
export function linkFiles(section: LinkSection): readonly LinkFile[] {
  return definitionOf(section).files?.(section) ?? [];
}

/** Returns what keeps a link from working on this machine; undefined where nothing does. */
export async function checkLink(section: LinkSection): Promise<string | undefined> {
  return definitionOf(section).check?.(section);
}

/** A `sensor` section without what is for other kinds of link alone: the defaults of all stand in every section. */
export function ownSection(section: LinkSection): Readonly<Record<string, unknown>> {
  const own = definitionOf(section);
  const isForeign = (option: string): boolean =>
    !(option in own.options) && links.some(({ options }) => option in options);
  return Object.fromEntries(Object.entries(section).filter(([option]) => !isForeign(option)));
}

function definitionOf(section: LinkSection): LinkDefinition {
  const scheme = schemeOf(section.link);
  const definition = links.find(({ schemes }) => schemes.includes(scheme));
  if (definition === undefined) {
    throw new Error(`there is no link for ${section.link}`);
  }
  return definition;
}
