import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../../base/errors.js';
import type { Log } from '../../base/log.js';
import { RepeatedLine } from '../../base/repeated-line.js';
import { urlHost } from '../../base/url-host.js';
import type { ListenAddress } from '../../config/listen-address.js';
import type { Access } from './access.js';
import { boundConnections } from './connection-bound.js';
import { isKnownHost, isOwnOrigin } from './host-check.js';
import { answerText, type Routes } from './route.js';

export interface EndpointOptions {
  readonly address: ListenAddress;
  /** Takes any free port where that of the address is taken. */
  readonly orAnyPort?: boolean | undefined;
  readonly hosts: readonly string[];
  readonly access: Access;
  readonly routes: Routes;
  readonly log: Log;
}

/** Headers of every answer: nothing is kept, nothing is guessed, no page of others may hold it. */
const commonHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/** A port that is taken is asked for again after so long. */
const retryMs = 10_000;
/** Readers at a time: a person's browser and a scraper or two. */
const mostConnections = 64;
/** A reader that takes nothing of its answer for so long is gone. */
const stalledMs = 30_000;

/** The HTTP server of a daemon. What it serves is told by its routes; who may read, by its access. */
export class Endpoint {
  readonly #options: EndpointOptions;
  readonly #server: Server;
  readonly #failures: RepeatedLine;
  #retry: NodeJS.Timeout | undefined;
  #isStopping = false;
  #settled: () => void = () => {};

  constructor(options: EndpointOptions) {
    this.#options = options;
    const { log } = options;
    this.#failures = new RepeatedLine((fields, message) => log.error(fields, message));
    this.#server = createServer(
      {
        requestTimeout: 10_000,
        headersTimeout: 5000,
        // How often the two are looked at.
        connectionsCheckingInterval: 1000,
        maxHeaderSize: 8192,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.setTimeout(stalledMs);
    boundConnections(this.#server, mostConnections);
    this.#server.on('clientError', (_, socket) => socket.destroy());
  }

  /** Listens. A port that is taken is an error of the log and is tried again: samples are stepped all the same. */
  start(): void {
    this.#server.on('error', (error) => this.#unavailable(error));
    this.#server.on('listening', () => {
      this.#options.log.info({ url: this.url }, `monitoring at ${this.url}`);
      this.#settled();
    });
    this.#listen(this.#options.address.port);
  }

  /** `http://host:port`, once it listens; undefined before. */
  get url(): string | undefined {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') {
      return undefined;
    }
    return `http://${urlHost(this.#options.address.host, address.port)}`;
  }

  /** Waits until it listens, or has found that it cannot for now; then `url` tells. */
  async settled(): Promise<void> {
    if (this.#server.listening || this.#retry !== undefined) {
      return;
    }
    await new Promise<void>((resolve) => {
      this.#settled = resolve;
    });
  }

  /** Hangs up on everybody. May be called again, and before `start`. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#retry);
    this.#failures.flush();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #listen(port: number): void {
    this.#server.listen({ host: this.#options.address.host, port });
  }

  #unavailable(error: Error): void {
    if (this.#isStopping) {
      return;
    }
    const { orAnyPort = false, address } = this.#options;
    if (orAnyPort && !this.#server.listening) {
      this.#listen(0);
      return;
    }
    this.#failures.say(
      { host: address.host, port: address.port, reason: messageOf(error) },
      `monitoring.listen: the address cannot be had (${messageOf(error)}): trying again every ${retryMs / 1000} s`,
    );
    this.#retry = setTimeout(() => this.#listen(address.port), retryMs).unref();
    this.#settled();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#route(request, response);
    } catch (error) {
      // The path alone: what stands behind a ? may be a secret that a person has pasted.
      const path = pathOf(request);
      this.#failures.say(
        { path, reason: messageOf(error) },
        `${path} could not be answered: ${messageOf(error)}`,
      );
      if (!response.headersSent) {
        answerText(response, 500, 'could not be answered: the log of lstmd says why\n');
      }
      response.end();
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { hosts, access, routes } = this.#options;
    const { host, origin } = request.headers;
    for (const [name, value] of Object.entries(commonHeaders)) {
      response.setHeader(name, value);
    }
    if (!isKnownHost(host, hosts)) {
      const text = `no page is served as ${JSON.stringify(host ?? '')}: add the name to monitoring.hosts\n`;
      return answerText(response, 421, text);
    }
    if (!isOwnOrigin(origin, host) || request.headers['sec-fetch-site'] === 'cross-site') {
      return answerText(response, 403, 'pages of others may not ask\n');
    }
    const route = routes.get(pathOf(request));
    if (route === undefined) {
      return answerText(response, 404, `there are ${[...routes.keys()].join(', ')}\n`);
    }
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    if (method !== route.method) {
      response.setHeader('allow', route.method);
      return answerText(response, 405, `only ${route.method}\n`);
    }
    if (route.needsToken && !(await access.allows(request))) {
      response.setHeader('www-authenticate', 'Bearer realm="lstmd"');
      return answerText(
        response,
        401,
        'the token of monitoring.tokenFile is needed: Authorization: Bearer TOKEN\n',
      );
    }
    await route.answer(request, response);
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}
