/** What real clients put on the wire (fixtures/08-http1-parser, recorded by scripts/record/08-http1-parser.ts). */
import chromium from '../../../../fixtures/08-http1-parser/chromium.json' with { type: 'json' };
import curl from '../../../../fixtures/08-http1-parser/curl.json' with { type: 'json' };
import fetch from '../../../../fixtures/08-http1-parser/fetch.json' with { type: 'json' };
import h2load from '../../../../fixtures/08-http1-parser/h2load.json' with { type: 'json' };
import nodeHttp from '../../../../fixtures/08-http1-parser/node-http.json' with { type: 'json' };
import wrk from '../../../../fixtures/08-http1-parser/wrk.json' with { type: 'json' };
import { testCase } from '../../../kit/case.ts';
import { everySplit } from '../../../kit/splits.ts';
import { observe } from '../support/observe.ts';

const group = 'recorded clients';

interface Recording {
  source: string;
  connections: { octets: string; requests: Recorded[] }[];
}

interface Recorded {
  method: string;
  target: string;
  version: string;
  headers: string[][];
  /** base64 */
  body: string;
  trailers: string[][];
}

/** Compares with what node:http understood when the client was recorded. */
function recorded(id: string, recording: Recording, why: string): void {
  const title = `what ${recording.source} sent is understood as node:http understood it`;
  testCase({ id, title, clause: 'RFC 9112 §2-7', why, group }, (t) => {
    for (const { octets, requests } of recording.connections) {
      everySplit(t, {
        what: `requests of ${recording.source}`,
        input: Buffer.from(octets, 'base64'),
        expected: requests,
        run: (chunks) =>
          observe(chunks).requests.map(({ method, target, version, headers, body, trailers }) => ({
            method,
            target,
            version,
            headers,
            body: Buffer.from(body, 'latin1').toString('base64'),
            trailers,
          })),
        protocol: 'http1',
        limit: 64,
        random: 4,
      });
    }
  });
}

recorded('h1-recorded-curl', curl, 'forms, uploads of unknown length, HTTP/1.0, proxies, upgrades: curl does it all');
recorded('h1-recorded-node', nodeHttp, 'a keep-alive agent with chunks, trailers, an expectation and a close');
recorded('h1-recorded-fetch', fetch, 'fetch sends streams as chunks, and lower-case field names');
recorded('h1-recorded-chromium', chromium, 'a browser’s head is ten times as large as a tool’s, and carries cookies');
recorded('h1-recorded-h2load', h2load, 'a load generator with several requests under way');
recorded('h1-recorded-wrk', wrk, 'pipelining in earnest: several requests in one segment');
