/** Guards of `src/drift/`. */
export const guards = [
  {
    guard: 'that a drift must last',
    file: 'dist/drift/drift-verdict.js',
    from: /this\.#beyond >= this\.#limits\.windows/,
    to: 'this.#beyond >= 1',
    tests: 'build/test/drift/drift.test.js',
    test: 'a drift begins once it has lasted',
  },
  {
    guard: 'that a reference is of the model',
    file: 'dist/agent/drift-reference.js',
    from: /reference\.modelSha256 !== plan\.sha256/,
    to: 'false',
    tests: 'build/test/monitoring/drift.test.js',
    test: 'a stream that is no longer as in the reference',
  },
];
