import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HealthSources } from '../agent/device-health.js';
import type { LiveStream } from '../agent/live-stream.js';
import type { StreamObserver } from '../agent/stream-observer.js';
import type { Access } from '../monitoring/http/access.js';
import { answerText, type Route, type Routes } from '../monitoring/http/route.js';
import { PageEvents } from './page-events.js';
import { LiveTrace } from './live-trace.js';
import { pageFile, pageFiles } from './page-files.js';

/** Pages at a time; each costs a few messages a second. */
const mostPages = 16;
/** A token that is wrong is answered so late, for whoever tries many. */
const wrongTokenMs = 500;
const mostTokenBytes = 1024;

/** A page that shows streams live: what it is served by, and what it watches. */
export class Dashboard {
  readonly #device: string;
  readonly #access: Access;
  readonly #traces = new Map<string, LiveTrace>();
  readonly #pages = new Set<PageEvents>();
  #sources: (() => HealthSources) | undefined;

  constructor(device: string, access: Access) {
    this.#device = device;
    this.#access = access;
  }

  /** Watches a stream from now on. */
  stream(stream: LiveStream): StreamObserver {
    const trace = new LiveTrace(stream);
    this.#traces.set(stream.name, trace);
    return trace;
  }

  start(sources: () => HealthSources): void {
    this.#sources = sources;
  }

  /** Ends what pages are told; they ask again until there is somebody to answer. */
  stop(): void {
    for (const page of this.#pages) {
      page.stop();
    }
  }

  /** The routes that serve it. The page itself holds nothing that is worth a token. */
  get routes(): Routes {
    return new Map<string, Route>([
      ...[...pageFiles].map(([path, { file, type }]): [string, Route] => [
        path,
        {
          method: 'GET',
          needsToken: false,
          answer: async (_, response) => answerText(response, 200, await pageFile(file), type),
        },
      ]),
      [
        '/session',
        { method: 'POST', needsToken: false, answer: (...each) => this.#session(...each) },
      ],
      ['/live', { method: 'GET', needsToken: true, answer: (...each) => this.#live(...each) }],
    ]);
  }

  #live({ url = '' }: IncomingMessage, response: ServerResponse): void {
    if (this.#pages.size >= mostPages) {
      response.setHeader('retry-after', '10');
      return answerText(response, 503, `${mostPages} pages are open already\n`);
    }
    const wanted = new URLSearchParams(url.split('?')[1] ?? '').get('stream') ?? undefined;
    const page = new PageEvents(
      {
        device: this.#device,
        sources: () => this.#sources?.(),
        traces: this.#traces,
      },
      wanted,
      response,
    );
    this.#pages.add(page);
    response.once('close', () => this.#pages.delete(page));
    page.start();
  }

  /** Takes the token as the body of a request, where no log has it, and gives the cookie for it. */
  async #session(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const given = await bodyOf(request);
    const cookie = given === undefined ? undefined : await this.#access.cookieFor(given.trim());
    if (cookie === undefined) {
      await sleep(wrongTokenMs);
      return answerText(response, 403, 'this is not the token\n');
    }
    response.setHeader('set-cookie', cookie);
    answerText(response, 200, 'welcome\n');
  }
}

/** A short body; undefined where it is longer than any token. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostTokenBytes) {
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
