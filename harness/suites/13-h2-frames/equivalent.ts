// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is source text
/** Mutants of the reference that no case can kill, each with the reason. */
import type { EquivalentMutant } from '../../kit/equivalent.ts';

const message = 'the wording of messages is not part of the contract: callers branch on names and codes';
const numbers = ['maxFrameSize', 'errorCode', 'opaqueData.length', 'increment', 'flags', 'typeCode', 'identifier'];
const fields = ['value', 'promisedStreamId', 'lastStreamId', 'padLength', 'streamId', 'streamDependency', 'weight'];
const types = ['DATA', 'HEADERS', 'PRIORITY', 'RST_STREAM', 'SETTINGS', 'PUSH_PROMISE', 'PING', 'GOAWAY'];

const copied =
  'how much is copied at once is a matter of time: a frame that the copy cuts off is gathered like one that the chunk cuts off';
const ordinary = '`#isOrdinary` saves a call of `#judge`, which finds nothing wrong with such a frame either';

export default [
  ...[...numbers, ...fields, ...types, 'WINDOW_UPDATE', 'CONTINUATION', 'a SETTINGS ACK carries no settings'].map(
    (text) => ({ original: `'${text}'`, replacement: '""', why: message }),
  ),
  { original: '`the payload exceeds ${maxFrameSize} octets`', replacement: '``', why: message },
  { original: '`${layout.name} on stream ${streamId}`', replacement: '``', why: message },
  {
    original: '`${what} is ${value}, not a whole number from ${low} to ${high}`',
    replacement: '``',
    why: message,
  },
  { original: "'some'", replacement: '""', why: "what is neither 'any' nor 'zero' means 'some'" },
  { original: 'this.#heldLength > 0', replacement: 'true', why: copied },
  { original: 'this.#heldLength > 0', replacement: 'this.#heldLength >= 0', why: copied },
  { original: 'chunk.length - at < HEADER_LENGTH', replacement: 'true', why: copied },
  { original: 'chunk.length - at < HEADER_LENGTH', replacement: 'false', why: copied },
  { original: 'chunk.length - at < HEADER_LENGTH', replacement: 'chunk.length - at <= HEADER_LENGTH', why: copied },
  { original: 'chunk.length - at < HEADER_LENGTH', replacement: 'chunk.length - at >= HEADER_LENGTH', why: copied },
  { original: 'chunk.length - at', replacement: 'chunk.length + at', why: copied },
  { original: 'HEADER_LENGTH + u24(chunk, at)', replacement: 'HEADER_LENGTH - u24(chunk, at)', why: copied },
  { original: 'first > COPIED_AT_ONCE / 2', replacement: 'false', why: copied },
  { original: 'first > COPIED_AT_ONCE / 2', replacement: 'first >= COPIED_AT_ONCE / 2', why: copied },
  { original: 'COPIED_AT_ONCE / 2', replacement: 'COPIED_AT_ONCE * 2', why: copied },
  {
    original: '2 * this.#held.length',
    replacement: '2 / this.#held.length',
    why: 'no event differs; that memory must double is seen by frame-drip-growth in performance.ts (known-wrong: grows-by-what-came)',
  },
  {
    original:
      '{\n    return type !== CONTINUATION && this.#blockStream === 0 && length <= this.#maxFrameSize && !this.#settingsDue;\n  }',
    replacement: '{}',
    why: ordinary,
  },
  {
    original: 'type !== CONTINUATION && this.#blockStream === 0 && length <= this.#maxFrameSize && !this.#settingsDue',
    replacement: 'false',
    why: ordinary,
  },
  { original: 'length <= this.#maxFrameSize', replacement: 'length < this.#maxFrameSize', why: ordinary },
  {
    original: 'padLength !== undefined',
    line: 'bytes[HEADER_LENGTH] = padLength',
    replacement: 'true',
    why: 'undefined is written as 0: into an octet that a field or the body takes afterwards, or behind the end',
  },
] satisfies EquivalentMutant[];
