/**
 * `npm run errata [-- NAME…]`: the measurements that exercises/ERRATA.md names, on this machine.
 *
 * Each prints what was found, in one line. Nothing here is asserted: systems differ, and the page says what Linux and
 * Node do. What needs another system says so. All traffic is on the loopback interface.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import net, { type AddressInfo, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { cert, key } from '../harness/suites/11-connection-pool/conformance/certificate.ts';

const HOST = '127.0.0.1';
const LINUX_ONLY = 'only Linux tells';

const MEASUREMENTS: Record<string, () => string | Promise<string>> = {
  'accept-later': async () => {
    const child = spawnNode(
      `require('net').createServer().listen(0, '${HOST}', function () { console.log(this.address().port) })`,
    );
    const [port] = await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill('SIGSTOP');
    const socket = net.connect(Number(port), HOST);
    await once(socket, 'connect');
    socket.destroy();
    child.kill('SIGKILL');
    return 'a client connected to a listener whose process was stopped';
  },

  'descriptor-limit': () => {
    const show = 'console.log(JSON.stringify(process.report.getReport().userLimits.open_files))';
    const found = execFileSync('sh', ['-c', 'ulimit -Sn 256; exec "$0" -e "$1"', process.execPath, show]);
    const { soft, hard } = JSON.parse(String(found));
    return `started with a soft limit of 256, Node runs with ${soft}; the hard limit is ${hard}`;
  },

  'buffer-defaults': () => {
    const [rmem, wmem] = ['tcp_rmem', 'tcp_wmem'].map((name) => read(`/proc/sys/net/ipv4/${name}`)?.split(/\s+/));
    if (!rmem || !wmem) return LINUX_ONLY;
    return `receive ${rmem[1]}, at most ${rmem[2]} bytes; send ${wmem[1]}, at most ${wmem[2]}`;
  },

  'socket-size': () => {
    const size = /^TCP +(\d+)/m.exec(read('/proc/net/protocols') ?? '')?.[1];
    if (size === undefined) return LINUX_ONLY;
    const waiting = read('/sys/kernel/slab/tw_sock_TCP/object_size')?.trim() ?? 'an unknown number of';
    return `${size} bytes for a TCP socket, ${waiting} for one in TIME_WAIT`;
  },

  'time-wait': async () => {
    if (!existsSync('/proc/net/tcp')) return LINUX_ONLY;
    const server = await listening(net.createServer((socket) => socket.resume()));
    const socket = net.connect(portOf(server), HOST);
    await once(socket, 'connect');
    const { localPort = 0 } = socket;
    socket.end();
    await once(socket.resume(), 'close');
    server.close();
    const start = performance.now();
    while (isInTimeWait(localPort)) await sleep(100);
    return `${seconds(performance.now() - start)} for the side that closed first`;
  },

  'parsed-heap': () => {
    setFlagsFromString('--expose-gc');
    const records = Array.from({ length: 50_000 }, (_, id) => ({
      id,
      name: `user ${id}`,
      email: `u${id}@example.com`,
    }));
    const points = Array.from({ length: 200_000 }, (_, i) => [i, -i]);
    return `records: ${heapOf(JSON.stringify(records))}; pairs of numbers: ${heapOf(JSON.stringify(points))}`;
  },

  'write-false': async () => {
    const server = await listening(net.createServer({ pauseOnConnect: true }));
    const accepted = once(server, 'connection');
    const socket = net.connect(portOf(server), HOST);
    await once(socket, 'connect');
    const chunk = Buffer.alloc(1 << 20);
    let refused = 0;
    for (let i = 0; i < 256; i++) if (!socket.write(chunk)) refused++;
    const queued = megabytes(socket.writableLength);
    socket.destroy();
    const [peer] = await accepted;
    peer.destroy();
    server.close();
    return `256 writes of 1 MiB to a peer that does not read: ${refused} returned false, and ${queued} were queued all the same`;
  },

  reset: async () => {
    const server = await listening(net.createServer((socket) => socket.resetAndDestroy()));
    const socket = net.connect(portOf(server), HOST);
    const [error] = await once(socket, 'error');
    server.close();
    return `a peer that resets: ${error.code}, and no end of stream`;
  },

  'keep-alive-timeout': () => `node:http closes an idle connection after ${http.createServer().keepAliveTimeout} ms`,

  'alpn-mismatch': async () => {
    const server = await listening(
      tls.createServer({ key, cert, ALPNProtocols: ['h2'] }).on('tlsClientError', () => {}),
    );
    const socket = tls.connect({ port: portOf(server), host: HOST, ca: cert, ALPNProtocols: ['http/1.0'] });
    const [error] = await once(socket, 'error');
    server.close();
    return `the client gets ${error.code}`;
  },

  'h2-streams': () => {
    const { maxConcurrentStreams } = http2.getDefaultSettings();
    return `node:http2 allows ${maxConcurrentStreams ?? 'any number of'} streams at a time unless told otherwise`;
  },

  'unread-stream': async () => {
    const server = await listening(http2.createServer());
    // The first upload is never read; the second is, and is answered at its end.
    server.on('stream', (stream, { ':path': path }) => {
      stream.on('error', () => {});
      if (path === '/read') stream.resume().on('end', () => stream.respond({ ':status': 200 }, { endStream: true }));
    });
    const session = http2.connect(`http://${HOST}:${portOf(server)}`);
    const unread = session.request({ ':method': 'POST', ':path': '/unread' });
    unread.on('error', () => {}).write(Buffer.alloc(1 << 20));
    const second = session.request({ ':method': 'POST', ':path': '/read' });
    second.end(Buffer.alloc(1 << 20));
    const answered = await Promise.race([
      once(second, 'response').then(() => true),
      sleep(3000, false, { ref: false }),
    ]);
    session.destroy();
    server.close();
    return `beside a stream that node:http2 does not read, an upload of 1 MiB ${answered ? 'went through' : 'stood still'}`;
  },

  'raw-request': async () => {
    const open = await exchange('GET / HTTP/1.1\r\n');
    const closed = await exchange('GET / HTTP/1.1\r\n\r\n');
    return `without the empty line: ${open}; with it, but without Host: ${closed}`;
  },

  'space-before-colon': async () => exchange('GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 0\r\n\r\n'),
};

function heapOf(text: string): string {
  const collect: () => void = runInNewContext('gc');
  collect();
  const before = process.memoryUsage().heapUsed;
  const parsed: unknown[] = JSON.parse(text);
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  return `${megabytes(text.length)} of JSON, ${megabytes(grown)} of heap for its ${parsed.length} elements`;
}

/** What node:http answers to these octets, as a status line. */
async function exchange(request: string): Promise<string> {
  const server = await listening(http.createServer((_, response) => response.end()));
  const socket = net.connect(portOf(server), HOST).setEncoding('latin1');
  socket.write(request);
  const answer = await Promise.race([once(socket, 'data').then(([data]) => String(data)), sleep(500, '')]);
  socket.destroy();
  server.close();
  return answer.split('\r\n')[0] || 'no answer';
}

async function listening<T extends Server>(server: T): Promise<T> {
  server.listen(0, HOST);
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function spawnNode(script: string): ChildProcess {
  return spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Linux’s table of TCP sockets: local address and port in hexadecimal, the state in the fourth column; 06 is TIME_WAIT. */
function isInTimeWait(port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return new RegExp(`^ *\\d+: \\w+:${hex} \\w+:\\w+ 06 `, 'm').test(readFileSync('/proc/net/tcp', 'latin1'));
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in MEASUREMENTS));
if (unknown !== undefined) {
  console.error(`There is no measurement “${unknown}”. There are: ${Object.keys(MEASUREMENTS).join(', ')}.`);
  process.exit(2);
}
for (const [name, measure] of Object.entries(MEASUREMENTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`${name.padEnd(20)} ${await measure()}`);
}
