/** Known-wrong pools: small edits of the reference, each a bug that has been made, many of them in well-known libraries. */
import type { WrongEdit } from '../../kit/wrong.ts';

const MAY_RETRY = 'return reused && !answered && idempotent;';

export default [
  // ── the key ──
  {
    id: 'key-without-tls',
    bug: 'the TLS identity is not part of the key, so an unverified connection serves everybody (Python Requests, CVE-2024-35195)',
    caughtBy: 'pool-key-tls-identity',
    find: 'tls: identity });',
    replace: 'tls: {} });',
  },
  {
    id: 'key-in-callers-order',
    bug: 'the key is the JSON of the caller’s options, whose properties stand in any order',
    caughtBy: 'pool-key-tls-same',
    find: 'tls: identity });',
    replace: 'tls });',
  },
  {
    id: 'key-without-port',
    bug: 'the port is left out of the key of http origins',
    caughtBy: 'pool-key-each-part',
    find: "{ scheme: 'http', host, port: Number(port || 80) }",
    replace: "{ scheme: 'http', host, port: 80 }",
  },
  // ── reading ──
  {
    id: 'surplus-bytes-ignored',
    bug: 'bytes behind the response are dropped and the connection kept (response-queue poisoning)',
    caughtBy: 'pool-poisoned-with-response',
    find: 'if (this.#input.length > 0) this.#closed = true;',
    replace: '',
  },
  {
    id: 'http10-persists',
    bug: 'an HTTP/1.0 response without keep-alive is taken for a persistent one',
    caughtBy: 'pool-http10',
    find: "return this.#minor === 1 || options.includes('keep-alive');",
    replace: 'return true;',
  },
  {
    id: 'close-in-lower-case-only',
    bug: 'connection options are compared with their case: “Close” goes unnoticed',
    caughtBy: 'pool-read-persistence',
    find: '.map((option) => option.toLowerCase());\n    if (!this.#complete',
    replace: ';\n    if (!this.#complete',
  },
  {
    id: 'head-has-body',
    bug: 'the response to HEAD waits for the body that its Content-Length tells of',
    caughtBy: 'pool-read-no-body',
    find: "method === 'HEAD' || this.#status === 204",
    replace: 'this.#status === 204',
  },
  {
    id: 'only-100-is-interim',
    bug: 'only 100 is skipped; 103 Early Hints is taken for the response',
    caughtBy: 'pool-read-interim',
    find: 'while (this.#status < 200);',
    replace: 'while (this.#status === 100);',
  },
  {
    id: 'content-length-by-number',
    bug: 'Content-Length goes through Number(), which reads 0x10, 1e1 and the empty string',
    caughtBy: 'pool-read-bad-length',
    find: 'const wrong = !/^[0-9]+$/.test(length) || !Number.isSafeInteger(Number(length));',
    replace: 'const wrong = !(Number(length) >= 0) || !Number.isSafeInteger(Number(length));',
  },
  {
    id: 'chunk-size-by-parseint',
    bug: 'chunk sizes go through parseInt(), which reads 0x1, -1 and 1zz',
    caughtBy: 'pool-read-bad-chunk',
    find: '/^([0-9A-Fa-f]{1,13})(?:[ \\t]*;.*)?$/',
    replace: '/^([^;]+)(?:;.*)?$/',
  },
  {
    id: 'chunk-end-unchecked',
    bug: 'what stands between a chunk’s data and the next line’s end is skipped',
    caughtBy: 'pool-read-bad-chunk',
    find: "if ((yield* this.#line()) !== '') throw malformed('chunk data longer than its size');",
    replace: 'yield* this.#line();',
  },
  {
    id: 'two-lengths-accepted',
    bug: 'Transfer-Encoding wins over Content-Length without an error',
    caughtBy: 'pool-read-bad-coding',
    find: "if (lengths.length > 0) throw malformed('both Transfer-Encoding and Content-Length'); // smuggling, §11.2",
    replace: '',
  },
  {
    id: 'eof-is-the-end',
    bug: 'when the server closes, whatever has come is the whole response',
    caughtBy: 'pool-read-incomplete',
    find: 'if (!this.#over) this.#fail(incomplete());',
    replace: "if (!this.#over) this.#parts.push({ type: 'end' });",
  },
  {
    id: 'trim-takes-more',
    bug: 'field values are trimmed with trim(), which takes U+00A0 as well',
    caughtBy: 'pool-read-fields',
    find: 'function trimOws(text: string): string {',
    replace: "function trimOws(text: string): string {\n  if (text !== '') return text.trim();",
  },
  {
    id: 'interim-without-limit',
    bug: 'the limit on lines begins anew with each head: interim responses can come for ever',
    caughtBy: 'pool-read-bounded',
    find: 'this.#headers = [];\n    for (',
    replace: 'this.#headers = [];\n    this.#lineBytes = 0;\n    for (',
  },
  // ── the queue ──
  {
    id: 'dials-not-counted',
    bug: 'only open connections count against the maximum: a burst dials one for each request',
    caughtBy: 'pool-core-maximum',
    find: 'connections.size < this.#max)',
    replace: 'connections.size - origin.dialing < this.#max)',
  },
  {
    id: 'idle-first-in-first-out',
    bug: 'the connection that has been idle longest is used first, the likeliest to be stale (http.Agent’s “fifo”)',
    caughtBy: 'pool-core-lifo',
    find: 'return origin.idle.pop();',
    replace: 'return origin.idle.shift();',
  },
  {
    id: 'cancelled-waiter-stays',
    bug: 'a cancelled request keeps its place in the queue and is handed a connection',
    caughtBy: 'pool-core-cancel-waiting',
    find: 'else request.queue.remove(request);\n    return this.#balance',
    replace: 'return this.#balance',
  },
  {
    id: 'queue-loses-its-tail',
    bug: 'when the last waiter leaves, the queue still points at it',
    caughtBy: 'pool-core-cancel-all-waiting',
    find: 'else this.#last = request.before;',
    replace: '',
  },
  {
    id: 'dial-failure-wakes-nobody',
    bug: 'a failed dial makes no room for the next waiter: the pool hangs after a refused connection',
    caughtBy: 'pool-core-dial-failure-wakes-next',
    find: 'else if (request) actions.push(this.#fail(request, error));\n    return this.#balance(origin, actions);',
    replace:
      "else if (request) actions.push(this.#fail(request, error));\n    return state === 'dialing' ? actions : this.#balance(origin, actions);",
  },
  {
    id: 'cancel-keeps-connection',
    bug: 'the connection of a cancelled request goes back to the pool, its response still to come',
    caughtBy: 'pool-core-cancel-in-flight',
    find: 'if (request.connection) actions.push(this.#drop(request.connection));\n    else',
    replace:
      'if (request.connection) return this.#free(request.connection, request.queue.origin.waiting.first, this.#idleTimeout, 0);\n    else',
  },
  // ── reuse ──
  {
    id: 'idle-bytes-ignored',
    bug: 'bytes on an idle connection are dropped, or left for the next reader',
    caughtBy: 'pool-core-idle-bytes',
    find: "if (connection?.state !== 'idle') return [];",
    replace: 'if (connection) return [];\n    if (!connection) return [];',
  },
  {
    id: 'busy-counts-as-surplus',
    bug: 'all connections count against the maximum of idle ones (httpcore 1.0)',
    caughtBy: 'pool-core-busy-is-not-surplus',
    find: 'origin.idle.length > this.#maxIdle',
    replace: 'origin.connections.size > this.#maxIdle',
  },
  {
    id: 'released-twice',
    bug: 'a second release puts the connection into the list of idle ones again',
    caughtBy: 'pool-core-double-release',
    find: "if (connection?.state !== 'busy') return [];\n    const { origin } = connection;\n    this.#requests.delete(connection.request!.id);",
    replace:
      'if (!connection) return [];\n    const { origin } = connection;\n    if (connection.request) this.#requests.delete(connection.request.id);',
  },
  // ── the retry ──
  {
    id: 'no-retry',
    bug: 'the loss of a stale connection is handed to the caller (http.Agent, agentkeepalive, undici)',
    caughtBy: 'pool-stale-reset-retried',
    find: MAY_RETRY,
    replace: 'return false && reused && answered && idempotent;',
  },
  {
    id: 'retries-everything',
    bug: 'a request is retried whatever its method: an order is placed twice',
    caughtBy: 'pool-core-no-retry-not-idempotent',
    find: MAY_RETRY,
    replace: 'return reused && !answered && (idempotent || true);',
  },
  {
    id: 'post-is-idempotent',
    bug: 'POST stands in the list of idempotent methods',
    caughtBy: 'pool-stale-post-reset',
    find: "new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])",
    replace: "new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'POST'])",
  },
  {
    id: 'retries-after-a-byte',
    bug: 'a request is retried although its response has begun',
    caughtBy: 'pool-core-no-retry-after-byte',
    find: MAY_RETRY,
    replace: 'return reused && (!answered || true) && idempotent;',
  },
  {
    id: 'retries-on-fresh',
    bug: 'a request is retried although its connection was new: one that kills the server is sent for ever',
    caughtBy: 'pool-core-no-retry-fresh',
    find: MAY_RETRY,
    replace: 'return (reused || true) && !answered && idempotent;',
  },
  {
    id: 'retry-on-idle',
    bug: 'the retry takes the next idle connection, which is as stale as the first (Go’s Transport before its pool is empty)',
    caughtBy: 'pool-core-retry-on-new-connection',
    find: 'if (request && mayRetry(connection, request)) this.#enqueue(request, origin.retrying, now, actions);',
    replace: `if (request && mayRetry(connection, request)) {
      const idle = this.#takeIdle(origin, now, actions);
      if (idle) actions.push(this.#assign(idle, request));
      else this.#enqueue(request, origin.retrying, now, actions);
    }`,
  },
  {
    id: 'retry-at-the-end',
    bug: 'the retry waits behind everybody else, and takes whatever connection becomes free',
    caughtBy: 'pool-core-retry-first',
    find: 'this.#enqueue(request, origin.retrying, now, actions);',
    replace: 'this.#enqueue(request, origin.waiting, now, actions);',
  },
  {
    id: 'answered-sticks',
    bug: 'that a byte came for an earlier request forbids the retry of a later one',
    caughtBy: 'pool-core-each-request-anew',
    find: 'connection.answered = false;',
    replace: '',
  },
  {
    id: 'parked-counts-as-fresh',
    bug: 'a connection that was idle before its first request counts as fresh',
    caughtBy: 'pool-core-parked-is-reused',
    find: 'connection.reused = true;\n    connection.expires',
    replace: 'connection.expires',
  },
  // ── time ──
  {
    id: 'hint-without-margin',
    bug: 'the connection is kept for exactly as long as the server says, and raced for at the end',
    caughtBy: 'pool-core-hint',
    find: 'idleHint - HINT_MARGIN',
    replace: 'Math.max(idleHint, HINT_MARGIN)',
  },
  {
    id: 'hint-overrides',
    bug: 'the server’s hint replaces the client’s own limit instead of shortening it (undici)',
    caughtBy: 'pool-core-hint-only-shortens',
    find: 'Math.min(this.#idleTimeout, idleHint - HINT_MARGIN)',
    replace: '(idleHint === Number.POSITIVE_INFINITY ? this.#idleTimeout : idleHint - HINT_MARGIN)',
  },
  {
    id: 'expired-handed-out',
    bug: 'only the timer closes expired connections: when it is late they are used',
    caughtBy: 'pool-core-expired-not-used',
    find: 'if (last.expires > now) return',
    replace: 'if (last.expires > now || true) return',
  },
  {
    id: 'idle-time-from-birth',
    bug: 'the idle time is counted from the first release, not from the last',
    caughtBy: 'pool-core-idle-restarts',
    find: 'connection.expires = now + idleFor;',
    replace: 'if (connection.expires === Number.POSITIVE_INFINITY) connection.expires = now + idleFor;',
  },
  {
    id: 'retry-never-times-out',
    bug: 'the clock looks at the queue only: a retry whose dial hangs waits for ever',
    caughtBy: 'pool-core-wait-timeout-retry',
    find: 'this.#expireRequests(origin.retrying, now, actions);',
    replace: '',
  },
  {
    id: 'woken-too-late',
    bug: 'an earlier deadline does not move the timer that is already set',
    caughtBy: 'pool-core-wake-at',
    find: 'if (at < this.#wakeAt) this.#wakeAt = at;',
    replace: 'if (this.#wakeAt === Number.POSITIVE_INFINITY) this.#wakeAt = at;',
  },
  // ── the shell ──
  {
    id: 'length-in-characters',
    bug: 'Content-Length counts characters',
    caughtBy: 'pool-sends-body',
    find: 'content?.length ?? 0',
    replace: 'body?.length ?? 0',
  },
  {
    id: 'splits-requests',
    bug: 'header values above U+00FF are let through, and truncated to CR and LF (Node, CVE-2018-12116)',
    caughtBy: 'pool-refuses-injection',
    find: '/^[\\t\\x20-\\x7e\\x80-\\xff]*$/',
    replace: '/^[^\\x00-\\x08\\x0a-\\x1f\\x7f]*$/',
  },
  {
    id: 'brackets-dialled',
    bug: 'an IPv6 address is dialled with its brackets',
    caughtBy: 'pool-ipv6',
    find: "hostname.replace(/^\\[|\\]$/g, '')",
    replace: 'hostname',
  },
  {
    id: 'no-backpressure',
    bug: 'the socket is read on although nobody reads the body',
    caughtBy: 'pool-backpressure',
    find: 'if (!exchange.body!.push(part.bytes)) link.socket.pause();',
    replace: 'exchange.body!.push(part.bytes);',
  },
  {
    id: 'timer-never-cleared',
    bug: 'a timer that is no longer needed is left to run out',
    caughtBy: 'pool-real-timer-cleared',
    find: 'clearTimer: (handle) => clearTimeout(handle as NodeJS.Timeout | undefined),',
    replace: 'clearTimer: () => {},',
  },
  {
    id: 'late-reader-resumes',
    bug: 'who has read a body sets its socket flowing for good, whoever is on it by then',
    caughtBy: 'pool-late-body',
    find: "return new Readable({ highWaterMark: UNREAD, read, destroy }).on('error', () => {});",
    replace: `const body = new Readable({ highWaterMark: UNREAD, read, destroy }).on('error', () => {});
    return body.on('end', () => {
      const { socket } = exchange.link!;
      socket.pause = () => socket;
      socket.resume();
    });`,
  },
  {
    id: 'break-keeps-slot',
    bug: 'a body that the caller stops reading holds its connection for ever',
    caughtBy: 'pool-break-gives-up',
    find: 'this.#giveUp(exchange, error);\n      done(error);',
    replace: 'done(error);',
  },
  {
    id: 'early-response-reused',
    bug: 'a connection is used again although its last request is still being sent',
    caughtBy: 'pool-early-response',
    find: '{ reusable: reusable && sent, idleHint }',
    replace: '{ reusable: reusable && (sent || true), idleHint }',
  },
  {
    id: 'listener-per-request',
    bug: 'each request adds a listener to the socket and leaves it there',
    caughtBy: 'pool-no-listener-leak',
    find: 'link.socket.write(exchange.bytes);',
    replace: "link.socket.setMaxListeners(0).on('error', () => {});\n    link.socket.write(exchange.bytes);",
  },
  {
    id: 'signal-listener-stays',
    bug: 'the listener on the caller’s signal stays after the response',
    caughtBy: 'pool-no-listener-leak',
    find: 'exchange.unlisten();\n',
    replace: '',
  },
  {
    id: 'close-does-not-wait',
    bug: 'close ends what is under way (http.Agent’s destroy is all there is)',
    caughtBy: 'pool-close-waits',
    find: 'this.#do(this.#core.close());',
    replace: "this.#do(this.#core.destroy(failure('ESHUTDOWN', 'closed')));",
  },
  {
    id: 'destroy-forgets-waiters',
    bug: 'destroy fails what is on a connection; those that wait, wait for ever',
    caughtBy: 'pool-core-destroy',
    find: "for (const request of this.#requests.keys()) actions.push({ type: 'fail', request, error });",
    replace:
      "for (const [request, { connection }] of this.#requests) if (connection) actions.push({ type: 'fail', request, error });",
  },
] satisfies WrongEdit[];
