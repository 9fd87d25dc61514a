import { readFileSync } from 'node:fs';

void readFileSync;
export class RingBuffer {}
