/**
 * Takes every chunk for a row of whole frames, as it looks on one’s own machine.
 *
 * wrong: whole-chunks
 * bug: forgets what a chunk cuts off: the rest of it is read as the next header
 * caught by: frame-read-nothing
 */
import type * as h2 from '../../../../solutions/13-h2-frames/h2-frames.ts';
import { FrameDecoder as Decoder } from '../right/octet-machine.ts';

export type * from '../../../../solutions/13-h2-frames/h2-frames.ts';
export { CLIENT_PREFACE, ErrorCode, encodeFrame, flowControlLength, Setting } from '../right/octet-machine.ts';

export class FrameDecoder {
  maxFrameSize = 16_384;
  readonly #options: h2.FrameDecoderOptions;

  constructor(options: h2.FrameDecoderOptions = {}) {
    this.#options = options;
  }

  push(chunk: Uint8Array): h2.FrameEvent[] {
    return new Decoder({ ...this.#options, maxFrameSize: this.maxFrameSize }).push(chunk);
  }
}
