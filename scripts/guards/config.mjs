/** Guards of `src/config/`. */
export const guards = [
  {
    guard: 'the folder of a relative recording',
    file: 'dist/config/paths.js',
    from: /if \(recording !== undefined\)/,
    to: 'if (false)',
    tests: 'build/test/e2e/record.test.js',
    test: 'is a link, whose file is taken from the folder',
  },
  {
    guard: 'the refusal of an option that a link does not have',
    file: 'dist/config/link-faults.js',
    from: /owners\.length === 0 \|\| owners\.includes\(own\)/,
    to: 'true',
    tests: 'build/test/config/decoder-options.test.js',
    test: 'refuses an option that its link does not have',
  },
  {
    guard: 'the refusal of a scale that converts once more',
    file: 'dist/config/unit-faults.js',
    from: /if \(Math\.abs\(scale \/ factor - 1\) < sameFactor\)/,
    to: 'if (false)',
    tests: 'build/test/config/units.test.js',
    test: 'make a scale that does the same the line to delete',
  },
  {
    guard: 'bound of aliases in a configuration',
    file: 'dist/config/load-config.js',
    from: /throw invalidConfig\(file, \[messageOf\(error\)\]\);/,
    to: 'throw error;',
    tests: 'build/test/fuzz/fuzz.test.js',
    test: 'config: refuses aliases of aliases',
  },
  {
    guard: 'the words of an option before those of all',
    file: 'dist/config/parsed-options.js',
    from: /error: issueWords/,
    to: 'error: () => "other words"',
    tests: 'build/test/config/load-config.test.js',
    test: 'says what a value must be in the words of all other faults',
  },
];
