import type { StreamObserver } from '../../agent/stream-observer.js';
import type { Metrics } from './metrics.js';

/** Observes what the metrics tell of a stream and the agent does not count. */
export function observedStream(metrics: Metrics, stream: string): StreamObserver {
  const { lastSampleSeconds, gapSeconds } = metrics;
  const steps = metrics.stepSeconds.labels(stream);
  const lastSample = lastSampleSeconds.labels(stream);
  lastSample.set(Date.now() / 1000);
  return {
    stepped: (_block, _result, stepMs) => {
      steps.observe(stepMs / 1000);
      lastSample.set(Date.now() / 1000);
    },
    gap: ({ lengthMs, reason }) => {
      if (Number.isFinite(lengthMs)) {
        gapSeconds.observe({ stream, reason }, lengthMs / 1000);
      }
    },
    record: () => {},
  };
}
