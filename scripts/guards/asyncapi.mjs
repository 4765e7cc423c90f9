/** Guards of `src/asyncapi/`. */
export const guards = [
  {
    guard: 'the query of a WebSocket address, which may be a token',
    file: 'dist/asyncapi/servers.js',
    from: /\.replace\(\/\\\?\.\*\$\/, ''\)/,
    to: '',
    tests: 'build/test/e2e/downstream.test.js',
    test: 'lstmd describe says how records are written',
  },
];
