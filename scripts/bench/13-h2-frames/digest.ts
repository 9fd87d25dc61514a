/**
 * DATA frames of one size, read by a decoder and summed up. Loaded once for each peer (`digest.ts?NAME`), so that the
 * loop over the frames is compiled for that peer's frames alone.
 */
/** So many frames in one chunk. */
export function chunkOf(frames: number, size: number, payload: Buffer): Buffer {
  const chunk = Buffer.alloc(frames * (9 + size));
  for (let i = 0; i < frames; i++) {
    const at = i * (9 + size);
    chunk.writeUIntBE(size, at, 3);
    chunk.writeUInt32BE(2 * i + 1, at + 5);
    chunk.set(payload, at + 9);
    chunk[at + 9] = i & 0xff;
  }
  return chunk;
}

/** Every frame has its part in it, at next to no cost. */
export function digest<Frame>(
  frames: readonly Frame[],
  streamOf: (frame: Frame) => number,
  dataOf: (frame: Frame) => Uint8Array,
): number[] {
  let [streams, octets] = [0, 0];
  for (let i = 0; i < frames.length; i++) {
    const frame = frames[i]!;
    streams = (streams + streamOf(frame)) | 0;
    octets = (octets + dataOf(frame)[0]!) | 0;
  }
  const last = frames.at(-1);
  return [frames.length, streams, octets, last === undefined ? 0 : dataOf(last).length];
}
