/**
 * `npm run test:cluster`: devices at an existing cluster of brokers, of which a node is killed under load. Each record that was
 * produced must come to a consumer, but for those that the devices say they dropped.
 *
 * The servers are those of Debian 13, in a root that debootstrap makes once in build/roots.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageReader } from '../../dist/client/index.js';
import { readArguments } from '../arguments.mjs';
import { emptyNodes, makeRoot, rootObstacle } from './cluster-root.mjs';
import { Devices } from './devices.mjs';
import { RetainedView } from './retained-view.mjs';

const fleet = 30;
const loadSeconds = 15;
/** A consumer has this long to come to the last record. */
const tailSeconds = 60;
/** Each device keeps its status and health, and info, now and health of its stream. */
const retainedTopics = 5;

let isGood = true;

function check(is, what) {
  isGood &&= is;
  process.stdout.write(`${is ? 'ok' : 'not ok'} ${what}\n`);
}

/** Counts records that came, each once. */
class Ledger {
  records = 0;
  daemon = 0;
  #reader = new MessageReader('lstmd');

  take(topic, payload) {
    for (const message of this.#reader.read(topic, payload)) {
      this.count(message);
    }
  }

  /** Counts a message of which its reader has left out those that came twice. */
  count({ kind, device }) {
    if (kind === 'prediction' || kind === 'event') {
      this.records += device === 'daemon' ? 0 : 1;
      this.daemon += device === 'daemon' ? 1 : 0;
    }
  }

  get duplicates() {
    return this.#reader.duplicates;
  }

  /** Resolves when so many of the fleet and of the daemon have come, or after a while. */
  async until(records, daemon) {
    const isShort = () => this.records < records || this.daemon < daemon;
    for (let tick = 0; tick < 10 * tailSeconds && isShort(); tick += 1) {
      await sleep(100);
    }
    // One too many is as wrong as one too few.
    await sleep(1000);
  }
}

/** Number of topics that subscribers were told of together. */
function toldBy(views) {
  return new Set(views.flatMap(({ topics }) => topics)).size;
}

async function judge(cluster) {
  emptyNodes();
  const nodes = cluster.makeNodes();
  const [first, ...staying] = nodes;
  const urls = nodes.map(({ url }) => url);
  const version = cluster.protocolVersion;
  let devices;
  const helpers = cluster.makeHelpers();
  try {
    for (const helper of helpers) {
      helper.start();
      await helper.ready();
    }
    await cluster.start(nodes);
    const consumers = await cluster.consume(() => new Ledger(), urls);
    devices = new Devices(urls, fleet, cluster.bestQos);
    const view = await (await RetainedView.open(staying[0].url, version)).start();
    const count = devices.names.length;
    const connecting = await view.until(({ online }) => online === count, 'all are online');
    check(true, `${count} devices are connected after ${connecting.toFixed(1)} s`);
    await sleep(1000 * loadSeconds);

    await first.kill();
    const killedMs = Date.now();
    const isBack = (device) =>
      JSON.parse(view.latest(`lstmd/${device}/status`) ?? '{"ts":0}').ts > killedMs;
    const back = await view.until(() => isBack('daemon'), 'the daemon is at another node');
    check(true, `a node is killed: the daemon is at another one after ${back.toFixed(1)} s`);
    await sleep(1000 * loadSeconds);
    const wanted = retainedTopics * count;
    const others = [];
    for (const { url } of staying) {
      const names = cluster.sharesRetained ? undefined : devices.names;
      others.push(await (await RetainedView.open(url, version)).start(names));
    }
    // Where a node keeps what is retained to itself, a subscriber must ask each, and there by whole topics.
    const groups = cluster.sharesRetained ? others.map((other) => [other]) : [others];
    for (const group of groups) {
      await group[0].until(() => toldBy(group) === wanted, `${wanted} retained topics`);
    }
    const told = others.map((other) => toldBy([other])).join(' and ');
    check(true, `${wanted} retained topics at the other nodes: ${told}`);
    for (const other of others) {
      other.close();
    }
    first.start();
    await first.ready();
    await sleep(1000 * loadSeconds);

    const { fleet: totals, stopped } = await devices.stop();
    const health = JSON.parse(view.latest('lstmd/daemon/health')).records;
    const dropped = Object.values(totals.dropped).reduce((sum, each) => sum + each, 0);
    const { produced, delivered, pending } = totals;
    check(produced === delivered + pending + dropped, `accounts: ${JSON.stringify(totals)}`);
    check(totals.reconnects > 0, `${totals.reconnects} devices came back`);
    check(/"undelivered":0/.test(stopped), `the daemon: ${stopped}`);
    for (const { title, ledger, counts, close } of consumers) {
      await ledger.until(delivered, health.produced);
      check(
        ledger.records === delivered,
        `${title}: ${delivered} acknowledged, ${ledger.records} came, ${ledger.duplicates} of them twice`,
      );
      check(
        ledger.daemon === health.produced,
        `at QoS ${cluster.bestQos} the daemon produced ${health.produced}, ${ledger.daemon} came`,
      );
      const taken = counts();
      check(
        taken.every((each) => each > 0),
        `messages of each worker: ${taken.join(' and ')}`,
      );
      await close();
    }
    view.close();
  } finally {
    devices?.remove();
    for (const node of [...nodes, ...helpers]) {
      await node.kill();
    }
  }
}

const names = ['nats', 'rabbitmq'];
const help = `sudo npm run test:cluster [-- CLUSTER...]

Runs devices at clusters of three nodes, kills one under load, and counts what comes to consumers. Without a word: all clusters.

nats      NATS with JetStream
rabbitmq  RabbitMQ`;
const { words } = readArguments(help, { words: names });
const obstacle = rootObstacle();
if (obstacle !== null) {
  process.stderr.write(`lstmd: ${obstacle}\n`);
  process.exit(1);
}
makeRoot();
for (const name of names) {
  if (words.length > 0 && !words.includes(name)) {
    continue;
  }
  const cluster = await import(`./${name}.mjs`);
  process.stdout.write(`\n== ${cluster.title}, three nodes\n`);
  try {
    await judge(cluster);
  } catch (error) {
    check(false, error.stack);
  }
}
process.exit(isGood ? 0 : 1);
