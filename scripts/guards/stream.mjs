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
];
