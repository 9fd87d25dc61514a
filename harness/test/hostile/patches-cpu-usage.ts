/**
 * hostile: process.cpuUsage stands still
 * verdict: crashed
 * says: read only
 */
import { RingBuffer as Ring } from './ring.ts';

process.cpuUsage = () => ({ user: 0, system: 0 });

export class RingBuffer extends Ring {}
