/**
 * hostile: a package that is installed
 * verdict: refused
 * says: zod
 */
import { z } from 'zod'; // HERE

void z;
export class RingBuffer {}
