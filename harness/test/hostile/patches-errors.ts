/**
 * hostile: Error.prepareStackTrace
 * verdict: refused
 * says: Error.prepareStackTrace
 */
import { RingBuffer as Ring } from './ring.ts';

Error.prepareStackTrace = () => 'nowhere';

export class RingBuffer extends Ring {}
