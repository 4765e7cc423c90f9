/** Guards of `src/engine/`. */
export const guards = [
  {
    guard: 'TensorFlow.js is tried in a process of its own',
    file: 'dist/engine/engine-report.js',
    from: /if \(name === 'tfjs'\)/,
    to: 'if (false)',
    tests: 'build/test/e2e/load-memory.test.js',
    test: 'loading a model takes little more memory',
  },
  {
    guard: 'weights that share memory are not taken',
    file: 'dist/engine/native/native-engine.js',
    from: /&& areApart\(weights\)/,
    to: '',
    tests: 'build/test/engine/native/taken-weights.test.js',
    test: 'weights that share memory are not taken',
  },
  {
    guard: 'the look at weights that were taken',
    file: 'dist/engine/create-engine.js',
    from: /checkWeights\(program\);/,
    to: '',
    tests: 'build/test/engine/native/taken-weights.test.js',
    test: 'a plan whose weights were taken makes no other engine',
  },
  {
    guard: 'a state belongs to what flows into each input',
    file: 'dist/engine/program/program.js',
    from: /inputs\.length > 1 \|\| Object\.keys\(constants\)\.length > 0/,
    to: 'false',
    tests: 'build/test/engine/program.test.js',
    test: 'the layout hash tells every layout from every other, and not the weights',
  },
  {
    guard: 'the size of a state that a stepper is to go on from',
    file: 'dist/engine/stepper.js',
    from: /saved\.length !== stateSize/,
    to: 'false',
    tests: 'build/test/engine/many-streams.test.js',
    test: 'a state is that of one of the streams, and has the floats of the program',
  },
];
