import { statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';

/** Node 22.8 and later have it; the types are those of the oldest Node. */
interface CompileCaching {
  readonly builtinModules: readonly string[];
  readonly enableCompileCache?: (directory: string) => unknown;
}

/**
 * Has Node keep what it compiles from here on, where it can, so that the next start need not compile it again. The
 * code lies in the service's own cache directory, or in that of the user. It is run as it is found, so that a folder
 * which another user may have made, as one in `/tmp`, is never taken.
 */
export function keepCompiledCode(environment: NodeJS.ProcessEnv): void {
  const { CACHE_DIRECTORY: serviceCache, HOME: home } = environment;
  const owned = serviceCache ?? home;
  if (owned !== undefined && isOwn(owned)) {
    const caching: CompileCaching = module;
    caching.enableCompileCache?.(serviceCache ?? join(owned, '.cache', 'lstmd'));
  }
}

function isOwn(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.();
}
