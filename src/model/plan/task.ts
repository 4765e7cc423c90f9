/**
 * A model's task: what its numbers are for, which decides what is published of them.
 *
 * - `classify`: probabilities of classes.
 * - `regress`: values, such as a speed or a remaining life.
 * - `reconstruct`: the window that went in, given back (an autoencoder): the error is a score.
 * - `forecast`: the samples that come next.
 */
export const tasks = ['classify', 'regress', 'reconstruct', 'forecast'] as const;
export type Task = (typeof tasks)[number];
