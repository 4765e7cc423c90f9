/**
 * The guards of what is promised (an fsync, a checksum, a bound), room by room. Each is an object:
 *
 *   guard   its name, in a few words
 *   file    the compiled file that it stands in, in which
 *   from    a pattern matches it, and nothing else,
 *   to      and this stands in its place when it is taken out
 *   tests   the compiled file of tests,
 *   test    of which the test whose name begins so fails without the guard
 *   long    true where that test runs only with LSTMD_LONG
 */
import { guards as base } from './base.mjs';
import { guards as platform } from './platform.mjs';
import { guards as config } from './config.mjs';
import { guards as mqttClient } from './mqtt-client.mjs';
import { guards as sensor } from './sensor.mjs';
import { guards as sensorDecoders } from './sensor-decoders.mjs';
import { guards as detection } from './detection.mjs';
import { guards as simulator } from './simulator.mjs';
import { guards as model } from './model.mjs';
import { guards as engine } from './engine.mjs';
import { guards as state } from './state.mjs';
import { guards as stream } from './stream.mjs';
import { guards as publishPrediction } from './publish-prediction.mjs';
import { guards as publishOutbox } from './publish-outbox.mjs';
import { guards as publishMqtt } from './publish-mqtt.mjs';
import { guards as observe } from './observe.mjs';
import { guards as agent } from './agent.mjs';
import { guards as drift } from './drift.mjs';
import { guards as asyncapi } from './asyncapi.mjs';
import { guards as monitoring } from './monitoring.mjs';
import { guards as commands } from './commands.mjs';

export const guards = [
  ...base,
  ...platform,
  ...config,
  ...mqttClient,
  ...sensor,
  ...sensorDecoders,
  ...detection,
  ...simulator,
  ...model,
  ...engine,
  ...state,
  ...stream,
  ...publishPrediction,
  ...publishOutbox,
  ...publishMqtt,
  ...observe,
  ...agent,
  ...drift,
  ...asyncapi,
  ...monitoring,
  ...commands,
];
