/**
 * What a parser makes of a byte stream, as plain data: the requests it saw, in order, and how it ended.
 *
 * Data events of one request are joined: how a body is cut into events is the parser's own affair. Headers and
 * data are kept as they were given and read only at the end, so that what the subject changes later shows.
 */
import { type Field, type Limits, type ParserEvent, RequestParser } from '#subject/08-http1-parser/http1-parser.ts';
import { fail, ok } from '../../../kit/check.ts';
import { show } from '../../../kit/show.ts';

export interface Seen {
  method: string;
  target: string;
  version: string;
  headers: [name: string, value: string][];
  bodyLength: number | 'chunked';
  keepAlive: boolean;
  upgrade: string | undefined;
  expectContinue: boolean;
  /** One character is one octet. */
  body: string;
  trailers: [name: string, value: string][];
  /** Whether its `end` event came. */
  complete: boolean;
}

export interface Outcome {
  requests: Seen[];
  /** What `next` said last; `refused` if it threw a ParseError. */
  last: 'need-more' | 'paused' | 'closed' | 'refused';
  /** Of the ParseError. */
  status?: number;
  code?: string;
}

export interface Observation {
  limits?: Partial<Limits> | undefined;
  /** The peer sends FIN after the last byte. */
  end?: boolean | undefined;
}

/** Feeds the chunks to a new parser, one push each, asking for events after each. */
export function observe(chunks: Iterable<Uint8Array>, { limits, end = false }: Observation = {}): Outcome {
  const parser = limits === undefined ? new RequestParser() : new RequestParser(limits);
  const observer = new Observer(parser);
  for (const chunk of chunks) {
    parser.push(chunk);
    observer.drain(chunk.length);
    if (observer.refusal) break;
  }
  if (end && !observer.refusal) {
    parser.end();
    observer.drain(0);
  }
  return observer.outcome();
}

export class Observer {
  readonly parser: RequestParser;
  readonly #requests: Seen[] = [];
  /** What the subject gave of each request, still its own. */
  readonly #given: { headers: Field[]; body: Uint8Array[] }[] = [];
  #last: Outcome['last'] = 'need-more';
  #current: Seen | undefined;
  refusal: { status: number; code: string } | undefined;

  constructor(parser: RequestParser) {
    this.parser = parser;
  }

  /** Asks for events until there is none. `bytes` were pushed since the last time: more events than that cannot be. */
  drain(bytes: number): void {
    for (let asked = 0; asked <= 2 * bytes + 8; asked++) {
      const event = this.#next();
      if (event === undefined || this.#ends(event)) return;
      this.#take(event);
    }
    fail({
      expected: 'need-more, paused or closed once all that was pushed is parsed',
      actual: `${2 * bytes + 8} other events came of ${bytes} bytes`,
      notes: ['a parser that goes on giving events without bytes keeps its server in a loop for ever'],
    });
  }

  outcome(): Outcome {
    for (const [i, request] of this.#requests.entries()) {
      const { headers, body } = this.#given[i]!;
      request.headers = pairs(headers, 'headers');
      request.body = Buffer.concat(body).toString('latin1');
    }
    return { requests: this.#requests, last: this.#last, ...this.refusal };
  }

  #next(): ParserEvent | undefined {
    try {
      return this.parser.next();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ParseError') throw error;
      const { status, code } = error as Error & { status: number; code: string };
      this.refusal = { status, code };
      this.#last = 'refused';
      return undefined;
    }
  }

  #ends(event: ParserEvent): boolean {
    ok(typeof event?.type === 'string', 'next returns an event with a type', `it returned ${show(event)}`);
    if (event.type !== 'need-more' && event.type !== 'paused' && event.type !== 'closed') return false;
    this.#last = event.type;
    return true;
  }

  #take(event: ParserEvent): void {
    if (event.type === 'request') return this.#begin(event);
    const current = this.#current;
    if (current === undefined) {
      return fail({ expected: 'events in the order request, data …, end', actual: `${show(event)} without a request` });
    }
    if (event.type === 'data') {
      ok(event.bytes instanceof Uint8Array, 'a data event has its bytes in a Uint8Array', `got ${show(event.bytes)}`);
      ok(event.bytes.length > 0, 'a data event has at least one byte', 'got one with none');
      this.#given.at(-1)!.body.push(event.bytes);
    } else if (event.type === 'end') {
      current.trailers = pairs(event.trailers, 'trailers');
      current.complete = true;
      this.#current = undefined;
    } else {
      fail({ expected: 'an event that the contract names', actual: `got ${show(event)}` });
    }
  }

  #begin(event: ParserEvent & { type: 'request' }): void {
    if (this.#current) {
      fail({ expected: 'an end event before the next request', actual: `${show(event)} came without it` });
    }
    const { method, target, version, headers, bodyLength, keepAlive, upgrade, expectContinue } = event;
    const facts = { method, target, version, bodyLength, keepAlive, upgrade, expectContinue };
    this.#current = { ...facts, headers: [], body: '', trailers: [], complete: false };
    this.#requests.push(this.#current);
    this.#given.push({ headers, body: [] });
  }
}

function pairs(fields: readonly Field[], what: string): [string, string][] {
  ok(Array.isArray(fields), `${what}: an array of { name, value }`, `got ${show(fields)}`);
  return fields.map(({ name, value }) => [name, value]);
}

/** A request as `GET / HTTP/1.1` with a Host field has to be seen, but for what is said otherwise. */
export function seen(differs: Partial<Seen> = {}): Seen {
  return {
    method: 'GET',
    target: '/',
    version: '1.1',
    headers: [['host', 'a']],
    bodyLength: 0,
    keepAlive: true,
    upgrade: undefined,
    expectContinue: false,
    body: '',
    trailers: [],
    complete: true,
    ...differs,
  };
}
