/** Guards of `src/observe/`. */
export const guards = [
  {
    guard: 'the priorities in the journal',
    file: 'dist/observe/process-log.js',
    from: /isStderrJournal\(\) \?/,
    to: 'false ?',
    tests: 'build/test/e2e/journal.test.js',
    test: 'lines for the journal begin with their priority',
  },
];
