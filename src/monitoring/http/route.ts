import type { IncomingMessage, ServerResponse } from 'node:http';

/** A thing that can be asked for. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** Whoever asks must show the token, where one is asked for. */
  readonly needsToken: boolean;
  /** Answers; what it throws becomes a 500, and is logged. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;
}

/** Routes by their paths, such as `/metrics`. */
export type Routes = ReadonlyMap<string, Route>;

/** Answers with a short text. */
export function answerText(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
