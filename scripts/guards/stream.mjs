/** Guards of `src/stream/`. */
export const guards = [
  {
    guard: 'an output of NaN that a smaller error of the same row would hide',
    file: 'dist/stream/case-row.js',
    from: /if \(Number\.isNaN\(error\)\)/,
    to: 'if (false)',
    tests: 'build/test/stream/case-row.test.js',
    test: 'NaN is an error that no other hides',
  },
  {
    guard: 'the stop that is heard while a case is stepped',
    file: 'dist/stream/verification.js',
    from: /signal\?\.throwIfAborted\(\);/,
    to: '',
    tests: 'build/test/agent/prepared-stream.test.js',
    test: 'hears while it steps a case that it is to stop',
  },
  {
    guard: 'the tolerance that weights are chosen by',
    file: 'dist/stream/weight-choice.js',
    from: /if \(ok\)/,
    to: 'if (true)',
    tests: 'build/test/stream/weight-choice.test.js',
    test: 'is the fastest that is within the tolerance of the case',
  },
  {
    guard: 'names of engines and formats that there are',
    file: 'dist/stream/model-stream.js',
    from: /if \(!known\.includes\(given\)\)/,
    to: 'if (false)',
    tests: 'build/test/stream/library.test.js',
    test: 'takes no name that there is not for another one',
  },
];
