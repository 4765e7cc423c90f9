import { longestTimerSeconds } from '../base/longest-timer.js';
import { finite, name, positive, timerSeconds, z } from './option-types.js';

const event = z
  .strictObject({
    label: name.optional().describe('The label whose probability is watched'),
    event: name.optional().describe('Name of an event of a value, a score or an error'),
    head: z.string().min(1).optional().describe('The head, where several have such a number'),
    value: name.optional().describe('The value, of a model with several'),
    feature: name
      .optional()
      .describe("The feature whose own error is watched; default: the window's score"),
    on: finite.describe('On from here'),
    off: finite.describe(
      'Off from here: not beyond `on`, so that noise between them changes nothing',
    ),
    when: z.enum(['above', 'below']).optional().describe('Default: below where on is below off'),
    minMs: z.number().nonnegative().default(0).describe('A change counts once it has held so long'),
    origin: z.string().min(1).optional().describe('Where the thresholds are from: goes to `info`'),
  })
  .superRefine((rule, context) => {
    const fault = (at: string, message: string) =>
      context.addIssue({ code: 'custom', path: [at], message });
    const { label, on, off, when } = rule;
    if ((label === undefined) === (rule.event === undefined)) {
      context.addIssue({
        code: 'custom',
        path: [],
        message: 'must have either `label`, of a probability, or `event`, of any other number',
      });
      return;
    }
    if (label !== undefined) {
      for (const [key, value] of Object.entries({ on, off })) {
        if (value < 0 || value > 1) {
          fault(key, `is a probability, from 0 to 1, not ${value}`);
        }
      }
      for (const key of ['value', 'feature'] as const) {
        if (rule[key] !== undefined) {
          fault(key, 'is of an `event`, not of a `label`');
        }
      }
    }
    // A label is always watched `above`: the other way round it is most often a slip.
    const direction = when ?? (label === undefined && on < off ? 'below' : 'above');
    if (direction === 'above' ? off > on : off < on) {
      const message =
        direction === 'above' ? '`off` must not be above `on`' : '`off` must not be below `on`';
      context.addIssue({ code: 'custom', path: [], message });
    }
  });

/** The `publish` section of a stream: which predictions and events become records. */
export const publish = z
  .strictObject({
    every: z.int().positive().default(1).describe('Publish every n-th prediction'),
    maxHz: positive
      .optional()
      .describe('Publish at most so many predictions a second, by the times of their samples'),
    onChange: z
      .strictObject({
        band: z
          .number()
          .nonnegative()
          .describe('A probability, value or score counts as changed beyond this'),
        maxSeconds: positive
          .default(60)
          .describe('Publish after so long at the latest, changed or not'),
      })
      .optional()
      .describe('Publish predictions that differ from the one published last'),
    batch: z
      .int()
      .positive()
      .max(1000)
      .default(1)
      .describe('Predictions in one message; events go at once, by themselves'),
    batchSeconds: timerSeconds
      .default(1)
      .describe('A batch goes after so long at the latest, full or not'),
    format: z
      .enum(['json', 'cbor'])
      .default('json')
      .describe('Of predictions, events and history; what is retained is JSON'),
    events: z.array(event).default([]).describe('On and off with hysteresis'),
    steps: z
      .boolean()
      .default(false)
      .describe('Publish all steps of outputs with a time axis (sliding), not the last alone'),
    nowSeconds: z
      .number()
      .min(0)
      .max(longestTimerSeconds)
      .default(1)
      .describe(
        'Publish the last prediction and the state of the events, retained, at most this often; 0: not at all',
      ),
  })
  .prefault({})
  .describe('Which predictions and events become records');
