/** A thread that never yields, as the library does in some damaged files. */
import { workerData } from 'node:worker_threads';
import { WorkCounter } from '#src/model/files/hdf5/work-counter.js';

const counter = new WorkCounter(workerData as SharedArrayBuffer);
counter.begin();
counter.raise();
for (;;) {
  // It works, and comes no further.
}
