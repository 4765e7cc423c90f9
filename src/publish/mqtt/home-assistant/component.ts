/** A component of a device in Home Assistant's discovery: an entity, with the options of its platform. */
export interface Component {
  /** The platform: `sensor` or `binary_sensor`. */
  readonly p: 'sensor' | 'binary_sensor';
  readonly [option: string]: unknown;
}

/** A component with the stream that it shows. */
export interface StreamComponent {
  /** Its key among the device's components, which stays. */
  readonly id: string;
  readonly component: Component;
}

/**
 * Names as one identifier of Home Assistant, of letters, digits, `_` and `-`. Other names never give the same one:
 * whatever else there is in them is written as its code.
 */
export function identifier(...names: readonly string[]): string {
  return names
    .map((name) =>
      name.replaceAll(/[^a-zA-Z0-9]/gu, (character) =>
        character === '_' ? '__' : `_${(character.codePointAt(0) ?? 0).toString(16)}_`,
      ),
    )
    .join('-');
}
