/** Guards of `src/detection/`. */
export const guards = [
  {
    guard: 'the doubt in numbers without names that show no gravity',
    file: 'dist/detection/confidence.js',
    from: /candidate\.isUnnamed && !hasGravity/,
    to: 'false',
    tests: 'build/test/detection/find-formats.test.js',
    test: 'is only likely of numbers without names or gravity',
  },
  {
    guard: 'the doubt in one number a line and in numbers that never change',
    file: 'dist/detection/csv-candidates.js',
    from: /return 0\.4;/,
    to: 'return 0.97;',
    tests: 'build/test/detection/find-formats.test.js',
    test: 'is never sure of what only looks like rows',
  },
  {
    guard: 'the tag of a sentence in the places of its axes',
    file: 'dist/detection/csv-candidates.js',
    from: /\(n\) => n \+ before/,
    to: '(n) => n',
    tests: 'build/test/commands/init/axis-choice.test.js',
    test: 'are read of csv:nmea',
  },
];
