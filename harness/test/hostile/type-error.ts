/**
 * hostile: a type error in code that works
 * verdict: solved
 */
import { RingBuffer as Ring } from './ring.ts';

export const limit: number = 'many' as unknown as string;

export class RingBuffer extends Ring {}
