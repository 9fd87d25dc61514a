/**
 * Closes what the import ban cannot see in the source: builtins asked for at run time, ways to
 * compile text, and the network beyond loopback. An attempt throws, and is told to the parent.
 */
import dns from 'node:dns';
import Module from 'node:module';
import net, { isIPv4 } from 'node:net';

type Report = (what: string, stack: string) => void;

/** Globals that do an exercise's job or reach the network by themselves. */
const GLOBALS = ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'];

export function guard(report: Report): void {
  const refuse = (what: string): never => {
    const error = new Error(`${what} is not allowed in an exercise`);
    report(what, String(error.stack));
    throw error;
  };
  closeLoaders(refuse);
  closeProcess(refuse);
  for (const name of GLOBALS) closeGlobal(name, refuse);
  closeNetwork(refuse);
}

function closeLoaders(refuse: (what: string) => never): void {
  const loaders = process as unknown as Record<string, unknown>;
  for (const name of ['getBuiltinModule', 'binding', '_linkedBinding', 'dlopen', 'chdir']) {
    if (loaders[name]) define(process, name, (what: unknown) => refuse(`process.${name}(${String(what)})`));
  }
  define(Module, '_load', (what: unknown) => refuse(`require(${String(what)})`));
  define(Module, 'createRequire', () => refuse('createRequire()'));
}

/** Signals to others, and what would swallow the errors that nobody catches. vitest has taken its own `send` before. */
function closeProcess(refuse: (what: string) => never): void {
  // process.kill checks its arguments and calls this.
  const { _kill: kill } = process as unknown as { _kill(pid: number, signal: number): number };
  define(process, '_kill', (pid: number, signal: number) => {
    return pid === process.pid ? kill(pid, signal) : refuse(`a signal to process ${pid}`);
  });
  for (const name of ['send', 'disconnect', 'setUncaughtExceptionCaptureCallback']) {
    define(process, name, () => refuse(`process.${name}()`));
  }
}

function closeGlobal(name: string, refuse: (what: string) => never): void {
  if (!(name in globalThis)) return;
  Reflect.defineProperty(globalThis, name, { get: () => refuse(name), configurable: false });
}

/** 127.0.0.0/8, ::1 and Unix sockets are all the network there is. */
function closeNetwork(refuse: (what: string) => never): void {
  const connect = net.Socket.prototype.connect;
  define(net.Socket.prototype, 'connect', function (this: net.Socket, ...args: unknown[]) {
    const host = hostOf(args);
    if (host !== undefined && !isLoopback(host)) refuse(`a connection to ${host}`);
    return Reflect.apply(connect, this, args);
  });
  for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6'] as const) {
    const original = dns[name] as (...args: unknown[]) => unknown;
    define(dns, name, (...args: unknown[]) => {
      // A server at :: or 0.0.0.0 looks its address up too; for an address nobody is asked.
      const isAddress = name === 'lookup' && net.isIP(String(args[0])) !== 0;
      if (!isAddress && !isLoopback(String(args[0]))) refuse(`a DNS query for ${String(args[0])}`);
      return original(...args);
    });
  }
}

/** net.connect passes its normalised arguments as one array; direct callers pass options, or port and host. */
function hostOf(args: unknown[]): string | undefined {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === 'object' && first !== null) {
    const { path, host } = first as { path?: string; host?: string };
    return path === undefined ? (host ?? 'localhost') : undefined;
  }
  return typeof second === 'string' ? second : undefined;
}

/** `[::1]` is how a URL writes it; dialled like that it is a mistake, which Node itself explains. No pattern: they are not locked. */
function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1' || host === '[::1]') return true;
  const address = host.startsWith('::ffff:') ? host.slice(7) : host;
  return isIPv4(address) && address.startsWith('127.');
}

function define(target: object, name: string, value: unknown): void {
  Reflect.defineProperty(target, name, { value, writable: false, configurable: false });
}
