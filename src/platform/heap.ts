/**
 * Gives back to the system what the start of the process has left in JavaScript's heap, mostly the generation of
 * the young objects, which V8 grew for the loading of modules: some 10 MB, which it gives back by itself half a minute
 * later. It costs a tenth of a second of CPU, so that it is for processes that are about to load what is large.
 *
 * Only the collector for low memory shrinks the heap, and the inspector is the one documented way to it.
 */
export async function shrinkHeap(): Promise<void> {
  try {
    const { Session } = await import('node:inspector/promises');
    const session = new Session();
    session.connect();
    await session.post('HeapProfiler.collectGarbage');
    session.disconnect();
  } catch {
    // A Node that was built without the inspector keeps its heap as it is.
  }
}
