/**
 * Records what real HTTP/2 peers put on the wire: `node --import ./harness/typescript.mjs scripts/record/13-h2-frames.ts`.
 *
 * Each peer talks to a server through a tee that keeps the octets of both directions. The result is one JSON file a
 * peer in fixtures/13-h2-frames: who spoke, by which command, the octets in base64, and a line for each frame, made by
 * the few lines below that know nothing but the 9 octets of a header. For nghttp those lines are checked against
 * nghttp's own log.
 *
 * Needs, on Debian: `apt-get install curl nghttp2-client nghttp2-server chromium openssl`. Everything stays on 127.0.0.1.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('../../fixtures/13-h2-frames/', import.meta.url));
const scratch = mkdtempSync(path.join(tmpdir(), 'h2-record-'));
const PREFACE_LENGTH = 24;
const NAMES = [
  'DATA',
  'HEADERS',
  'PRIORITY',
  'RST_STREAM',
  'SETTINGS',
  'PUSH_PROMISE',
  'PING',
  'GOAWAY',
  'WINDOW_UPDATE',
  'CONTINUATION',
];

interface Recording {
  client: Buffer[];
  server: Buffer[];
}

interface Peer {
  name: string;
  who: string;
  /** What was run, for people: the port is left out. */
  command: string;
  talk: (port: number) => Promise<unknown>;
  tls?: boolean;
  upstream: number;
}

/** Passes octets on and keeps a copy, by connection. */
async function tee({
  upstream,
  tls: secure = false,
}: Peer): Promise<{ port: number; recordings: Recording[]; close(): void }> {
  const recordings: Recording[] = [];
  const accept = (client: net.Socket): void => {
    const server = net.connect(upstream, '127.0.0.1');
    const recording: Recording = { client: [], server: [] };
    recordings.push(recording);
    client.on('data', (octets: Buffer) => {
      recording.client.push(octets);
      server.write(octets);
    });
    server.on('data', (octets: Buffer) => {
      recording.server.push(octets);
      client.write(octets);
    });
    client.on('end', () => server.end()).on('error', () => server.destroy());
    server.on('end', () => client.end()).on('error', () => client.destroy());
  };
  const server = secure
    ? tls.createServer({ ...certificate(), ALPNProtocols: ['h2'] }, accept)
    : net.createServer(accept);
  const port = await listen(server);
  return { port, recordings, close: () => void server.close() };
}

function certificate(): { key: Buffer; cert: Buffer } {
  const [key, cert] = [path.join(scratch, 'key.pem'), path.join(scratch, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  execFileSync('openssl', [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

async function listen(server: net.Server | http2.Http2Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

/** Pads what it sends, pushes where it may, answers POST with what it got and trailers. */
function nodeServer(): http2.Http2Server {
  const server = http2.createServer({
    paddingStrategy: http2.constants.PADDING_STRATEGY_MAX,
    maxSendHeaderBlockLength: 100_000,
    settings: { maxHeaderListSize: 100_000, maxConcurrentStreams: 100 },
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    if (headers[':path'] === '/never') return;
    if (stream.pushAllowed && headers[':path'] === '/') {
      stream.pushStream({ ':path': '/pushed' }, (error, pushed) => {
        if (!error) pushed.respond({ ':status': 200 }) ?? pushed.end('pushed');
      });
    }
    const long = headers[':path'] === '/long' ? { 'x-long': 'long '.repeat(5_000) } : {};
    stream.respond(
      { ':status': 200, 'content-type': 'text/plain', ...long },
      { waitForTrailers: headers[':method'] === 'POST' },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-trailer': 'end' }));
    if (headers[':method'] === 'POST') stream.pipe(stream);
    else stream.end('hello '.repeat(100));
  });
  return server;
}

async function nodeClient(port: number): Promise<void> {
  const session = http2.connect(`http://127.0.0.1:${port}`, {
    maxSendHeaderBlockLength: 100_000,
    settings: { enablePush: true, initialWindowSize: 100_000, maxHeaderListSize: 100_000 },
  });
  session.on('stream', (pushed) => pushed.resume());
  const done = (headers: http2.OutgoingHttpHeaders, body?: string): Promise<unknown> => {
    const request = session.request(headers, { endStream: body === undefined });
    if (body !== undefined) request.end(body);
    return once(request.resume(), 'close');
  };
  await done({ ':path': '/' });
  await done({ ':path': '/echo', ':method': 'POST' }, 'echo '.repeat(3_400));
  await done({ ':path': '/long', cookie: 'cookie='.repeat(4_000) });
  const never = session.request({ ':path': '/never' });
  await new Promise((resolve) => session.ping(Buffer.from('pingping'), resolve));
  never.close(http2.constants.NGHTTP2_CANCEL);
  await once(never, 'close');
  session.settings({ maxConcurrentStreams: 7 });
  await once(session, 'localSettings');
  session.goaway(http2.constants.NGHTTP2_NO_ERROR, 0, Buffer.from('good bye'));
  session.close();
  await once(session, 'close');
}

async function version(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(command, args);
  return stdout.split('\n')[0]!.trim();
}

/** `HEADERS stream=1 flags=0x25 length=37`, from the headers alone. */
function frameLines(octets: Buffer): string[] {
  const lines: string[] = [];
  for (let at = 0; at < octets.length; ) {
    const [length, type] = [octets.readUIntBE(at, 3), octets[at + 3]!];
    if (at + 9 + length > octets.length) throw new Error('the recording ends in the middle of a frame');
    const name = NAMES[type] ?? `UNKNOWN(0x${type.toString(16)})`;
    lines.push(
      `${name} stream=${octets.readUInt32BE(at + 5)} flags=0x${octets[at + 4]!.toString(16)} length=${length}`,
    );
    at += 9 + length;
  }
  return lines;
}

/** nghttp -v prints `recv SETTINGS frame <length=24, flags=0x00, stream_id=0>` for every frame: another decoder’s word. */
function nghttpLines(log: string, verb: 'send' | 'recv'): string[] {
  const pattern = new RegExp(
    `${verb} \\(?(?:stream_id=\\d+\\) )?(\\w+) frame <length=(\\d+), flags=0x(\\w+), stream_id=(\\d+)>`,
    'g',
  );
  const plain = log.replace(/\u001b\[[\d;]*m/g, '');
  return [...plain.matchAll(pattern)].map(([, name, length, flags, stream]) => {
    return `${name} stream=${stream} flags=0x${Number.parseInt(flags!, 16).toString(16)} length=${length}`;
  });
}

function save(peer: Peer, { client, server }: Recording, log?: string): void {
  const [sent, received] = [Buffer.concat(client), Buffer.concat(server)];
  const lines = { client: frameLines(sent.subarray(PREFACE_LENGTH)), server: frameLines(received) };
  if (log !== undefined) {
    if (nghttpLines(log, 'send').join('\n') !== lines.client.join('\n'))
      throw new Error('nghttp says that it sent other frames');
    if (nghttpLines(log, 'recv').join('\n') !== lines.server.join('\n'))
      throw new Error('nghttp says that it got other frames');
  }
  const { name, who, command } = peer;
  const fixture = {
    source: who,
    command,
    recordedBy: 'scripts/record/13-h2-frames.ts',
    client: { frames: lines.client, octets: sent.toString('base64') },
    server: { frames: lines.server, octets: received.toString('base64') },
  };
  writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(fixture, null, 2)}\n`);
  console.log(`${name}: ${lines.client.length} frames from the client, ${lines.server.length} from the server`);
}

const node = nodeServer();
const nodePort = await listen(node);
const nghttpdPort = await freePort();
writeFileSync(path.join(scratch, 'index.html'), 'hello '.repeat(3_000));
const nghttpd = spawn('nghttpd', ['--no-tls', '--address=127.0.0.1', `--htdocs=${scratch}`, String(nghttpdPort)], {
  stdio: 'ignore',
});

async function freePort(): Promise<number> {
  const server = net.createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

const nodeVersion = `Node ${process.versions.node} (nghttp2 ${process.versions.nghttp2})`;
const againstNode = `against node:http2 of ${nodeVersion}`;
const peers: Peer[] = [
  {
    name: 'node',
    who: `node:http2 of ${nodeVersion}, both ends`,
    command: 'GET, POST, a long cookie, PING, RST_STREAM, SETTINGS, GOAWAY: nodeClient() of the recorder',
    talk: nodeClient,
    upstream: nodePort,
  },
  {
    name: 'curl',
    who: `${(await version('curl', '--version')).split(' ').slice(0, 2).join(' ')} ${againstNode}`,
    command: 'curl --http2-prior-knowledge --data hello=world http://127.0.0.1/echo',
    talk: (port) =>
      run('curl', ['-s', '--http2-prior-knowledge', '--data', 'hello=world', `http://127.0.0.1:${port}/echo`]),
    upstream: nodePort,
  },
  {
    name: 'h2load',
    who: `${await version('h2load', '--version')} ${againstNode}`,
    command: 'h2load --requests=6 --clients=1 --max-concurrent-streams=3 http://127.0.0.1/load',
    talk: (port) =>
      run('h2load', ['--requests=6', '--clients=1', '--max-concurrent-streams=3', `http://127.0.0.1:${port}/load`]),
    upstream: nodePort,
  },
  {
    name: 'nghttp',
    who: `${await version('nghttp', '--version')} against nghttpd of the same`,
    command: 'nghttp --verbose --null-out http://127.0.0.1/index.html',
    talk: (port) => run('nghttp', ['--verbose', '--null-out', `http://127.0.0.1:${port}/index.html`]),
    upstream: nghttpdPort,
  },
  {
    name: 'chromium',
    who: `${await version('chromium', '--version')} ${againstNode}, TLS taken off`,
    command: 'chromium --headless --dump-dom https://127.0.0.1/page',
    talk: (port) => {
      const flags = [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--ignore-certificate-errors',
        `--user-data-dir=${scratch}/chromium`,
      ];
      return run('chromium', [...flags, '--dump-dom', `https://127.0.0.1:${port}/page`], { timeout: 60_000 });
    },
    tls: true,
    upstream: nodePort,
  },
];

try {
  for (const peer of peers) {
    const { port, recordings, close } = await tee(peer);
    const result = (await peer.talk(port)) as { stdout?: string } | undefined;
    close();
    const spoken = recordings.find(({ client }) => client.length > 0);
    if (!spoken) throw new Error(`${peer.name} said nothing`);
    save(peer, spoken, peer.name === 'nghttp' ? result?.stdout : undefined);
  }
} finally {
  nghttpd.kill();
  node.close();
  rmSync(scratch, { recursive: true, force: true });
}
process.exit();
