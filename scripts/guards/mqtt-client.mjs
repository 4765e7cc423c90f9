/** Guards of `src/mqtt-client/`. */
export const guards = [
  {
    guard: 'the words for what a broker says by an alert of TLS',
    file: 'dist/mqtt-client/broker-socket.js',
    from: /: alerts\[alert\]/,
    to: ': undefined',
    tests: 'build/test/publish/mqtt/tls.test.js',
    test: 'says so where the broker refuses its certificate and does not tell why',
  },
];
