import type { Random } from './random.js';

export const activities = ['stationary', 'walking', 'running'] as const;
export type Activity = (typeof activities)[number];

export const gaitFields = [
  /** Steps of the wearer a second. */
  'stepHz',
  /** Amplitude of the trunk's smooth movement up and down, once a step; g. */
  'bounce',
  /** Height of the pulse when a foot lands, once a step; g. */
  'impact',
  /** Amplitude of the arm's swing, once in two steps; g. */
  'swing',
  /** Angle by which the swing turns the sensor, radians. */
  'tilt',
  /** Movement that belongs to no step, g. */
  'restless',
  /** Phases of the impact, the swing and its ringing within a step, radians. */
  'impactAt',
  'swingAt',
  'ringAt',
] as const;

/** The parameters of one way to move. */
export type Gait = Record<(typeof gaitFields)[number], number>;

type Range = readonly [least: number, most: number];

/** The phases, which are the same for all activities. */
const phases = { impactAt: [0.6, 2.8], swingAt: [-3, 3], ringAt: [-3, 3] } as const;

/**
 * The ranges that a gait is drawn from. They were matched to 92 recordings at 26 Hz (STMicroelectronics, stm32ai, HAR) by medians over recordings;
 * given are theirs / these, for stationary, walking, running. Standard deviation of |a| in g: 0.01, 0.34, 1.00 /
 * 0.02, 0.35, 1.05; mean of |a|: 1.02, 1.05, 1.77 / 1.00, 1.04, 1.53; 95th percentile: 1.04, 1.63,
 * 3.92 / 1.03, 1.68, 3.93; mean change of an axis from one sample to the next: 0.01, 0.12, 0.72 /
 * 0.01, 0.14, 0.66; share of the power of |a| at 1.2 to 2.3 Hz, walking: 0.74 / 0.82; above 3.4 Hz,
 * running: 0.75 / 0.41, for a real arm rings longer.
 */
const gaits: Record<Activity, Record<keyof Gait, Range>> = {
  stationary: {
    stepHz: [0, 0],
    bounce: [0, 0],
    impact: [0, 0],
    swing: [0, 0],
    tilt: [0, 0],
    restless: [0, 0.03],
    ...phases,
  },
  walking: {
    stepHz: [1.6, 2.1],
    bounce: [0.15, 0.55],
    impact: [0, 0.9],
    swing: [0.05, 0.5],
    tilt: [0.05, 0.35],
    restless: [0.03, 0.15],
    ...phases,
  },
  running: {
    stepHz: [2.4, 3.1],
    bounce: [0.4, 1.1],
    impact: [1.8, 3.6],
    swing: [0.4, 1.4],
    tilt: [0.1, 0.4],
    restless: [0.25, 0.55],
    ...phases,
  },
};

/** Draws the gait of one bout of an activity: no two bouts are alike. */
export function drawGait(activity: Activity, random: Random): Gait {
  const ranges = gaits[activity];
  const draw = (field: keyof Gait) => random.between(...ranges[field]);
  return {
    stepHz: draw('stepHz'),
    bounce: draw('bounce'),
    impact: draw('impact'),
    swing: draw('swing'),
    tilt: draw('tilt'),
    restless: draw('restless'),
    impactAt: draw('impactAt'),
    swingAt: draw('swingAt'),
    ringAt: draw('ringAt'),
  };
}
