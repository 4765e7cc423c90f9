import { path, z } from '../../../config/option-types.js';
import { secretFaults } from '../../../mqtt-client/secrets.js';
import { feedSecrets } from './feed-secrets.js';

/** How samples are fetched from a broker: the names and meanings are those of the section `mqtt`. */
export const feedOptions = {
  maxStreams: z
    .int()
    .positive()
    .max(4096)
    .optional()
    .describe('Of a topic with +, which is a stream for each device: how many at most; default 64'),
  shard: z
    .strictObject({
      number: z.int().positive().describe('The part that this box takes, from 1'),
      of: z.int().min(2).max(1024).describe('How many boxes share the devices'),
    })
    .refine(({ number, of }) => number <= of, {
      message: 'must not be above of',
      path: ['number'],
    })
    .optional()
    .describe(
      'Of a topic with +: this box takes only its part of the devices, by their names, and each other box another part',
    ),
  mqtt: z
    .strictObject({
      username: z.string().min(1).optional().describe('The name that the broker knows us by'),
      passwordFile: path.optional().describe('Read at each connection'),
      ca: path
        .optional()
        .describe('PEM file of the authority that signed the broker, read at each connection'),
      cert: path.optional().describe('PEM file of the client certificate, read at each connection'),
      key: path.optional().describe('PEM file of its key'),
      clientId: z
        .string()
        .min(1)
        .max(65535)
        .optional()
        .describe('Default: a new one for each connection; never that of the publisher'),
      protocol: z.enum(['5', '3.1.1']).default('3.1.1').describe('Every broker has 3.1.1'),
      qos: z
        .union([z.literal(0), z.literal(1)])
        .default(1)
        .describe('The most that is asked for: a message has the lower one of this and its own'),
      keepaliveSeconds: z
        .int()
        .positive()
        .max(60)
        .default(30)
        .describe('A ping is sent after so long a silence'),
      messages: z
        .enum(['whole', 'pieces'])
        .default('whole')
        .describe(
          'whole: each message ends with a line or frame; pieces: they are one stream of bytes, cut anywhere',
        ),
    })
    .superRefine((mqtt, context) => {
      for (const { option, message } of secretFaults(feedSecrets(mqtt), mqtt.username)) {
        context.addIssue({ code: 'custom', path: [option], message });
      }
    })
    .prefault({})
    .describe('Of a sensor at a broker: who fetches its samples there, and how'),
};

export type FeedSection = z.output<typeof feedOptions.mqtt>;
