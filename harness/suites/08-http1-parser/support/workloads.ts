/** The requests that speed is measured with. What varies comes from the seed; the lengths do not vary. */
import type { ParserEvent, RequestParser } from '../../../../solutions/08-http1-parser/http1-parser.ts';
import type { Random } from '../../../kit/random.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function word(random: Random, length: number): string {
  return Array.from({ length }, () => random.pick([...LETTERS])).join('');
}

/** 703 octets, 15 fields: what a browser sends for a page. */
export function browserRequest(random: Random): Buffer {
  const host = `www.${word(random, 9)}.example`;
  const lines = [
    `GET /${word(random, 12)}/${word(random, 8)}?q=${word(random, 10)} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: keep-alive',
    'Cache-Control: max-age=0',
    'sec-ch-ua-mobile: ?0',
    'sec-ch-ua-platform: "Linux"',
    'Upgrade-Insecure-Requests: 1',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
    'Sec-Fetch-Site: none',
    'Sec-Fetch-Mode: navigate',
    'Sec-Fetch-Dest: document',
    `Referer: http://${host}/`,
    'Accept-Encoding: gzip, deflate, br',
    'Accept-Language: en-US,en;q=0.9,de;q=0.8',
    'Cookie: ',
    '',
    '',
  ];
  const length = lines.join('\r\n').length;
  lines[15] += `session=${word(random, 703 - length - 'session='.length)}`;
  return Buffer.from(lines.join('\r\n'));
}

/** 70 octets: what a load generator sends. */
export function toolRequest(random: Random): Buffer {
  return Buffer.from(
    `GET /${word(random, 10)} HTTP/1.1\r\nHost: ${word(random, 10)}\r\nConnection: keep-alive\r\n\r\n`,
  );
}

/** An upload of so many chunks of 512 octets. */
export function chunkedUpload(random: Random, chunks: number): Buffer {
  const data = word(random, 512);
  const head = `POST /${word(random, 8)} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`;
  return Buffer.from(`${head}${`200\r\n${data}\r\n`.repeat(chunks)}0\r\n\r\n`);
}

/** Gives each chunk to the parser and reads what comes of it: all strings and all data, one octet of each. */
export function parseAll(parser: RequestParser, chunks: readonly Buffer[]): number[] {
  let [requests, fields, octets, sum] = [0, 0, 0, 0];
  const read = (event: ParserEvent): void => {
    if (event.type === 'data') {
      octets += event.bytes.length;
      sum = (Math.imul(sum, 31) + event.bytes[event.bytes.length >> 1]!) | 0;
    } else if (event.type === 'request') {
      requests += 1;
      sum = (Math.imul(sum, 31) + event.method.length + event.target.charCodeAt(event.target.length - 1)) | 0;
      for (const { name, value } of event.headers) {
        fields += 1;
        sum = (Math.imul(sum, 31) + name.charCodeAt(name.length - 1) + value.charCodeAt(value.length >> 1)) | 0;
      }
    }
  };
  for (const chunk of chunks) {
    parser.push(chunk);
    for (let event = parser.next(); event.type !== 'need-more'; event = parser.next()) read(event);
  }
  return [requests, fields, octets, sum];
}
