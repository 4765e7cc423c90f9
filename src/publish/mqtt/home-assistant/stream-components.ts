import type { PublishedMember } from '../../prediction/heads/published-member.js';
import type { StreamOutline } from '../../prediction/stream-outline.js';
import type { StreamTopics } from '../topics.js';
import { identifier, type Component, type StreamComponent } from './component.js';

/** An entity is unavailable after so many times the interval in which its values should come. */
const missedIntervals = 3;
const leastExpirySeconds = 10;

/**
 * The entities of a stream: each number and label of its predictions, each event, and how its sensor does. Their
 * values are those of the retained `now` and `health`, so that a restart of Home Assistant leaves none unknown.
 *
 * @param device name of the device
 */
export function streamComponents(
  device: string,
  stream: string,
  outline: StreamOutline,
  topics: StreamTopics,
  healthSeconds: number,
): StreamComponent[] {
  const component = (key: readonly (string | number)[], rest: Component): StreamComponent => {
    const id = identifier(stream, ...key.map(String));
    return { id, component: { ...rest, unique_id: `lstmd-${identifier(device)}-${id}` } };
  };
  const expiry = Math.max(
    leastExpirySeconds,
    Math.ceil(missedIntervals * Math.max(outline.nowSeconds, outline.periodMs / 1000)),
  );
  return [
    ...outline.members.map((member) =>
      component(member.path, {
        p: 'sensor',
        name: `${stream} ${wordsFor(member)}`,
        state_topic: topics.now,
        value_template: template(member.path, member.what),
        expire_after: expiry,
        ...shape(member),
      }),
    ),
    ...outline.events.map((event) =>
      component(['event', event], {
        p: 'binary_sensor',
        name: `${stream} ${event}`,
        state_topic: topics.now,
        // Before the first warm output there is no state, which the word None says.
        value_template: `{{ value_json['events'][${quoted(event)}] | default('None') }}`,
        payload_on: 'on',
        payload_off: 'off',
        expire_after: expiry,
      }),
    ),
    component(['connected'], {
      p: 'binary_sensor',
      name: `${stream} sensor`,
      state_topic: topics.health,
      value_template: "{{ 'ON' if value_json['connected'] else 'OFF' }}",
      device_class: 'connectivity',
      entity_category: 'diagnostic',
      expire_after: Math.ceil(missedIntervals * healthSeconds),
    }),
    component(['measuredHz'], {
      p: 'sensor',
      name: `${stream} rate`,
      state_topic: topics.health,
      value_template: "{{ value_json['measuredHz'] | default(None, true) }}",
      unit_of_measurement: 'Hz',
      device_class: 'frequency',
      state_class: 'measurement',
      entity_category: 'diagnostic',
      suggested_display_precision: 1,
      expire_after: Math.ceil(missedIntervals * healthSeconds),
    }),
  ];
}

/** Returns what an entity is called after its stream. */
function wordsFor({ what, name, path }: PublishedMember): string {
  const head = path[0] === 'heads' ? `${String(path[1])} ` : '';
  switch (what) {
    case 'probability':
    case 'value':
      return `${head}${name}`;
    case 'share':
      return `${head}share of ${name}`;
    case 'forecast':
      return `${head}next ${name}`;
    case 'error':
      return `${head}forecast error`;
    case 'label':
    case 'score':
      return `${head}${what}`;
  }
}

/** The options that say what kind of number or name it is. */
function shape({ what, units, options }: PublishedMember): Record<string, unknown> {
  switch (what) {
    case 'label':
      return { device_class: 'enum', options };
    case 'probability':
      return {
        unit_of_measurement: '%',
        state_class: 'measurement',
        suggested_display_precision: 0,
      };
    case 'share':
      return {
        unit_of_measurement: '%',
        state_class: 'measurement',
        suggested_display_precision: 0,
        enabled_by_default: false,
      };
    case 'value':
    case 'forecast':
      return {
        ...(units === undefined ? {} : { unit_of_measurement: units }),
        state_class: 'measurement',
      };
    case 'score':
    case 'error':
      return { state_class: 'measurement', suggested_display_precision: 4 };
  }
}

/** A Jinja template that takes a member out of the JSON; shares and probabilities as percent. */
function template(path: readonly (string | number)[], what: PublishedMember['what']): string {
  const member = `value_json${path.map((key) => `[${typeof key === 'number' ? key : quoted(key)}]`).join('')}`;
  if (what === 'probability' || what === 'share') {
    return `{{ (100 * ${member}) | round(1) }}`;
  }
  // The error of a forecast is there only when one is due: without it the entity stays as it was.
  return what === 'error'
    ? `{{ ${member} if 'error' in ${member.slice(0, -"['error']".length)} else this.state }}`
    : `{{ ${member} }}`;
}

/** A string in Jinja: as in Python, with what would end it escaped. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, (character) => `\\${character}`)}'`;
}
