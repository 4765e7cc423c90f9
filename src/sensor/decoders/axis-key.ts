/** How firmwares and people call the axes of an inertial sensor, without case, blanks and signs between. */
const spellings: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^(?:linear)?(?:acceleration|accelerometer|accel|acc|a)?([xyz])$/, 'a'],
  [/^(?:gyroscope|gyro|gyr|g|rotation|rot|angularvelocity|angularrate|rate|w)([xyz])$/, 'g'],
  [/^(?:magnetometer|magnetic|mag|m|h)([xyz])$/, 'm'],
  [/^(?:temperature|temp|t)$/, 'temp'],
];

/** The name by which two spellings of one axis are the same: `Accel X`, `accX` and `x` are `ax`. */
export function axisKey(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  for (const [pattern, prefix] of spellings) {
    const match = pattern.exec(plain);
    if (match !== null) {
      return `${prefix}${match[1] ?? ''}`;
    }
  }
  return plain;
}

/** The ways in which sensors print the name of an axis, in lower case; its own name is the first. */
export function spellingsOf(name: string): string[] {
  const own = name.toLowerCase();
  const key = axisKey(name);
  const match = /^([agm])([xyz])$/.exec(key);
  if (match === null) {
    return [own];
  }
  const [, quantity = '', axis = ''] = match;
  const words: Readonly<Record<string, readonly string[]>> = {
    a: ['', 'a', 'acc', 'accel', 'acceleration'],
    g: ['g', 'gyr', 'gyro', 'rotation'],
    m: ['m', 'mag', 'magnetic'],
  };
  const others = (words[quantity] ?? []).flatMap((word) =>
    word === ''
      ? [axis]
      : [`${word}${axis}`, `${word}_${axis}`, `${word}.${axis}`, `${word} ${axis}`],
  );
  return [...new Set([own, ...others])];
}
