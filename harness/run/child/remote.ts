/** What the child runs for subjects on sockets: cases whose subject is in a process of its own, between two canaries. */
import text from '#program';
import { session } from '../../kit/session.ts';
import { plantCanary } from './canary.ts';
import { tell } from './channel.ts';

session.program = { text, heard: tell };
plantCanary();
await import('#remote');
plantCanary();
