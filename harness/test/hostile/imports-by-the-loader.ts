/**
 * hostile: a file through the function that vite gives to modules
 * verdict: refused
 * says: __vite_ssr_dynamic_import__
 */
const load = (globalThis as any).__vite_ssr_dynamic_import__; // HERE

void load;
export class RingBuffer {}
