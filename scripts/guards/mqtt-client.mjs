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
  {
    guard: 'messages at a QoS that nobody asked for',
    file: 'dist/mqtt-client/asked-packets.js',
    from: /qos <= largestAskedQos && /,
    to: '',
    tests: 'build/test/publish/mqtt/hostile-broker.test.js',
    test: 'sends what was subscribed to at QoS 2',
  },
];
