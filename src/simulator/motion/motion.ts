import { activities, type Activity, drawGait, type Gait, gaitFields } from './gait.js';
import { Random } from './random.js';

export type { Activity } from './gait.js';

export interface MotionOptions {
  /** The same seed gives the same readings. */
  readonly seed: number;
  readonly rateHz: number;
  /** The only activity; without it the wearer changes activity every 8 to 20 s. */
  readonly activity?: Activity;
}

const limitMg = 4000;
const noiseG = 0.003;
/** Least and longest duration of an activity, and of a posture. */
const boutSeconds = [8, 20] as const;
const postureSeconds = [2, 10] as const;
/** Time constants with which the gait, the posture and the restlessness follow their goals. */
const gaitSeconds = 0.3;
const turnSeconds = 1.2;
const restlessSeconds = 0.04;
/** Sharpness of the impact, and its mean over a step, which is taken off so that gravity stays 1 g. */
const pulseSharpness = 9;
const pulseMean = 0.135;

interface Vector {
  x: number;
  y: number;
  z: number;
}

/** A wearer of a 3-axis accelerometer who stands, walks and runs. */
export class MotionModel {
  readonly #random: Random;
  readonly #periodSeconds: number;
  readonly #held: Activity | undefined;
  /** Shares of the way to its goal that gait and posture go in one sample. */
  readonly #ease: number;
  readonly #turn: number;
  readonly #restlessKept: number;
  readonly #restlessNew: number;
  #activity: Activity;
  #bouts = 0;
  /** How far to go in the list of activities at a change: 1 or 2. */
  #direction = 1;
  #boutLeftSeconds = 0;
  #postureLeftSeconds = 0;
  /** Steps since the stride began: 0 to 2. */
  #phase = 0;
  /** Strength of this step, around 1. */
  #vigour = 1;
  readonly #gait: Gait;
  #goal: Gait;
  /** Unit vectors in the sensor's axes: up, the goal that up turns to, and ahead. */
  readonly #up: Vector;
  readonly #upGoal: Vector;
  readonly #forward: Vector;
  readonly #restless: Vector = { x: 0, y: 0, z: 0 };
  /** Zero error of the sensor, g. */
  readonly #offset: Vector;

  constructor(options: MotionOptions) {
    this.#periodSeconds = 1 / options.rateHz;
    this.#held = options.activity;
    this.#random = new Random(options.seed);
    this.#ease = 1 - Math.exp(-this.#periodSeconds / gaitSeconds);
    this.#turn = 1 - Math.exp(-this.#periodSeconds / turnSeconds);
    this.#restlessKept = Math.exp(-this.#periodSeconds / restlessSeconds);
    this.#restlessNew = Math.sqrt(1 - this.#restlessKept ** 2);
    this.#activity = this.#held ?? (this.#random.uniform() < 0.5 ? 'stationary' : 'walking');
    this.#upGoal = this.#anyVector(1);
    this.#forward = this.#anyVector(1);
    this.#offset = this.#anyVector(0.015);
    this.#takePosture();
    this.#boutLeftSeconds = this.#random.between(...boutSeconds);
    this.#gait = drawGait(this.#activity, this.#random);
    this.#goal = { ...this.#gait };
    this.#up = { ...this.#upGoal };
  }

  /** The activity that the wearer has begun: a change takes about a second. */
  get activity(): Activity {
    return this.#activity;
  }

  /** Writes the next reading of x, y and z: whole mg, clipped as a sensor of +-4 g does. */
  next(out: Float32Array): void {
    this.#advance();
    const gait = this.#gait;
    const step = 2 * Math.PI * this.#phase;
    const arm = step / 2 + gait.swingAt;
    const pulse = Math.exp(pulseSharpness * (Math.cos(step - gait.impactAt) - 1)) - pulseMean;
    const impact = gait.impact * pulse;
    const swing = gait.swing * Math.sin(arm);
    const vertical = 1 + this.#vigour * (gait.bounce * Math.sin(step) + impact + 0.3 * swing);
    const ahead = this.#vigour * (swing + 0.4 * impact);
    // The arm rings after an impact: three quick swings of it in a step.
    const aside = (0.5 * gait.swing + 0.8 * impact) * Math.sin(3 * step + gait.ringAt);
    const sin = Math.sin(gait.tilt * Math.sin(arm));
    const cos = Math.cos(gait.tilt * Math.sin(arm));
    const alongUp = vertical * cos - ahead * sin;
    const alongForward = vertical * sin + ahead * cos;
    const up = this.#up;
    const forward = this.#forward;
    const offset = this.#offset;
    const restless = this.#restless;
    const sideX = up.y * forward.z - up.z * forward.y;
    const sideY = up.z * forward.x - up.x * forward.z;
    const sideZ = up.x * forward.y - up.y * forward.x;
    const x = alongUp * up.x + alongForward * forward.x + aside * sideX;
    const y = alongUp * up.y + alongForward * forward.y + aside * sideY;
    const z = alongUp * up.z + alongForward * forward.z + aside * sideZ;
    out[0] = this.#reading(x + offset.x + gait.restless * restless.x);
    out[1] = this.#reading(y + offset.y + gait.restless * restless.y);
    out[2] = this.#reading(z + offset.z + gait.restless * restless.z);
  }

  #reading(g: number): number {
    const mg = Math.round(1000 * (g + noiseG * this.#random.gaussian()));
    return Math.min(limitMg, Math.max(-limitMg, mg));
  }

  #advance(): void {
    this.#boutLeftSeconds -= this.#periodSeconds;
    if (this.#boutLeftSeconds <= 0) {
      this.#changeActivity();
    }
    this.#postureLeftSeconds -= this.#periodSeconds;
    if (this.#postureLeftSeconds <= 0) {
      this.#takePosture();
    }

    for (const field of gaitFields) {
      this.#gait[field] += this.#ease * (this.#goal[field] - this.#gait[field]);
    }
    const before = Math.floor(this.#phase);
    // A stronger step is also a quicker one.
    this.#phase += this.#periodSeconds * this.#gait.stepHz * (0.8 + 0.2 * this.#vigour);
    if (Math.floor(this.#phase) !== before) {
      this.#vigour = this.#random.between(0.8, 1.2);
    }
    // Two steps are a stride: all that is periodic repeats, and hours lose no precision.
    if (this.#phase >= 2) {
      this.#phase -= 2;
    }

    approach(this.#up, this.#upGoal, this.#turn);
    orthonormalise(this.#up, this.#forward);
    this.#restless.x = this.#restlessAfter(this.#restless.x);
    this.#restless.y = this.#restlessAfter(this.#restless.y);
    this.#restless.z = this.#restlessAfter(this.#restless.z);
  }

  #restlessAfter(value: number): number {
    return this.#restlessKept * value + this.#restlessNew * this.#random.gaussian();
  }

  /** A vector in any direction, whose components have this standard deviation. */
  #anyVector(size: number): Vector {
    const random = this.#random;
    return {
      x: size * random.gaussian(),
      y: size * random.gaussian(),
      z: size * random.gaussian(),
    };
  }

  #changeActivity(): void {
    this.#bouts += 1;
    // The first two changes go the same way round, so that three bouts show all three.
    if (this.#bouts === 1 || (this.#bouts > 2 && this.#random.uniform() < 0.4)) {
      this.#direction = this.#random.uniform() < 0.5 ? 1 : 2;
    }
    const index = activities.indexOf(this.#activity);
    this.#activity = this.#held ?? activities[(index + this.#direction) % 3] ?? 'stationary';
    this.#boutLeftSeconds = this.#random.between(...boutSeconds);
    this.#goal = drawGait(this.#activity, this.#random);
  }

  #takePosture(): void {
    this.#postureLeftSeconds = this.#random.between(...postureSeconds);
    // An arm that swings keeps its posture better than an idle hand.
    const turn = this.#activity === 'stationary' ? 0.5 : 0.15;
    approach(this.#upGoal, this.#anyVector(1), turn);
    normalise(this.#upGoal);
  }
}

/** Goes a share of the way from one vector to another, in place. */
function approach(from: Vector, to: Vector, share: number): void {
  from.x += share * (to.x - from.x);
  from.y += share * (to.y - from.y);
  from.z += share * (to.z - from.z);
}

/** Makes both of length 1 and the second square to the first. */
function orthonormalise(first: Vector, second: Vector): void {
  normalise(first);
  const along = first.x * second.x + first.y * second.y + first.z * second.z;
  second.x -= along * first.x;
  second.y -= along * first.y;
  second.z -= along * first.z;
  normalise(second);
}

function normalise(vector: Vector): void {
  const length = Math.hypot(vector.x, vector.y, vector.z);
  vector.x /= length;
  vector.y /= length;
  vector.z /= length;
}
