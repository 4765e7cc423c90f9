import type { Log } from '../../base/log.js';
import { RepeatedLine } from '../../base/repeated-line.js';
import type { CommandHandler } from '../outbox/contract/commands.js';
import type { CommandAnswer } from './delivery.js';
import type { HeardMessage } from './message.js';
import type { Session } from './session.js';
import type { Topics } from './topics.js';
import { correlationProperty } from './wire/publish-packet.js';

const longestCommandBytes = 65_536;
const longestCorrelationBytes = 1024;

export interface CommandChannelOptions {
  readonly topics: Topics;
  readonly commands: CommandHandler;
  /** Publishes an answer; it is lost where there is no connection. */
  readonly answer: (answer: CommandAnswer) => void;
  readonly log: Log;
}

/**
 * Takes commands from `<base>/cmd/<name>` and publishes the answers: on `<base>/cmd/<name>/result`, or where MQTT 5 tells a
 * response topic on that, with the correlation data of the request.
 */
export class CommandChannel {
  readonly #options: CommandChannelOptions;
  readonly #lines: RepeatedLine;

  constructor(options: CommandChannelOptions) {
    this.#options = options;
    this.#lines = new RepeatedLine((fields, message) => options.log.warn(fields, message));
  }

  /** Subscribes on a new connection. */
  connected(session: Session): void {
    const { topics, log } = this.#options;
    session.subscribe(
      topics.commands,
      (message) => void this.#take(message),
      (reason) =>
        log.warn(
          { topic: topics.commands, reason },
          'the broker does not let this device hear its commands: allow it to read this topic',
        ),
    );
  }

  /** Says in the log what was only counted so far. */
  flush(): void {
    this.#lines.flush();
    this.#options.commands.flush();
  }

  async #take({
    topic,
    payload,
    isRetained,
    responseTopic,
    correlationData,
  }: HeardMessage): Promise<void> {
    const { topics, commands, answer } = this.#options;
    const name = topic.slice(topic.lastIndexOf('/') + 1);
    if (isRetained) {
      this.#lines.say(
        { topic },
        'a retained command is not carried out: it would be at each connection; publish it without "retain"',
      );
      return;
    }
    if (payload.length > longestCommandBytes) {
      this.#lines.say({ topic, bytes: payload.length }, 'a command of that size is none');
      return;
    }
    const isElsewhere =
      responseTopic !== undefined && isTopic(responseTopic) && !topics.isOwn(responseTopic);
    const result = await commands.run(name, payload.toString());
    const hasCorrelation =
      correlationData !== undefined && correlationData.length <= longestCorrelationBytes;
    answer({
      topic: isElsewhere ? responseTopic : topics.commandResult(name),
      payload: result,
      properties: hasCorrelation ? correlationProperty(correlationData) : Buffer.alloc(0),
    });
  }
}

/** Returns whether something can be published there. */
function isTopic(topic: string): boolean {
  return topic !== '' && !/[+#\0]/.test(topic) && !topic.startsWith('$');
}
