/**
 * lstmd's predictions for subscribers: typed, without duplicates, with missing ones told.
 *
 *     const subscription = await LstmdSubscription.open('mqtt://broker.local');
 *     for await (const message of subscription) {
 *       if (message.kind === 'prediction') console.log(message.stream, message.record.label);
 *     }
 */
export { LstmdError } from '../base/errors.js';
export { MessageReader } from './message-reader.js';
export { LstmdSubscription, type SubscribeOptions } from './subscribe.js';
export type {
  Facts,
  HeadMembers,
  Message,
  Now,
  Prediction,
  RecordKey,
  Status,
  StreamEvent,
} from './messages.js';
