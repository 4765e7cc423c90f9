/** Three nodes of RabbitMQ 4.0 with MQTT 5, and a subscriber whose session is a quorum queue. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LstmdSubscription } from '../../dist/client/index.js';
import { Node } from './cluster-root.mjs';

const ports = { amqp: 26_520, mqtt: 26_530, distribution: 26_540, epmd: 26_550 };
const numbers = [1, 2, 3];

export const bestQos = 1;
export const title = 'rabbitmq-server 4.0';
/** A node keeps what is retained to itself, and has nothing of it for a wildcard. */
export const sharesRetained = false;
export const protocolVersion = 5;

const nodeName = (n) => `lstmd${n}@localhost`;

export function makeNodes() {
  const peers = numbers.map((n) => `cluster_formation.classic_config.nodes.${n} = ${nodeName(n)}`);
  return numbers.map(
    (n) =>
      new Node(`rabbitmq-${n}`, {
        port: ports.mqtt + n,
        files: () => ({
          'rabbitmq.conf': [
            'cluster_formation.peer_discovery_backend = classic_config',
            ...peers,
            `listeners.tcp.local = 127.0.0.1:${ports.amqp + n}`,
            `mqtt.listeners.tcp.local = 127.0.0.1:${ports.mqtt + n}`,
            // A device without a name is a guest here; nobody else can come to this machine.
            'anonymous_login_user = guest',
            'anonymous_login_pass = guest',
            // A session that is kept must outlive the node that holds it.
            'mqtt.durable_queue_type = quorum',
            'log.console = true',
            'log.console.level = info',
            'vm_memory_high_watermark.relative = 0.2',
            '',
          ].join('\n'),
          enabled_plugins: '[rabbitmq_mqtt].\n',
          '.erlang.cookie': 'lstmd-cluster-test',
        }),
        command: () => ['/usr/lib/rabbitmq/bin/rabbitmq-server'],
        env: (folder) => ({
          HOME: folder,
          ERL_EPMD_PORT: String(ports.epmd),
          RABBITMQ_NODENAME: nodeName(n),
          RABBITMQ_CONFIG_FILE: `${folder}/rabbitmq.conf`,
          RABBITMQ_ENABLED_PLUGINS_FILE: `${folder}/enabled_plugins`,
          RABBITMQ_MNESIA_BASE: `${folder}/data`,
          RABBITMQ_LOG_BASE: `${folder}/logs`,
          RABBITMQ_DIST_PORT: String(ports.distribution + n),
          RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none',
        }),
      }),
  );
}

/** The processes beside the nodes: the daemon by whose port the nodes find each other, which the first would leave behind. */
export function makeHelpers() {
  return [
    new Node('epmd', {
      port: ports.epmd,
      files: () => ({}),
      command: () => ['epmd', '-port', String(ports.epmd), '-address', '127.0.0.1'],
    }),
  ];
}

/** They find each other by the list in their configurations. */
export async function start(nodes) {
  for (const node of nodes) {
    node.start();
  }
  await Promise.all(nodes.map((node) => node.ready()));
  // A node listens before its join is known to all others.
  await sleep(3000);
}

/**
 * Takes the messages by the typed client, which goes to another node, where its session is too, when one is killed.
 *
 * @param ledger counts each message
 */
export async function consume(ledger, urls) {
  const client = await LstmdSubscription.open(urls, { clientId: 'logger' });
  let count = 0;
  const ended = (async () => {
    for await (const message of client) {
      count += 1;
      ledger.count(message);
    }
  })();
  return {
    title: 'the typed client with a session in a quorum queue',
    counts: () => [count],
    close: async () => {
      await client.close();
      await ended;
    },
  };
}
