/** Captures, read back by tshark. Without tshark these tests are skipped, and say so. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCase } from '../../kit/case.ts';
import { fail } from '../../kit/check.ts';
import type { CaseFailure, TranscriptEntry } from '../../kit/failure.ts';
import { loopback } from '../../kit/loopback.ts';
import { captureOf } from '../../report/pcap.ts';

const missing = spawnSync('tshark', ['--version']).error !== undefined;
if (missing) console.warn('tshark is not installed: no packet capture is tested');

const folder = mkdtempSync(path.join(tmpdir(), 'wirekata-pcap-'));
afterAll(() => rmSync(folder, { recursive: true }));

const client = { who: 'client', local: '127.0.0.1:40312', remote: '127.0.0.1:41877' };
const server = { who: 'server', local: '127.0.0.1:41877', remote: '127.0.0.1:40312' };
const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const request = hex('GET /a HTTP/1.1\r\nHost: a\r\n\r\n');
const response = hex('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
const preface = hex('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const settings = '00000604000000000000030000000a';
const headers = '0000050105000000018286848741';

type Protocol = TranscriptEntry['protocol'];
type Act = [side: object, what: string, hex?: string];

function entriesOf(acts: Act[], protocol?: Protocol): TranscriptEntry[] {
  return acts.map(([side, what, bytes], ms) => {
    const more = { ...(bytes === undefined ? {} : { hex: bytes }), ...(protocol ? { protocol } : {}) };
    return { who: '', ...side, what, ms, ...more };
  });
}

const drip = (side: object, bytes: string): Act[] => bytes.match(/../g)!.map((byte) => [side, 'sent', byte]);

/** One line for each packet but those that only add to a later one. */
function read(
  entries: TranscriptEntry[],
  fields = ['_ws.col.Protocol', '_ws.col.Info'],
  options: string[] = [],
): string[] {
  const file = path.join(folder, 'test.pcapng');
  writeFileSync(file, captureOf([{ title: 'the case', entries }]));
  const checks = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE', ...options];
  const args = ['-r', file, ...checks, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])];
  const out = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return out
    .split('\n')
    .slice(0, -1)
    .filter((line) => !line.includes('reassembled'))
    .map((line) => line.trim());
}

const HANDSHAKE = 3;

describe.skipIf(missing)('tshark', { timeout: 60_000 }, () => {
  test('decodes HTTP/1 on any port, whole and dripped', () => {
    const decoded = ['HTTP\tGET /a HTTP/1.1', 'HTTP\tHTTP/1.1 200 OK'];
    const whole = entriesOf(
      [
        [client, 'sent', request],
        [client, 'got', response],
      ],
      'http1',
    );
    expect(read(whole).slice(HANDSHAKE)).toEqual(decoded);
    const dripped = entriesOf([...drip(client, request), [client, 'got', response]], 'http1');
    expect(read(dripped).slice(HANDSHAKE)).toEqual(decoded);
  });

  test('decodes HTTP/2: whole, dripped, the server first', () => {
    const [magic, frames] = [['HTTP2\tMagic'], ['HTTP2\tSETTINGS[0]', 'HTTP2\tHEADERS[1]: GET /']];
    const whole = entriesOf(
      [
        [client, 'sent', preface],
        [client, 'got', settings],
        [client, 'sent', headers],
      ],
      'http2',
    );
    expect(read(whole).slice(HANDSHAKE)).toEqual([...magic, ...frames]);
    const dripped = entriesOf([...drip(client, preface), [client, 'got', settings], ...drip(client, headers)], 'http2');
    expect(read(dripped).slice(HANDSHAKE)).toEqual([...magic, ...frames]);
    const late = entriesOf(
      [
        [client, 'got', settings],
        [client, 'sent', preface],
        [client, 'sent', headers],
      ],
      'http2',
    );
    expect(read(late).slice(HANDSHAKE)).toEqual([...magic, ...frames]);
  });

  test('HTTP/2 without a preface is decoded with the option that the comment names', () => {
    const entries = entriesOf(
      [
        [client, 'sent', settings],
        [client, 'sent', headers],
      ],
      'http2',
    );
    const [comment] = read(entries, ['frame.comment']);
    expect(comment).toBe('the case: 127.0.0.1:40312 → 127.0.0.1:41877; open with -d tcp.port==80,http2');
    const [, option = ''] = /-d (\S+)/.exec(comment!)!;
    const lines = read(entries, undefined, ['-d', option]);
    expect(lines.slice(HANDSHAKE)).toEqual(['HTTP2\tSETTINGS[0]', 'HTTP2\tHEADERS[1]: GET /']);
  });

  test('what both ends recorded is there once, with its close', () => {
    const entries = entriesOf([
      [server, 'accepted'],
      [client, 'connected'],
      [client, 'sent', hex('abc')],
      [server, 'got', hex('abc')],
      [client, 'ended'],
      [server, 'got end'],
      [server, 'sent', hex('de')],
      [client, 'got', hex('de')],
      [server, 'reset'],
      [client, 'got reset'],
    ]);
    const lines = read(entries, ['tcp.srcport', 'tcp.flags.str', 'tcp.seq', 'tcp.len', 'tcp.checksum.status']);
    expect(lines.map((line) => line.replaceAll('·', ''))).toEqual([
      '40312\tS\t0\t0\t1',
      '41877\tAS\t0\t0\t1',
      '40312\tA\t1\t0\t1',
      '40312\tAP\t1\t3\t1',
      '40312\tAF\t4\t0\t1',
      '41877\tAP\t1\t2\t1',
      '41877\tAR\t3\t0\t1',
    ]);
  });

  test('IPv6, and bytes that were fed without a socket', () => {
    const six = entriesOf([[{ who: 'c', local: '[::1]:4000', remote: '[::1]:5000' }, 'sent', request]], 'http1');
    expect(read(six, ['ipv6.src', '_ws.col.Info', 'tcp.checksum.status'])[HANDSHAKE]).toBe('::1\tGET /a HTTP/1.1 \t1');
    const fed = entriesOf([[{ who: 'input' }, 'sent', request]], 'http1');
    expect(read(fed, ['ip.src', '_ws.col.Info'])[HANDSHAKE]).toBe('192.0.2.1\tGET /a HTTP/1.1');
  });

  test('bytes that were not kept are a gap, not a shift', () => {
    const [long] = entriesOf([[client, 'sent', hex('abc')]]);
    const lines = read(
      [{ ...long!, length: 1000 }, ...entriesOf([[client, 'sent', hex('def')]])],
      ['tcp.seq', 'tcp.len'],
    );
    expect(lines.slice(HANDSHAKE)).toEqual(['1\t3', '1001\t3']);
  });

  test('a real conversation', async () => {
    const failed = runCase('any', async (t) => {
      const [a, b] = await loopback(t).pair({ protocol: 'http1' });
      await a.send(Buffer.from(request, 'hex'));
      await b.until('\r\n\r\n');
      await b.send(Buffer.from(response, 'hex'));
      await a.read(response.length / 2);
      fail({ expected: 'something', actual: 'else' });
    });
    const { failure } = await failed.then(
      () => expect.unreachable('it passed'),
      (error: CaseFailure) => error,
    );
    const lines = read(failure.transcript!);
    expect(lines.slice(HANDSHAKE)).toEqual(['HTTP\tGET /a HTTP/1.1', 'HTTP\tHTTP/1.1 200 OK']);
  });
});
