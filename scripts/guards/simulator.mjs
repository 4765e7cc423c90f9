/** Guards of `src/simulator/`. */
export const guards = [
  {
    guard: 'garbage at another baud',
    file: 'dist/simulator/faults/wire.js',
    from: /this\.#sentBaud === undefined \|\| this\.#sentBaud === readBaud/,
    to: 'true',
    tests: 'build/test/simulator/faults/faults.test.js',
    test: 'garble what is read at another rate',
  },
  {
    guard: 'a fleet takes its retained messages away',
    file: 'dist/commands/simulate/fleet-action.js',
    from: /await clearRetained\(/,
    to: 'await (async () => {})(',
    tests: 'build/test/commands/simulate/fleet.test.js',
    test: 'a fleet publishes as its daemons would',
  },
];
