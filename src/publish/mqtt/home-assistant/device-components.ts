import type { Topics } from '../topics.js';
import { identifier, type Component, type StreamComponent } from './component.js';

/** The entities of the device itself, all of them for whoever looks after it. */
export function deviceComponents(
  device: string,
  topics: Topics,
  healthSeconds: number,
): StreamComponent[] {
  const diagnostic = (key: string, rest: Component): StreamComponent => ({
    id: identifier('', key),
    component: {
      ...rest,
      unique_id: `lstmd-${identifier(device)}-${identifier('', key)}`,
      state_topic: topics.health,
      entity_category: 'diagnostic',
      expire_after: 3 * Math.ceil(healthSeconds),
    },
  });
  return [
    diagnostic('pending', {
      p: 'sensor',
      name: 'records that wait',
      value_template: "{{ value_json['records']['pending'] }}",
      state_class: 'measurement',
    }),
    diagnostic('dropped', {
      p: 'sensor',
      name: 'records lost',
      value_template: "{{ value_json['records']['dropped'].values() | sum }}",
      state_class: 'total_increasing',
    }),
    diagnostic('memory', {
      p: 'sensor',
      name: 'memory',
      value_template: "{{ value_json['rssBytes'] }}",
      device_class: 'data_size',
      unit_of_measurement: 'B',
      state_class: 'measurement',
    }),
    diagnostic('uptime', {
      p: 'sensor',
      name: 'uptime',
      value_template: "{{ value_json['uptimeSeconds'] }}",
      device_class: 'duration',
      unit_of_measurement: 's',
      enabled_by_default: false,
    }),
  ];
}
