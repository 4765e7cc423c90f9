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
  {
    guard: 'what a broker sends before anybody listens',
    file: 'dist/mqtt-client/broker-socket.js',
    from: /return socket\.pause\(\)/,
    to: 'return socket',
    tests: 'build/test/mqtt-client/broker-socket.test.js',
    test: 'a connection with one buffer reads nothing before it is asked to, and each piece into that buffer',
  },
];
