/** Guards of `src/base/`. */
export const guards = [
  {
    guard: 'one exit code for a file that is not there',
    file: 'dist/base/errors.js',
    from: /contentFaults\.has\(own\) && /,
    to: 'false && ',
    tests: 'build/test/e2e/exit-codes.test.js',
    test: 'ends with 66, and is named: lstmd verify',
  },
  {
    guard: 'bound of the log lines that a stream can cause',
    file: 'dist/base/repeated-line.js',
    from: /this\.#written >= this\.#burst/,
    to: 'false',
    tests: 'build/test/base/repeated-line.test.js',
    test: 'a line is written at once, then counted',
  },
  {
    guard: 'bound of the log where failures and successes take turns',
    file: 'dist/base/failure-count.js',
    from: /this\.#isReported = false;\s+this\.#sinceReportedSuccess = 0;/,
    to: '$&this.#reportedMs = -Infinity;',
    tests: 'build/test/base/failure-count.test.js',
    test: 'failures and successes that take turns are logged once a minute',
  },
];
