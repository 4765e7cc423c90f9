import { readFile } from 'node:fs/promises';
import { LstmdError } from '../base/errors.js';
import { packageFile } from '../base/package-root.js';

/** The files of the page, by the path under which they are served. The bundler makes them (scripts/package/bundle.mjs). */
export const pageFiles: ReadonlyMap<string, { readonly file: string; readonly type: string }> =
  new Map([
    ['/', { file: 'index.html', type: 'text/html; charset=utf-8' }],
    ['/dashboard.js', { file: 'dashboard.js', type: 'text/javascript; charset=utf-8' }],
    ['/dashboard.css', { file: 'dashboard.css', type: 'text/css; charset=utf-8' }],
    ['/icon.svg', { file: 'icon.svg', type: 'image/svg+xml' }],
  ]);

/**
 * Reads a file of the page.
 *
 * @throws LstmdError `config.unreadable` where it is not there, as in a clone that was never bundled
 */
export async function pageFile(file: string): Promise<string> {
  try {
    return await readFile(packageFile(`bundle/dashboard/${file}`), 'utf8');
  } catch (cause) {
    throw new LstmdError(
      'config.unreadable',
      `the dashboard's ${file} is not there: in a clone, npm run build makes it`,
      { cause },
    );
  }
}
