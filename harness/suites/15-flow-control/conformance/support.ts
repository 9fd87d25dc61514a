/** What the cases of the windows share: accounts whose every call is written down, and errors as plain data. */
import {
  ErrorCode,
  type FlowError,
  type Permit,
  type ReceiveOptions,
  ReceiveWindows,
  SendWindows,
  type WindowUpdate,
} from '#subject/15-flow-control/flow-control.ts';
import { type CaseContext, type CaseFacts, testCase } from '../../../kit/case.ts';
import { equal, fail, ok } from '../../../kit/check.ts';
import { explain } from '../../../kit/failure.ts';
import { show } from '../../../kit/show.ts';

export const MAX = 2 ** 31 - 1;
export const DEFAULT = 65_535;
/** The initial value of SETTINGS_MAX_FRAME_SIZE. */
export const FRAME = 16_384;

/** Makes subjects. */
export interface Make {
  send(): SendWindows;
  receive(options?: ReceiveOptions): ReceiveWindows;
}

/** A case whose failure shows every call up to the wrong one. */
export function windowCase(facts: CaseFacts, body: (make: Make, t: CaseContext) => void): void {
  testCase(facts, (t) => {
    const steps: string[] = [];
    const make: Make = {
      send() {
        steps.push('send = new SendWindows()');
        return traced(steps, 'send', new SendWindows());
      },
      receive(options) {
        steps.push(`receive = new ReceiveWindows(${options ? show(options) : ''})`);
        return traced(steps, 'receive', new ReceiveWindows(options));
      },
    };
    try {
      body(make, t);
    } catch (error) {
      throw steps.length > 0 ? explain(error, { steps: shortened(steps) }) : error;
    }
  });
}

export type ErrorName = keyof typeof ErrorCode;

/** What is expected of an error: on a stream if there is a `streamId`, else on the connection. */
export interface Expected {
  streamId?: number;
  errorCode: ErrorName;
}

/**
 * Two cases for one rule. `…`: it is refused, whatever the error. `…-code`: the error is of the right kind and carries
 * the RFC's code.
 */
export function refusalCases(
  facts: CaseFacts,
  expected: Expected,
  act: (make: Make) => FlowError | undefined,
  what: string,
): void {
  windowCase({ ...facts, title: `${facts.title} is refused` }, (make) => {
    const result = act(make);
    ok(result !== undefined, `${what}: an error is returned`, `it returned ${show(result)}`);
  });
  const scope = expected.streamId === undefined ? 'connection' : 'stream';
  const title = `${facts.title}: ${scope} error ${expected.errorCode}`;
  windowCase({ ...facts, id: `${facts.id}-code`, title }, (make) => isError(act(make), expected, what));
}

export function isError(result: FlowError | undefined, { streamId, errorCode }: Expected, what: string): void {
  const kind = streamId === undefined ? { type: 'CONNECTION_ERROR' } : { type: 'STREAM_ERROR', streamId };
  equal(plain(result), { ...kind, errorCode }, what);
  const { reason } = result as FlowError;
  ok(typeof reason === 'string' && reason !== '', `${what}: a reason for people`, `it is ${show(reason)}`);
}

/** Nothing is wrong. */
export function isFine(result: FlowError | undefined, what: string): void {
  equal(plain(result), undefined, what);
}

/** The code by name, and no reason: wording is free. */
export function plain(result: FlowError | undefined): unknown {
  if (typeof result !== 'object' || result === null) return result;
  const { reason: _, errorCode, ...rest } = result;
  const name = Object.entries(ErrorCode).find(([, code]) => code === errorCode)?.[0];
  return { ...rest, errorCode: name ?? errorCode };
}

/** All frames that may be sent now. */
export function allPermits(send: SendWindows, most = 100_000): Permit[] {
  return pulled(() => send.next(), 'next', most);
}

/** All frames of credit that are due now. */
export function allUpdates(receive: ReceiveWindows, most = 100_000): WindowUpdate[] {
  return pulled(() => receive.nextUpdate(), 'nextUpdate', most);
}

function pulled<T>(pull: () => T | undefined, name: string, most: number): T[] {
  const all: T[] = [];
  for (let one = pull(); one !== undefined; one = pull()) {
    all.push(one);
    if (all.length > most) {
      fail({ expected: `${name}() comes to an end`, actual: `${most} frames, and the last was ${show(one)}` });
    }
  }
  return all;
}

/** A permit, to compare with. */
export function data(streamId: number, length: number, endStream = false): Permit {
  return { streamId, length, endStream };
}

export function update(streamId: number, increment: number): WindowUpdate {
  return { type: 'WINDOW_UPDATE', streamId, increment };
}

/** Uses up the connection's window but for `left` octets, on a stream of its own that is closed afterwards. */
export function leaveOnConnection(send: SendWindows, left: number, streamId: number): void {
  send.open(streamId);
  while (send.connectionWindow > left) {
    const taken = send.take(streamId, send.connectionWindow - left);
    ok(taken > 0, 'take gives octets while both windows are open', `it gave ${show(taken)}`);
  }
  send.close(streamId);
}

/** Octets arrive in frames of 16,384 at most, and the last one may be the end. Returns the first error. */
export function arrive(
  receive: ReceiveWindows,
  streamId: number,
  octets: number,
  endStream = false,
): FlowError | undefined {
  for (let left = octets; left > 0; left -= FRAME) {
    const error = receive.receive(streamId, Math.min(left, FRAME), { endStream: endStream && left <= FRAME });
    if (error) return error;
  }
  return undefined;
}

/** The sum of what was permitted, for each stream. */
export function octetsOf(permits: Permit[], ...streamIds: number[]): number[] {
  return streamIds.map((id) => permits.filter((p) => p.streamId === id).reduce((sum, p) => sum + p.length, 0));
}

function traced<T extends object>(steps: string[], name: string, subject: T): T {
  return new Proxy(subject, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      const called = `${name}.${String(key)}`;
      if (typeof value === 'function') {
        return (...args: unknown[]) => call(steps, called, () => value.apply(target, args), args);
      }
      steps.push(`${called} is ${show(value)}`);
      return value;
    },
  });
}

function call(steps: string[], name: string, act: () => unknown, args: unknown[]): unknown {
  const at = steps.push(`${name}(${args.map(show).join(', ')})`) - 1;
  const result = act();
  if (result !== undefined) steps[at] += ` → ${show(result)}`;
  return result;
}

/** How a failure began and how it ended. */
const [FIRST, LAST] = [8, 24];

function shortened(steps: string[]): string[] {
  if (steps.length <= FIRST + LAST + 1) return steps;
  return [...steps.slice(0, FIRST), `… ${steps.length - FIRST - LAST} more …`, ...steps.slice(-LAST)];
}
