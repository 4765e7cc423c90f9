import { printableText } from '../../base/printable-text.js';
import { durationText } from '../terminal/duration-text.js';
import { dim } from '../terminal/screen.js';
import { table } from '../terminal/table.js';
import type { BrokerView } from './broker-view.js';
import type { StreamRow } from './stream-row.js';

const heading = [
  'device',
  'status',
  'stream',
  'says',
  'last seconds',
  'per s',
  'last',
  'missing',
  'events on',
];

/** The view as lines: a heading, a row for each stream, and what else there is to say. Names are another's text. */
export function viewLines(view: BrokerView): string[] {
  const { rows, devices, malformed, beyond } = view;
  const cells = rows.map((row) => cellsOf(row, view.statusOf(row.device)));
  const [head = '', ...lines] = table([heading, ...cells]);
  const more = [
    `${devices} ${devices === 1 ? 'device' : 'devices'}, ${rows.length} ${rows.length === 1 ? 'stream' : 'streams'}`,
    ...(malformed > 0 ? [`${malformed} payloads that are none of lstmd's`] : []),
    ...(beyond > 0 ? [`${beyond} messages of more streams than there is room for`] : []),
  ];
  return [dim(head), ...lines, more.join('; ')];
}

function cellsOf(row: StreamRow, status: string): string[] {
  const { device, stream, spoken, sparkline, rateHz, missing, eventsOn } = row;
  const ageMs = row.ageMs();
  return [
    device,
    status,
    stream,
    spoken === undefined ? '-' : `${spoken.name} ${Number(spoken.value.toPrecision(4))}`,
    sparkline,
    rateHz === undefined ? '-' : rateHz.toFixed(1),
    ageMs === undefined ? '-' : ageMs < 2000 ? 'now' : durationText(ageMs),
    String(missing),
    [...eventsOn].join(', '),
  ].map((cell) => printableText(cell).replaceAll('\n', ' '));
}

/** The view as JSON, an object a line for each stream. */
export function viewJson(view: BrokerView): string[] {
  return view.rows.map((row) =>
    JSON.stringify({
      device: row.device,
      status: view.statusOf(row.device),
      stream: row.stream,
      says: row.spoken === undefined ? null : { name: row.spoken.name, value: row.spoken.value },
      perSecond: row.rateHz ?? null,
      received: row.received,
      missing: row.missing,
      eventsOn: [...row.eventsOn],
    }),
  );
}
