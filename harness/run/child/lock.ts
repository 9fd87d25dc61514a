/**
 * Locks the built-ins that grading relies on, once vitest has loaded and before the subject does.
 *
 * Otherwise `Object.is = () => true` would make every comparison hold. vitest itself must still be
 * able to set `setTimeout` and `process.nextTick`, and libraries define `toString`, `name`, `message`
 * and the like on their own objects by assignment, which a read-only property on a prototype forbids
 * (the "override mistake"); those names stay open. So does RegExp.prototype: V8 makes `replace` ten times as slow
 * once anything about it has changed. What stays open is looked at in the end (witness.ts), and decides nothing.
 *
 * node:http2 is loaded for its effect: while loading, it and node:https assign to methods that they inherit
 * from `net.Server`, which is no longer possible afterwards. So is node:worker_threads: fetch loads it at its first
 * use, and it assigns to process.chdir.
 */
import 'node:http2';
import 'node:worker_threads';
import net from 'node:net';
import util from 'node:util';

const OPEN = new Set<PropertyKey>([
  ...['constructor', 'toString', 'valueOf', 'toLocaleString', 'name', 'message', 'stack', 'then'],
  ...['__proto__', 'prepareStackTrace', 'stackTraceLimit', 'captureStackTrace', 'hasOwnProperty'],
  ...['isPrototypeOf', 'propertyIsEnumerable', 'length', 'code', 'cause'],
]);

const CONSTRUCTORS = [
  ...['Object', 'Function', 'Array', 'String', 'Number', 'Boolean', 'Symbol', 'BigInt', 'Math', 'JSON', 'Reflect'],
  ...['Promise', 'Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'Date', 'Proxy', 'ArrayBuffer', 'DataView'],
  ...['Uint8Array', 'Uint16Array', 'Uint32Array', 'Int32Array', 'Float64Array', 'BigUint64Array', 'Buffer', 'Error'],
  ...['TypeError', 'RangeError', 'URL', 'TextEncoder', 'TextDecoder', 'AbortController', 'Event', 'EventTarget'],
  ...['Atomics', 'SharedArrayBuffer', 'Iterator'],
];

const GLOBALS = [...CONSTRUCTORS, 'performance', 'process', 'structuredClone', 'queueMicrotask', 'globalThis'];

const PROCESS = ['reallyExit', 'hrtime', 'cpuUsage', 'memoryUsage', 'kill', 'abort', 'send', 'binding', 'on', 'emit'];

export function lockIntrinsics(): void {
  freezeFirst();
  for (const name of CONSTRUCTORS) lockWithPrototype((globalThis as Record<string, unknown>)[name]);
  lock(Object.getPrototypeOf(Uint8Array));
  lock(Object.getPrototypeOf(Uint8Array.prototype));
  lock(Object.getPrototypeOf([][Symbol.iterator]()));
  lock(Object.getPrototypeOf(async function* () {}.prototype));
  pin(performance, 'now', performance.now.bind(performance));
  lock(performance);
  lock(Object.getPrototypeOf(performance));
  lock(process.hrtime);
  lock(util);
  lockWithPrototype(net.Socket);
  lockWithPrototype(net.Server);
  for (const name of PROCESS) pin(process, name);
  for (const name of GLOBALS) pin(globalThis, name);
}

/**
 * Not property by property: V8 takes a new definition of `Symbol.species`, `next` or `then`, even an equal one, for a
 * sign that somebody changed what they do, and `splice`, `map` and `Promise.all` then go the long way, up to forty
 * times as long. Other prototypes are not frozen: stores into arrays, and `length` of typed ones, would become slow.
 */
function freezeFirst(): void {
  const iterators = [new Map(), new Set(), ''].map((iterable) => Object.getPrototypeOf(iterable[Symbol.iterator]()));
  for (const target of [Array, Promise, Promise.prototype, ...iterators]) Object.freeze(target);
}

function lockWithPrototype(value: unknown): void {
  if (value === undefined) return;
  lock(value as object);
  const prototype = (value as { prototype?: object }).prototype;
  if (!prototype) return;
  lock(prototype);
  // Else `Object.prototype.toJSON = …` would rewrite whatever is sent as JSON.
  Object.preventExtensions(prototype);
}

function lock(target: object): void {
  for (const key of Reflect.ownKeys(target)) {
    if (OPEN.has(key)) continue;
    const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
    if (!descriptor?.configurable) continue;
    if (!('value' in descriptor)) Reflect.defineProperty(target, key, { configurable: false });
    else if (typeof descriptor.value === 'function' || typeof key === 'symbol') {
      Reflect.defineProperty(target, key, { writable: false, configurable: false });
    }
  }
  keepFast(target);
}

/**
 * So many changes turn V8's fast properties into a dictionary, out of which it inlines nothing: `length` of a typed
 * array then takes 12 ns instead of 0.7, `Math.min` 5 instead of 0.3, and code that uses them is graded as slow.
 * V8 makes an object fast again when warm code looks something up in an heir of it.
 */
function keepFast(target: object): void {
  const heir: { nothing?: unknown } = Object.create(target);
  for (let i = 0; i < 20; i++) lookUp(heir);
}

function lookUp(heir: { nothing?: unknown }): unknown {
  return heir.nothing;
}

/** Makes one property read-only, whatever it holds. */
function pin(target: object, key: string, value: unknown = (target as Record<string, unknown>)[key]): void {
  const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
  if (value === undefined || descriptor?.configurable === false) return;
  Reflect.defineProperty(target, key, {
    value,
    writable: false,
    configurable: false,
    enumerable: descriptor?.enumerable ?? false,
  });
}
