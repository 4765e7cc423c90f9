/** A thread that waits for what never comes. */
import { workerData } from 'node:worker_threads';
import { WorkCounter } from '#src/model/files/hdf5/work-counter.js';

const counter = new WorkCounter(workerData as SharedArrayBuffer);
counter.begin();
counter.raise();
setInterval(() => undefined, 2 ** 30);
