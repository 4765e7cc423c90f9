/** The client library, which is imported here alone: the publisher and the link to MQTT take it from this file. */
export { connect, connectAsync, MqttClient, ReasonCodes } from 'mqtt';
export type { IClientOptions, IClientPublishOptions } from 'mqtt';
