import type { HealthSources } from '../../agent/device-health.js';
import { packageVersion } from '../../base/version.js';
import type { Family } from './family.js';

function ofDevice(
  type: Family<HealthSources>['type'],
  name: string,
  help: string,
  value: (sources: HealthSources) => number | null | undefined,
): Family<HealthSources> {
  return {
    type,
    name,
    help,
    labels: [],
    report: (sources, report) => {
      const found = value(sources);
      if (found !== undefined && found !== null) {
        report(found);
      }
    },
  };
}

const microsecond = 1e-6;

/** The process, its records on the way to the broker, and its clock. */
export const deviceFamilies: readonly Family<HealthSources>[] = [
  {
    type: 'gauge',
    name: 'lstmd_build_info',
    help: 'The version that runs; always 1.',
    labels: ['version', 'node'],
    report: (_, report) => report(1, packageVersion(), process.versions.node),
  },
  ofDevice('gauge', 'lstmd_streams', 'Streams that run.', ({ streams }) => streams.length),
  ofDevice(
    'counter',
    'lstmd_records_produced_total',
    'Records that were made, over all starts.',
    ({ outbox }) => outbox.stats.produced,
  ),
  ofDevice(
    'counter',
    'lstmd_records_delivered_total',
    'Records that the broker has acknowledged, over all starts.',
    ({ outbox }) => outbox.stats.delivered,
  ),
  {
    type: 'counter',
    name: 'lstmd_records_dropped_total',
    help: 'Records that were given up, by reason, over all starts.',
    labels: ['reason'],
    report: ({ outbox }, report) => {
      for (const [reason, count] of Object.entries(outbox.stats.dropped)) {
        report(count, reason);
      }
    },
  },
  ofDevice(
    'gauge',
    'lstmd_outbox_records',
    'Records that wait or are in flight.',
    ({ outbox }) => outbox.pending,
  ),
  ofDevice(
    'gauge',
    'lstmd_outbox_in_flight_records',
    'Records that were sent and not yet acknowledged.',
    ({ outbox }) => outbox.stats.inFlight,
  ),
  ofDevice(
    'gauge',
    'lstmd_outbox_memory_bytes',
    'Bytes of the records in memory.',
    ({ outbox }) => outbox.stats.bytes,
  ),
  ofDevice(
    'gauge',
    'lstmd_outbox_disk_records',
    'Records on disk.',
    ({ outbox }) => outbox.stats.disk?.records,
  ),
  ofDevice(
    'gauge',
    'lstmd_outbox_disk_bytes',
    'Bytes of the files of records.',
    ({ outbox }) => outbox.stats.disk?.bytes,
  ),
  ofDevice(
    'counter',
    'lstmd_outbox_disk_written_bytes_total',
    'Bytes of records written to disk.',
    ({ outbox }) => outbox.stats.disk?.bytesWritten,
  ),
  ofDevice(
    'counter',
    'lstmd_outbox_disk_failures_total',
    'Writes of records to disk that failed.',
    ({ outbox }) => outbox.stats.disk?.failures,
  ),
  ofDevice(
    'gauge',
    'lstmd_broker_connected',
    'Whether records can be delivered now.',
    ({ publisher }) => Number(publisher.stats.connected),
  ),
  ofDevice(
    'counter',
    'lstmd_broker_connects_total',
    'Connections to the broker.',
    ({ publisher }) => publisher.stats.connects,
  ),
  ofDevice(
    'counter',
    'lstmd_broker_refusals_total',
    'How often the broker has refused something.',
    ({ publisher }) => publisher.stats.refusals,
  ),
  ofDevice(
    'gauge',
    'lstmd_clock_confirmed',
    'Whether there is a reason to believe the wall clock.',
    ({ clock }) => Number(clock.confirmed),
  ),
  ofDevice(
    'counter',
    'lstmd_clock_steps_total',
    'How often the wall clock was set.',
    ({ clock }) => clock.steps,
  ),
  ofDevice(
    'counter',
    'process_cpu_seconds_total',
    'User and system CPU time of the process.',
    () => microsecond * (process.cpuUsage().user + process.cpuUsage().system),
  ),
  ofDevice('gauge', 'process_resident_memory_bytes', 'Resident memory of the process.', () =>
    process.memoryUsage.rss(),
  ),
  ofDevice(
    'gauge',
    'process_start_time_seconds',
    'When the process began, seconds of the epoch by the clock of now.',
    () => Date.now() / 1000 - process.uptime(),
  ),
];
