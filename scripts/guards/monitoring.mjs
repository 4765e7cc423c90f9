/** Guards of `src/monitoring/`. */
const endpoint = {
  file: 'dist/monitoring/http/endpoint.js',
  tests: 'build/test/monitoring/endpoint.test.js',
};
const foreign = 'no page of others is answered';

const page = {
  tests: 'build/test/dashboard/dashboard.test.js',
  test: 'the dashboard shows a live stream',
};

export const guards = [
  {
    ...endpoint,
    guard: 'the name under which a browser asks',
    from: /!isKnownHost\(host, hosts\)/,
    to: 'false',
    test: foreign,
  },
  {
    ...endpoint,
    guard: 'the origin of a page that asks',
    from: /!isOwnOrigin\(origin, host\)/,
    to: 'false',
    test: foreign,
  },
  {
    ...endpoint,
    guard: 'pages of other sites that say so',
    from: /request\.headers\['sec-fetch-site'\] === 'cross-site'/,
    to: 'false',
    test: foreign,
  },
  {
    ...endpoint,
    guard: 'the token of who reads',
    from: /route\.needsToken && !\(await access\.allows\(request\)\)/,
    to: 'false',
    test: 'counts the way of each sample',
  },
  {
    ...endpoint,
    guard: 'that the token is read anew at each request',
    file: 'dist/monitoring/http/access.js',
    from: /\(await readFile\(this\.#tokenFile, 'utf8'\)\)\.trim\(\)/,
    to: "(this.kept ??= (await readFile(this.#tokenFile, 'utf8')).trim())",
    test: 'counts the way of each sample',
  },
  {
    ...endpoint,
    guard: 'that the metrics file can be read by others',
    file: 'dist/monitoring/metrics/textfile.js',
    from: /await chmod\(unfinished, mode\);/,
    to: 'await chmod(unfinished, 0o600);',
    test: 'counts the way of each sample',
  },
  {
    ...page,
    guard: 'that a wrong token gets no cookie',
    file: 'dist/monitoring/http/access.js',
    from: /token === undefined \|\| !isSame\(given, token\)/,
    to: 'token === undefined',
  },
  {
    guard: 'that the connection which has waited longest makes room for a new one',
    file: 'dist/monitoring/http/connection-bound.js',
    from: /const \[oldest\] = this\.#idle;/,
    to: 'const oldest = socket;',
    tests: 'build/test/monitoring/endpoint.test.js',
    test: 'whoever asks is answered',
  },
];
