/**
 * hostile: a capture callback for errors that nobody catches
 * verdict: refused
 * says: setUncaughtExceptionCaptureCallback
 */
import { RingBuffer as Ring } from './ring.ts';

process.setUncaughtExceptionCaptureCallback(() => {}); // HERE

export class RingBuffer extends Ring {}
