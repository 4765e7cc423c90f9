import { schemeOf } from '../../config/option-types.js';
import type { LinkDefinition, LinkSection } from './definition.js';
import type { Link } from './link.js';
import { stdin } from './pipe/stdin.js';
import { recording } from './recording/recording.js';
import { serial } from './serial/serial.js';
import { rfc2217 } from './tcp/rfc2217.js';
import { tcp } from './tcp/tcp.js';

/** Every kind of link; the scheme of `sensor.link` says which it is. */
export const links: readonly LinkDefinition[] = [serial, tcp, rfc2217, stdin, recording];

/** The link that a `sensor` section names; the schema lets no unknown scheme pass. */
export function createLink(section: LinkSection): Link {
  const scheme = schemeOf(section.link);
  const definition = links.find(({ schemes }) => schemes.includes(scheme));
  if (definition === undefined) {
    throw new Error(`there is no link for ${section.link}`);
  }
  return definition.create(section);
}
