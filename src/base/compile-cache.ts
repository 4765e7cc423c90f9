import { statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';

/** Node 22.8 and later have it; the types are those of the oldest Node. */
interface CompileCaching {
  readonly builtinModules: readonly string[];
  readonly enableCompileCache?: (directory: string) => unknown;
}

/**
 * The folder for compiled code: the service's own cache directory, or one in that of the user. The code is run as it is
 * found, so that a folder which another user may have made, as one in `/tmp`, is never taken.
 *
 * @returns its path, where it may not be yet; undefined where there is none of this user
 */
export function compiledCodeFolder(environment: NodeJS.ProcessEnv): string | undefined {
  const { CACHE_DIRECTORY: serviceCache, HOME: home } = environment;
  const owned = serviceCache ?? home;
  return owned !== undefined && isOwn(owned)
    ? (serviceCache ?? join(owned, '.cache', 'lstmd'))
    : undefined;
}

/** Has Node keep what it compiles from here on, where it can, so that the next start need not compile it again. */
export function keepCompiledCode(environment: NodeJS.ProcessEnv): void {
  const folder = compiledCodeFolder(environment);
  if (folder !== undefined) {
    const caching: CompileCaching = module;
    caching.enableCompileCache?.(folder);
  }
}

function isOwn(folder: string): boolean {
  try {
    return statSync(folder).uid === process.getuid?.();
  } catch {
    // Nothing is there, or it is closed to this user.
    return false;
  }
}
