/**
 * What runs in a subject's own process: the guard first, then the suite's program, which is built on the subject and
 * can be reached over loopback. The suite is in another process (kit/remote.ts) and judges what it sees there.
 *
 * Nothing is graded here, so nothing needs to be locked: whatever the subject does to this process, it has only its
 * own answers to spoil.
 */
import type { FromHost, Program, Running, ToHost } from '../../kit/remote.ts';
import { guard } from './guard.ts';
import { notePlaces } from './ticker.ts';

const send = (process.send as (message: FromHost) => boolean).bind(process);
const disconnect = process.disconnect.bind(process);
const now = performance.now.bind(performance);

/** `load` imports the program, and with it the subject, which tells by a global named `ticks` which of its loops run. */
export function host(load: () => Promise<{ default: Program<never> }>, ticks: string): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, fail);
  guard((what, stack) => send({ type: 'refused', what, stack }));
  if (ticks) notePlaces(ticks, now, (places) => send({ type: 'ticking', ticks: places }));
  let running: Running | undefined;
  const handlers: Record<ToHost['type'], (options: unknown) => Promise<void>> = {
    start: async (options) => {
      const { default: program } = await load();
      running = await program(options as never);
      send({ type: 'listening', port: running.port });
    },
    ping: async () => void send({ type: 'pong' }),
    close: async () => {
      await running?.close();
      send({ type: 'closed' });
      disconnect();
    },
  };
  process.on('message', (message: ToHost & { options?: unknown }) => {
    handlers[message.type](message.options).catch(fail);
  });
}

/** The first error that nobody caught is the end: the suite ends this process. */
function fail(error: unknown): void {
  const { name = 'Error', message = String(error), stack = '' } = error instanceof Error ? error : {};
  send({ type: 'error', name, message, stack });
}
