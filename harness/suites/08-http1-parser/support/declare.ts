/** How the cases of the parser are declared: a request that must be understood, or one that must be refused. */
import { type CaseContext, type CaseFacts, testCase } from '../../../kit/case.ts';
import { explain } from '../../../kit/failure.ts';
import { everySplit, type SplitCase } from '../../../kit/splits.ts';
import { type Observation, type Outcome, observe, type Seen, seen } from './observe.ts';

export interface Accepted extends Observation {
  /** What is pushed; a string is latin1. Several, if they must all lead to the same. */
  input: string | string[];
  requests: Seen[];
  /** Default `need-more`: the connection waits for the next request. */
  last?: Outcome['last'];
  marks?: SplitCase<Outcome>['marks'];
}

/** The message that follows: complete, and easily recognised. */
export const NEXT = 'GET /next HTTP/1.1\r\nHost: b\r\n\r\n';
const NEXT_SEEN = seen({ target: '/next', headers: [['host', 'b']] });

/** A case whose input must lead to these requests, however it is cut, and whatever follows. */
export function accepts(facts: CaseFacts, accepted: Accepted): void {
  testCase(facts, (t) => {
    for (const input of [accepted.input].flat()) understands(t, input, accepted);
  });
}

export function understands(t: CaseContext, input: string, accepted: Omit<Accepted, 'input'>): void {
  const { requests, last = 'need-more', limits, end, marks } = accepted;
  const goesOn = last === 'need-more' && !end && requests.every(({ complete }) => complete);
  everySplit(t, {
    what: 'what the parser says',
    input,
    expected: { requests, last },
    run: (chunks) => observe(chunks, { limits, end }),
    protocol: 'http1',
    ...(marks ? { marks } : {}),
    // The first octets of a further request change nothing, and a whole one is seen as well.
    ...(goesOn
      ? { trailing: [{ input: 'GE' }], next: { input: NEXT, expected: { requests: [...requests, NEXT_SEEN], last } } }
      : {}),
  });
}

export interface Refused extends CaseFacts {
  /** Complete messages, each with the one fault. */
  inputs: string[];
  status: number;
  code: string;
  limits?: Observation['limits'];
  /** Methods and targets of the requests that are reported before the fault is found. None: it stands in the head. */
  before?: string[];
  /** The case on the status and the code; default: this one's id, title and reason. */
  answer?: { title?: string; why?: string };
}

/**
 * Two cases: the connection is refused to go on, whatever comes next; and the error says the right thing.
 * The first leaves open what the error is, as long as it is a ParseError with a status that tells of a fault.
 */
export function refuses({ inputs, status, code, limits, before = [], answer = {}, ...facts }: Refused): void {
  testCase(facts, (t) => {
    for (const input of inputs) {
      each(input, inputs, () =>
        everySplit(t, {
          what: 'requests, and how it ended',
          input,
          expected: { requests: before, last: 'refused', isFault: true },
          run: (chunks) => summary(observe(chunks, { limits })),
          trailing: [{ input: NEXT }],
          protocol: 'http1',
          // Of many inputs, each is cut at fewer places: at every CR and LF in any case.
          ...(inputs.length > 4 ? { limit: 16, random: 2 } : {}),
        }),
      );
    }
  });
  const { title = `${facts.title}: ${status}, ${code}`, why = answerReason(status) } = answer;
  testCase({ ...facts, id: `${facts.id}-answer`, title, why }, (t) => {
    for (const input of inputs) {
      each(input, inputs, () =>
        everySplit(t, {
          what: 'status and code of the ParseError',
          input,
          expected: { status, code },
          run: (chunks) => {
            const outcome = observe(chunks, { limits });
            return { status: outcome.status, code: outcome.code };
          },
          protocol: 'http1',
          // The case before has seen to it that it is refused however it is cut.
          limit: 4,
          random: 2,
        }),
      );
    }
  });
}

function answerReason(status: number): string {
  if (status === 414) return 'a client that is told 414 can shorten the URL; after a 400 it can only guess';
  if (status === 431) return 'a browser that is told 431 can drop its cookies; after a 400 it can only guess';
  if (status === 501) return 'the request is right, only the server cannot do it: the client may try it another way';
  if (status === 505) return 'a client that is told 505 can fall back to a version that is spoken here';
  return 'the status is the one thing that the other side will read in its log';
}

function summary({ requests, last, status }: Outcome): { requests: string[]; last: string; isFault: boolean } {
  const isFault = Number.isInteger(status) && Number(status) >= 400 && Number(status) <= 599;
  return { requests: requests.map(({ method, target }) => `${method} ${target}`), last, isFault };
}

/** Says which of several inputs it was. */
function each(input: string, inputs: string[], act: () => void): void {
  try {
    act();
  } catch (error) {
    if (inputs.length === 1) throw error;
    throw explain(error, { notes: [`one of ${inputs.length} inputs of this case: ${JSON.stringify(input)}`] });
  }
}

/** The head of a request with these field lines after Host, each ended by CRLF. */
export function head(lines: string[] = [], requestLine = 'GET / HTTP/1.1'): string {
  return `${[requestLine, 'Host: a', ...lines].join('\r\n')}\r\n\r\n`;
}

export function post(lines: string[], body = ''): string {
  return head(lines, 'POST / HTTP/1.1') + body;
}

/** A chunked request whose body, from the first chunk on, is this. */
export function chunked(body: string): string {
  return post(['Transfer-Encoding: chunked'], body);
}

/** How such a request has to be seen. */
export function seenPost(differs: Partial<Seen> & { fields: [string, string][] }): Seen {
  const { fields, ...rest } = differs;
  return seen({ method: 'POST', headers: [['host', 'a'], ...fields], ...rest });
}

export function seenChunked(body: string, trailers: [string, string][] = []): Seen {
  return seenPost({ fields: [['transfer-encoding', 'chunked']], bodyLength: 'chunked', body, trailers });
}
