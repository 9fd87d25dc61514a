/** What the cases of the ring share: rings whose every call is written down, and bytes to fill them with. */
import { RingBuffer, type RingBufferOptions } from '#subject/03-ring-buffer/ring-buffer.ts';
import { type CaseContext, type CaseFacts, testCase } from '../../../kit/case.ts';
import { bytes, equal } from '../../../kit/check.ts';
import { explain } from '../../../kit/failure.ts';
import { show } from '../../../kit/show.ts';

export type Make = (capacity: number, options?: RingBufferOptions) => RingBuffer;

/** A case whose failure shows every call up to the wrong one. */
export function ringCase(facts: CaseFacts, body: (make: Make, t: CaseContext) => void): void {
  testCase(facts, (t) => {
    const steps: string[] = [];
    try {
      body((capacity, options) => traced(steps, capacity, options), t);
    } catch (error) {
      throw steps.length > 0 ? explain(error, { steps }) : error;
    }
  });
}

/** Bytes in memory of their own: `ascii('ABC')` is 41 42 43. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Moves the place where the next byte goes to index `count` of an empty ring, so that a write soon wraps. */
export function rotate(ring: RingBuffer, count: number): void {
  ring.write(ascii('.'.repeat(count)));
  ring.read(count);
}

/**
 * Sends the alphabet through an empty ring, round and round: five letters in, two out. The ring is never empty
 * in between, so that every byte is read with other writes before and after it than it was written with.
 */
export function sendLetters(ring: RingBuffer, count: number): void {
  const start = ring.readPosition;
  let [written, read] = [0, 0];
  while (read < count) {
    const room = ring.capacity - (written - read);
    const accepted = ring.write(letters(written, 5));
    equal(accepted, Math.min(5, room), 'bytes accepted');
    written += accepted;
    equal(ring.length, written - read, 'length');
    bytes(ring.read(2), letters(read, Math.min(2, written - read)), 'the next letters');
    read = Math.min(read + 2, written);
    equal(ring.readPosition, start + read, 'readPosition');
  }
}

function letters(from: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => 0x41 + ((from + i) % 26));
}

/** Longer than any ring that a case makes, and never the same at two places less than 65,521 bytes apart. */
const PERIOD = 65_521;
const PATTERN = Uint8Array.from({ length: 2 * PERIOD }, (_, i) => {
  const at = i % PERIOD;
  return (at ^ (at >> 8) ^ Math.imul(at, 0x9e3779b1)) & 0xff;
});

/** The bytes [from, from + length) of an endless stream that every case with much data sends; length ≤ 65,521. */
export function pattern(from: number, length: number): Uint8Array {
  const at = from % PERIOD;
  return PATTERN.subarray(at, at + length);
}

function traced(steps: string[], capacity: number, options?: RingBufferOptions): RingBuffer {
  steps.push(`ring = new RingBuffer(${[capacity, ...(options ? [show(options)] : [])].join(', ')})`);
  const ring = new RingBuffer(capacity, options);
  return new Proxy(ring, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      const name = `ring.${String(key)}`;
      if (typeof value === 'function')
        return (...args: unknown[]) => call(steps, name, () => value.apply(target, args), args);
      steps.push(`${name} is ${literal(value)}`);
      return value;
    },
  });
}

function call(steps: string[], name: string, act: () => unknown, args: unknown[]): unknown {
  const at = steps.push(`${name}(${args.map(literal).join(', ')})`) - 1;
  const result = act();
  if (result !== undefined) steps[at] += ` → ${literal(result)}`;
  return result;
}

/** Short text as text: a learner thinks in "ABC", not in 41 42 43. */
function literal(value: unknown): string {
  if (!(value instanceof Uint8Array) || value.length > 32) return show(value);
  const text = String.fromCharCode(...value);
  return /^[ -~]*$/.test(text) ? `"${text}"` : show(value);
}
