/** What `parseAll` of the suite makes of requests, made by a parser with callbacks. */
import type { NativeClass } from './adapter.ts';

/** The same four numbers as `parseAll` returns, with all strings and all data read. */
export function digestWith(Native: NativeClass, methods: readonly string[]): (chunks: readonly Buffer[]) => number[] {
  let [requests, fields, octets, sum] = [0, 0, 0, 0];
  const native = new Native();
  native.initialize(Native.REQUEST, {});
  native[Native.kOnHeaders] = () => {};
  native[Native.kOnMessageComplete] = () => {};
  native[Native.kOnBody] = (bytes: Buffer, from = 0, length = bytes.length) => {
    octets += length;
    sum = (Math.imul(sum, 31) + bytes[from + (length >> 1)]!) | 0;
  };
  native[Native.kOnHeadersComplete] = (...args: unknown[]) => {
    const [, , raw, method, target] = args as [number, number, string[], number, string];
    requests += 1;
    sum = (Math.imul(sum, 31) + methods[method]!.length + target.charCodeAt(target.length - 1)) | 0;
    for (let i = 0; i < raw.length; i += 2) {
      const [name, value] = [raw[i]!, raw[i + 1]!];
      fields += 1;
      sum = (Math.imul(sum, 31) + name.charCodeAt(name.length - 1) + value.charCodeAt(value.length >> 1)) | 0;
    }
    return 0;
  };
  return (chunks) => {
    requests = fields = octets = sum = 0;
    for (const chunk of chunks) native.execute(chunk);
    return [requests, fields, octets, sum];
  };
}
