/** What the child runs: the hidden suite between two canaries. */
import { plantCanary } from './canary.ts';

plantCanary();
await import('#suite');
plantCanary();
