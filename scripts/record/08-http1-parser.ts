/**
 * Records what real HTTP/1.x clients put on the wire: `node --import ./harness/typescript.mjs scripts/record/08-http1-parser.ts`.
 *
 * Each client talks to node:http through a tee that keeps the octets which it sends. The result is one JSON file a
 * client in fixtures/08-http1-parser: who spoke, by which command, and for each connection the octets in base64 and
 * the requests that node:http made of them: another parser’s word on what they mean.
 *
 * Needs, on Debian: `apt-get install curl nghttp2-client wrk chromium`. Everything stays on 127.0.0.1. Afterwards
 * `npm run format` gives the files their usual layout.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../fixtures/08-http1-parser/', import.meta.url));
const scratch = mkdtempSync(path.join(tmpdir(), 'h1-record-'));

type Pairs = [name: string, value: string][];

interface Recorded {
  method: string;
  target: string;
  version: string;
  headers: Pairs;
  /** base64 */
  body: string;
  trailers: Pairs;
}

interface Connection {
  octets: string;
  requests: Recorded[];
}

interface Client {
  name: string;
  who: string;
  /** What was run, for people: the port is left out. */
  command: string;
  talk: (port: number) => Promise<unknown>;
  /** A load generator repeats itself: so many requests are enough. */
  keep?: number;
}

/** node:http, and what it understood, by the port that the connection came from. */
class Upstream {
  readonly understood = new Map<number, Recorded[]>();
  readonly server = http.createServer((request, response) => void this.#answer(request, response));
  #port = 0;

  constructor() {
    this.server.on('upgrade', (request, socket) => {
      this.#note(request, []);
      socket.on('error', () => {});
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
    });
    this.server.on('connect', (request, socket) => {
      this.#note(request, []);
      socket.on('error', () => {});
      socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
    });
  }

  async listen(): Promise<number> {
    this.#port = await listen(this.server);
    return this.#port;
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const body: Buffer[] = [];
    for await (const piece of request) body.push(piece);
    this.#note(request, body);
    const isPage = request.url === '/page';
    response.setHeader('Content-Type', isPage ? 'text/html' : 'text/plain');
    response.end(request.method === 'HEAD' ? undefined : isPage ? PAGE : 'ok');
  }

  #note(request: http.IncomingMessage, body: Buffer[]): void {
    const from = request.socket.remotePort!;
    const requests = this.understood.get(from) ?? [];
    this.understood.set(from, requests);
    requests.push({
      method: request.method!,
      target: request.url!,
      version: request.httpVersion,
      headers: pairs(request.rawHeaders),
      body: Buffer.concat(body).toString('base64'),
      trailers: pairs(request.rawTrailers),
    });
  }
}

/** What makes a browser send more than a GET. */
const PAGE = `<!doctype html><meta charset="utf-8"><img src="/image.png"><script>
  (async () => {
    document.cookie = 'theme=dark';
    document.cookie = 'session=0123456789abcdef';
    await fetch('/json', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"a":"\\u00e4"}' });
    const form = new FormData();
    form.append('text', 'line one\\r\\nline two');
    form.append('file', new Blob(['\\u0000\\u0001']), 'blob.bin');
    await fetch('/form?q=%C3%A4&x=|"{}', { method: 'PUT', body: form });
    await fetch('/nothing', { method: 'DELETE' });
    await fetch('/head', { method: 'HEAD', cache: 'no-store', headers: { Range: 'bytes=0-9' } });
    document.title = 'done';
  })();
</script>`;

function pairs(raw: string[]): Pairs {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i]!.toLowerCase(), raw[2 * i + 1]!]);
}

async function listen(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

/** Passes octets on and keeps those of the client, by the port that upstream sees. */
async function tee(upstream: number): Promise<{ port: number; sent: Map<number, Buffer[]>; close(): void }> {
  const sent = new Map<number, Buffer[]>();
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const behind = net.connect({ port: upstream, host: '127.0.0.1', allowHalfOpen: true });
    behind.once('connect', () => {
      const octets: Buffer[] = [];
      sent.set(behind.localPort!, octets);
      client.on('data', (data: Buffer) => octets.push(data));
      client.pipe(behind).pipe(client);
    });
    client.on('error', () => behind.destroy());
    behind.on('error', () => client.destroy());
  });
  return { port: await listen(server), sent, close: () => void server.close() };
}

async function run(command: string, args: string[], input = ''): Promise<string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.end(input);
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data;
  });
  await once(child, 'close');
  return output;
}

async function version(command: string, ...args: string[]): Promise<string> {
  return (await run(command, args)).split('\n')[0]!.trim();
}

/** One after the other on one connection each. */
async function curl(port: number): Promise<void> {
  const origin = `http://127.0.0.1:${port}`;
  const proxy = ['-x', origin];
  await run('curl', [
    '-s',
    `${origin}/?q=a%20b`,
    '-H',
    'X-Empty;',
    '-H',
    'Cookie: a=1; b="2"',
    '--next',
    '-s',
    '-I',
    `${origin}/head`,
  ]);
  await run('curl', ['-s', '--data', 'hello=world', `${origin}/form`]);
  await run('curl', ['-s', '-T', '-', `${origin}/upload`], 'from a pipe, so its length is unknown\r\n');
  await run('curl', ['-s', '-H', 'Expect: 100-continue', '--data-binary', '@-', `${origin}/expect`], 'x'.repeat(2000));
  await run('curl', ['-s', '-F', 'field=value', '-F', 'file=@-;filename=a.bin', `${origin}/multipart`], '\0\r\n--\xff');
  await run('curl', ['-s', '-0', `${origin}/old`]);
  await run('curl', ['-s', ...proxy, 'http://proxied.example/absolute?form']);
  await run('curl', ['-s', ...proxy, '-p', 'http://tunnelled.example/']);
  await run('curl', ['-s', '-X', 'OPTIONS', '--request-target', '*', `${origin}/`]);
  await run('curl', ['-s', '-H', 'Connection: Upgrade', '-H', 'Upgrade: websocket', `${origin}/socket`]);
}

async function nodeHttp(port: number): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const send = (options: http.RequestOptions, ...body: string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const request = http.request({ host: '127.0.0.1', port, agent, ...options }, (response) => {
        response.resume().on('end', resolve);
      });
      request.on('error', reject).on('continue', () => request.end(body.join('')));
      if (options.headers && 'Expect' in options.headers) return request.flushHeaders();
      for (const piece of body) request.write(piece);
      if (body.length > 0) request.addTrailers({ 'X-Pieces': String(body.length) });
      request.end();
    });
  await send({ path: '/get', headers: { 'X-List': ['a', 'b'], 'X-Latin': '\xe4\xa0' } });
  await send({ path: '/chunks', method: 'POST', headers: { Trailer: 'X-Pieces' } }, 'one', 'two two', '3'.repeat(300));
  await send({ path: '/length', method: 'PUT', headers: { 'Content-Length': 5 } }, 'hello');
  await send({ path: '/expect', method: 'POST', headers: { Expect: '100-continue', 'Content-Length': 5 } }, 'hello');
  await send({ path: '/last', method: 'PROPFIND', headers: { Connection: 'close' } });
  agent.destroy();
}

async function undici(port: number): Promise<void> {
  const origin = `http://127.0.0.1:${port}`;
  const read = async (answer: Promise<Response>): Promise<unknown> => (await answer).text();
  await read(fetch(`${origin}/get`, { headers: { 'X-A': ' trimmed ', accept: 'text/plain, */*;q=0.1' } }));
  await read(fetch(`${origin}/json`, { method: 'POST', body: JSON.stringify({ hello: 'wörld' }) }));
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of ['one', 'two two', '3'.repeat(300)]) controller.enqueue(Buffer.from(piece));
      controller.close();
    },
  });
  await read(fetch(`${origin}/stream`, { method: 'POST', body: stream, duplex: 'half' } as RequestInit));
  await read(fetch(`${origin}/patch`, { method: 'PATCH', body: new URLSearchParams({ q: 'ä b' }) }));
}

const luaPipeline = `
init = function(args)
  local r = {}
  for i = 1, 4 do r[i] = wrk.format("GET", "/pipelined/" .. i) end
  req = table.concat(r)
end
request = function() return req end
`;
writeFileSync(path.join(scratch, 'pipeline.lua'), luaPipeline);

const node = `of Node ${process.versions.node}`;
const clients: Client[] = [
  {
    name: 'curl',
    who: (await version('curl', '--version')).split(' ').slice(0, 2).join(' '),
    command: 'GET, HEAD, --data, -T -, Expect, -F, -0, -x, -p, --request-target, Upgrade: curl() of the recorder',
    talk: curl,
  },
  { name: 'node-http', who: `node:http ${node}`, command: 'nodeHttp() of the recorder', talk: nodeHttp },
  {
    name: 'fetch',
    who: `fetch ${node} (undici ${process.versions.undici})`,
    command: 'undici() of the recorder',
    talk: undici,
  },
  {
    name: 'chromium',
    who: await version('chromium', '--version'),
    command: 'chromium --headless --dump-dom http://127.0.0.1/page: PAGE of the recorder',
    talk: (port) =>
      run('chromium', [
        ...['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${scratch}/chromium`],
        ...['--virtual-time-budget=5000', '--dump-dom', `http://127.0.0.1:${port}/page`],
      ]),
  },
  {
    name: 'h2load',
    who: await version('h2load', '--version'),
    command: 'h2load --h1 --requests=6 --clients=2 --max-concurrent-streams=3 http://127.0.0.1/load',
    talk: (port) =>
      run('h2load', [
        '--h1',
        '--requests=6',
        '--clients=2',
        '--max-concurrent-streams=3',
        `http://127.0.0.1:${port}/load`,
      ]),
  },
  {
    name: 'wrk',
    who: (await version('wrk', '--version')).split(' ').slice(0, 2).join(' '),
    command: 'wrk -t1 -c1 -d1s -s pipeline.lua http://127.0.0.1/: luaPipeline of the recorder',
    talk: (port) =>
      run('wrk', ['-t1', '-c1', '-d1s', '-s', path.join(scratch, 'pipeline.lua'), `http://127.0.0.1:${port}/`]),
    keep: 6,
  },
];

/** The first `keep` requests of a connection; they have no bodies. */
function shortened({ octets, requests }: Connection, keep: number): Connection {
  const bytes = Buffer.from(octets, 'base64');
  let end = 0;
  for (let i = 0; i < keep; i++) end = bytes.indexOf('\r\n\r\n', end) + 4;
  return { octets: bytes.subarray(0, end).toString('base64'), requests: requests.slice(0, keep) };
}

try {
  for (const { name, who, command, talk, keep } of clients) {
    const upstream = new Upstream();
    const { port, sent, close } = await tee(await upstream.listen());
    await talk(port);
    close();
    upstream.server.close();
    upstream.server.closeAllConnections();
    const connections: Connection[] = [];
    for (const [from, octets] of sent) {
      const requests = upstream.understood.get(from);
      if (requests === undefined) continue; // opened in advance and never used
      const connection = { octets: Buffer.concat(octets).toString('base64'), requests };
      connections.push(keep === undefined ? connection : shortened(connection, keep));
    }
    if (connections.length === 0) throw new Error(`${name} said nothing`);
    const fixture = { source: who, command, recordedBy: 'scripts/record/08-http1-parser.ts', connections };
    writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(fixture, null, 2)}\n`);
    console.log(`${name}: ${connections.map(({ requests }) => requests.length).join(' + ')} requests`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exit();
