import { path, z } from './option-types.js';

/** The commands that a device knows. */
export const commandNames = ['reset', 'checkpoint', 'thresholds', 'info', 'reload'] as const;
export type CommandName = (typeof commandNames)[number];

/** A larger model is none that a device of this kind steps in time. */
export const defaultMaxModelBytes = 67_108_864;

/** The `commands` section: what may be asked of the device over its publisher. */
export const commands = z
  .strictObject({
    allow: z
      .array(z.enum(commandNames))
      .min(1)
      .describe(
        'reset: a stream begins with an empty state; checkpoint: states go to flash now; thresholds: an event gets others until the next start; info: what a stream runs; reload: a stream goes on with another model of modelDirectory',
      ),
    modelDirectory: path
      .optional()
      .describe('Folder of the models that reload may name, each by its plain file name'),
    maxModelBytes: z
      .int()
      .positive()
      .optional()
      .describe(
        `A larger file in modelDirectory is refused; default ${defaultMaxModelBytes}, with reload`,
      ),
  })
  .superRefine(({ allow, modelDirectory, maxModelBytes }, context) => {
    const isNamed = allow.includes('reload');
    if (!isNamed && maxModelBytes !== undefined) {
      const message = 'is only for reload, which commands.allow does not name';
      context.addIssue({ code: 'custom', path: ['maxModelBytes'], message });
    }
    if (isNamed !== (modelDirectory !== undefined)) {
      const message = isNamed
        ? 'is needed for reload: the folder of the models that it may name'
        : 'is only for reload, which commands.allow does not name';
      context.addIssue({ code: 'custom', path: ['modelDirectory'], message });
    }
  })
  .optional()
  .describe(
    'Commands over the broker, on <prefix>/<device>/cmd/<name>; without this section none is heard. Whoever may write there commands the device: look at the access list of the broker',
  );
