import { packageVersion } from '../../base/version.js';
import type { Family, MetricSources, Value } from './family.js';

function ofDevice(name: string, help: string, value: (sources: MetricSources) => Value): Family {
  return { name, help, labels: [], report: (sources, report) => report(value(sources)) };
}

const microsecond = 1e-6;

/** The process, its records on the way to the broker, and its clock. */
export const deviceFamilies: readonly Family[] = [
  {
    name: 'lstmd_build_info',
    help: 'The version that runs; always 1.',
    labels: ['version', 'node'],
    report: (_, report) => report(1, packageVersion(), process.versions.node),
  },
  ofDevice('lstmd_streams', 'Streams that run.', ({ streams }) => streams.length),
  ofDevice(
    'lstmd_records_produced_total',
    'Records that were made, over all starts.',
    ({ outbox }) => outbox.stats.produced,
  ),
  ofDevice(
    'lstmd_records_delivered_total',
    'Records that the broker has acknowledged, over all starts.',
    ({ outbox }) => outbox.stats.delivered,
  ),
  {
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
    'lstmd_outbox_records',
    'Records that wait or are in flight.',
    ({ outbox }) => outbox.pending,
  ),
  ofDevice(
    'lstmd_outbox_in_flight_records',
    'Records that were sent and not yet acknowledged.',
    ({ outbox }) => outbox.stats.inFlight,
  ),
  ofDevice(
    'lstmd_outbox_memory_bytes',
    'Bytes of the records in memory.',
    ({ outbox }) => outbox.stats.bytes,
  ),
  ofDevice(
    'lstmd_outbox_disk_records',
    'Records on disk.',
    ({ outbox }) => outbox.stats.disk?.records,
  ),
  ofDevice(
    'lstmd_outbox_disk_bytes',
    'Bytes of the files of records.',
    ({ outbox }) => outbox.stats.disk?.bytes,
  ),
  ofDevice(
    'lstmd_outbox_disk_written_bytes_total',
    'Bytes of records written to disk.',
    ({ outbox }) => outbox.stats.disk?.bytesWritten,
  ),
  ofDevice(
    'lstmd_outbox_disk_failures_total',
    'Writes of records to disk that failed.',
    ({ outbox }) => outbox.stats.disk?.failures,
  ),
  ofDevice('lstmd_broker_connected', 'Whether records can be delivered now.', ({ publisher }) =>
    Number(publisher.stats.connected),
  ),
  ofDevice(
    'lstmd_broker_connects_total',
    'Connections to the broker.',
    ({ publisher }) => publisher.stats.connects,
  ),
  ofDevice(
    'lstmd_broker_refusals_total',
    'How often the broker has refused something.',
    ({ publisher }) => publisher.stats.refusals,
  ),
  ofDevice(
    'lstmd_clock_confirmed',
    'Whether there is a reason to believe the wall clock.',
    ({ clock }) => Number(clock.confirmed),
  ),
  ofDevice(
    'lstmd_clock_steps_total',
    'How often the wall clock was set.',
    ({ clock }) => clock.steps,
  ),
  ofDevice(
    'process_cpu_seconds_total',
    'User and system CPU time of the process.',
    () => microsecond * (process.cpuUsage().user + process.cpuUsage().system),
  ),
  ofDevice('process_resident_memory_bytes', 'Resident memory of the process.', () =>
    process.memoryUsage.rss(),
  ),
  ofDevice(
    'process_start_time_seconds',
    'When the process began, seconds of the epoch by the clock of now.',
    () => Date.now() / 1000 - process.uptime(),
  ),
];
