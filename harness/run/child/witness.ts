/**
 * What cannot be locked, because vitest sets it or locking it would make it slow, is looked at again in the end: a
 * subject that replaced a timer or listens in the harness's place has tampered.
 */
type Look = () => unknown;

const LOOKS: Record<string, Look> = {
  setTimeout: () => globalThis.setTimeout,
  setInterval: () => globalThis.setInterval,
  setImmediate: () => globalThis.setImmediate,
  clearTimeout: () => globalThis.clearTimeout,
  'process.nextTick': () => process.nextTick,
  'process.exit': () => process.exit,
  'Error.prepareStackTrace': () => Error.prepareStackTrace,
  'process’s listener for uncaught exceptions': () => process.listeners('uncaughtException')[0],
  'process’s listener for unhandled rejections': () => process.listeners('unhandledRejection')[0],
};

for (const key of Reflect.ownKeys(RegExp.prototype)) {
  LOOKS[`RegExp.prototype.${String(key)}`] = () => {
    const { value, get } = Reflect.getOwnPropertyDescriptor(RegExp.prototype, key) ?? {};
    return value ?? get;
  };
}

/** Looks now; the function returned names the first thing that has changed since. */
export function witness(): () => string | undefined {
  const before = Object.entries(LOOKS).map(([name, look]) => ({ name, look, seen: look() }));
  return () => before.find(({ look, seen }) => look() !== seen)?.name;
}
