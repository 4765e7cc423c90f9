/** Guards of `src/engine/`. */
export const guards = [
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
];
