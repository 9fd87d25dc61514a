/**
 * hostile: WebSocket, where Node has it
 * verdict: refused
 * says: 
 */
const Socket = (globalThis as any).WebSocket ?? globalThis.fetch; // HERE

void Socket;
export class RingBuffer {}
