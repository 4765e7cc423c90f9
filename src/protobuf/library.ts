/** The reader and the writer of protobuf, which are imported here alone: neither needs the descriptions of messages. */
export { default as protobuf } from 'protobufjs/minimal.js';
