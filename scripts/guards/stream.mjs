/** Guards of `src/stream/`. */
export const guards = [
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
];
