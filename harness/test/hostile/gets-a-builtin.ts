/**
 * hostile: process.getBuiltinModule
 * verdict: refused
 * says: process.
 */
(process as any).getBuiltinModule?.('node:fs') ?? (process as any).binding('fs'); // HERE

export class RingBuffer {}
