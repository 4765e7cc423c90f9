import { positive, recordingOf, z } from '../../../config/option-types.js';
import { defineLink } from '../definition.js';
import { PlayedLink } from './played-link.js';

/** A file of `lstmd record`, whose bytes come as if its sensor were there. */
export const recording = defineLink({
  name: 'recording:FILE',
  schemes: ['recording'],
  options: {
    speed: positive
      .optional()
      .describe('Of a recording: times the time that it took; default 1, with rateHz as it was'),
    loop: z.boolean().optional().describe('Of a recording: begin again at its end'),
  },
  fault: (address) =>
    recordingOf(address) === undefined
      ? 'must name a file, as in recording:walk.rec.gz'
      : undefined,
  files: ({ link }) => [{ path: fileOf(link) }],
  create: ({ link, speed, loop }) =>
    new PlayedLink({ path: fileOf(link), speed: speed ?? 1, loop: loop ?? false }),
});

/** @param link an address that the schema has found to be good */
function fileOf(link: string): string {
  return recordingOf(link) ?? link;
}
