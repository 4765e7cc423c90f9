/** Three nodes of NATS 2.10 with JetStream and MQTT, and a durable consumer of their messages that several workers share. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LstmdSubscription } from '../../dist/client/index.js';
import { Node } from './cluster-root.mjs';
import { NatsConnection } from './nats-connection.mjs';

const ports = { client: 26_420, mqtt: 26_430, routes: 26_440 };
const numbers = [1, 2, 3];
/** NATS keeps what MQTT publishes at QoS 1 and 2 in this stream, for as long as a consumer has not had it. */
const stream = '$MQTT_msgs';
const durable = 'loggers';
/** A worker asks for so many messages at a time, and again after so long where fewer come. */
const batch = 100;
const pullMs = 1000;

export const bestQos = 2;
export const title = 'nats-server 2.10';
/** Each node tells what is retained, whichever it was published at. */
export const sharesRetained = true;
/** It speaks MQTT 3.1.1 alone. */
export const protocolVersion = 4;
/** A node takes no MQTT client before the cluster has a leader. */
const mostAttempts = 60;

export function makeHelpers() {
  return [];
}

export async function start(nodes) {
  for (const node of nodes) {
    node.start();
  }
  await Promise.all(nodes.map((node) => node.ready()));
}

/** Opens a subscription, which a cluster without a leader refuses. */
async function subscribed(url) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await LstmdSubscription.open(url, { clientId: 'first', protocol: '3.1.1' });
    } catch (error) {
      if (attempt === mostAttempts) {
        throw error;
      }
      await sleep(500);
    }
  }
}

export function makeNodes() {
  const routes = numbers.map((n) => `"nats://127.0.0.1:${ports.routes + n}"`).join(', ');
  return numbers.map(
    (n) =>
      new Node(`nats-${n}`, {
        port: ports.mqtt + n,
        files: (folder) => ({
          'nats.conf': [
            `server_name: n${n}`,
            'host: 127.0.0.1',
            `port: ${ports.client + n}`,
            `jetstream { store_dir: "${folder}/data", max_mem: 64MB, max_file: 1GB }`,
            `mqtt { host: 127.0.0.1, port: ${ports.mqtt + n} }`,
            `cluster { name: c, host: 127.0.0.1, port: ${ports.routes + n}, routes: [${routes}] }`,
          ].join('\n'),
        }),
        command: (folder) => ['nats-server', '-c', `${folder}/nats.conf`],
      }),
  );
}

/**
 * Starts two workers on the nodes that stay, which share one durable consumer.
 *
 * @param ledger counts each message
 */
export async function consume(ledger) {
  // The stream is made with the first MQTT client that keeps a session.
  const first = await subscribed(`mqtt://127.0.0.1:${ports.mqtt + 2}`);
  const workers = [];
  for (const n of [2, 3]) {
    const connection = await NatsConnection.open(ports.client + n);
    workers.push({ connection, count: 0 });
  }
  const config = {
    durable_name: durable,
    ack_policy: 'explicit',
    filter_subject: '$MQTT.msgs.lstmd.>',
    ack_wait: 10_000_000_000,
    max_ack_pending: 2000,
  };
  const made = await workers[0].connection.request(
    `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${durable}`,
    { stream_name: stream, config },
  );
  if (made.error !== undefined) {
    throw new Error(`no consumer: ${JSON.stringify(made.error)}`);
  }
  await first.close();
  const timers = workers.map((worker) => {
    const { connection } = worker;
    const inbox = `_INBOX.${durable}.${Math.random().toString(36).slice(2)}`;
    connection.subscribe(inbox, ({ subject, reply, payload }) => {
      // What has another subject is an answer to the pull, such as that nothing came.
      if (!subject.startsWith('$MQTT.msgs.')) {
        return;
      }
      worker.count += 1;
      ledger.take(subject.slice('$MQTT.msgs.'.length).replaceAll('.', '/'), payload);
      connection.publish(reply, '+ACK');
    });
    const pull = { batch, expires: pullMs * 1_000_000 };
    const next = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`;
    return setInterval(() => connection.publish(next, JSON.stringify(pull), inbox), pullMs / 5);
  });
  return {
    title: 'two workers of a durable consumer of JetStream',
    counts: () => workers.map(({ count }) => count),
    close: () => {
      for (const timer of timers) {
        clearInterval(timer);
      }
      for (const { connection } of workers) {
        connection.close();
      }
    },
  };
}
