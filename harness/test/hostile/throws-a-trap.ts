/**
 * hostile: an error whose properties throw when they are read
 * verdict: failed
 */
import { RingBuffer as Ring } from './ring.ts';

export class RingBuffer extends Ring {
  override clear(): number {
    throw new Proxy(new Error('trap'), { get() { throw new Error('trap'); } });
  }
}
