/**
 * hostile: a promise at the top level that never settles
 * verdict: timed-out
 * says: while the file was imported
 */
await new Promise(() => {
  setInterval(() => {}, 1000);
});

export class RingBuffer {}
