/** Which requests may share a connection. */
import { originKey, type TlsIdentity } from '#subject/11-connection-pool/connection-pool.ts';
import { testCase } from '../../../kit/case.ts';
import { equal, ok, throws } from '../../../kit/check.ts';

const group = 'the key';

function same(a: [string, TlsIdentity?], b: [string, TlsIdentity?]): void {
  equal(originKey(...a) === originKey(...b), true, `the keys of ${words(a)} and ${words(b)} are equal`);
}

function differ(a: [string, TlsIdentity?], b: [string, TlsIdentity?]): void {
  equal(originKey(...a) === originKey(...b), false, `the keys of ${words(a)} and ${words(b)} are equal`);
}

function words([url, tls]: [string, TlsIdentity?]): string {
  return tls ? `${url} with ${JSON.stringify(tls)}` : url;
}

testCase(
  {
    id: 'pool-key-same-origin',
    title: 'the same scheme, host and port, however they are written',
    clause: 'RFC 9110 §4.3.1',
    why: 'a key that is too fine never reuses a connection: every request pays for a handshake',
    group,
  },
  () => {
    same(['http://example.com/'], ['http://example.com/a/b?c=d']);
    same(['http://example.com/'], ['http://EXAMPLE.com:80/']);
    same(['https://example.com/'], ['https://example.com:443/']);
    same(['http://user:secret@example.com/'], ['http://example.com/#top']);
    same(['http://[::1]:8080/'], ['http://[0:0:0:0:0:0:0:1]:8080/']);
  },
);

testCase(
  {
    id: 'pool-key-each-part',
    title: 'another scheme, host or port is another key',
    clause: 'RFC 9110 §4.3.1',
    why: 'a connection to one server must not carry requests meant for another',
    group,
  },
  () => {
    differ(['http://example.com/'], ['http://example.org/']);
    differ(['http://example.com/'], ['http://example.com:8080/']);
    differ(['http://example.com:443/'], ['https://example.com/']);
    differ(['https://example.com:80/'], ['http://example.com/']);
  },
);

testCase(
  {
    id: 'pool-key-no-ambiguity',
    title: 'parts that only look alike when written in a row are different keys',
    clause: 'RFC 9110 §4.3.1',
    why: 'a key glued together from its parts can be made to collide by whoever chooses one of them',
    group,
  },
  () => {
    differ(['http://a1:1/'], ['http://a:11/']);
    differ(['http://[::1]:2/'], ['http://[::]:12/']);
    differ(['https://a/', { servername: 'bc' }], ['https://a/', { servername: 'b', ca: 'c' }]);
    differ(['https://a/', { ca: 'x:y' }], ['https://a/', { ca: 'x', cert: 'y' }]);
    differ(['https://a/', { cert: 'x', key: 'y,z' }], ['https://a/', { cert: 'x,y', key: 'z' }]);
    differ(['https://a/', { servername: 'undefined' }], ['https://a/']);
  },
);

testCase(
  {
    id: 'pool-key-tls-identity',
    title: 'with https, each part of the TLS identity belongs to the key',
    clause: 'CVE-2024-35195',
    why: 'one request that skips verification must not lend its connection to those that verify',
    group,
  },
  () => {
    const url = 'https://example.com/';
    const identity: TlsIdentity = { servername: 's', ca: 'a', cert: 'c', key: 'k', rejectUnauthorized: false };
    for (const part of Object.keys(identity) as (keyof TlsIdentity)[]) {
      const { [part]: _, ...without } = identity;
      differ([url, identity], [url, without]);
      differ([url, {}], [url, { [part]: identity[part] }]);
    }
    differ([url, { ca: 'a' }], [url, { ca: 'b' }]);
  },
);

testCase(
  {
    id: 'pool-key-tls-same',
    title: 'an identity with the same values is the same, in any order and with its defaults written out',
    clause: 'notes ch. 12',
    why: 'options are often built anew for each request: compared as objects they would never be equal',
    group,
  },
  () => {
    const url = 'https://example.com/';
    same([url, { ca: 'a', servername: 's' }], [url, { servername: 's', ca: 'a' }]);
    same([url, {}], [url, { rejectUnauthorized: true }]);
    same([url], [url, {}]);
  },
);

testCase(
  {
    id: 'pool-key-http-without-tls',
    title: 'with http, the TLS identity does not matter',
    clause: 'notes ch. 12',
    why: 'the same options are used for all requests of a client: on plain TCP they mean nothing',
    group,
  },
  () => same(['http://example.com/', { ca: 'a', rejectUnauthorized: false }], ['http://example.com/']),
);

testCase(
  {
    id: 'pool-key-refuses',
    title: 'no key for what is neither http nor https, or no URL',
    clause: 'RFC 9110 §4.2',
    why: 'a scheme that is not understood must not silently be spoken to as if it were HTTP',
    group,
  },
  () => {
    for (const url of ['ftp://example.com/', 'ws://example.com/', 'unix:/tmp/socket', 'example.com', '']) {
      const error = throws(() => originKey(url), {}, `originKey('${url}')`);
      ok(error instanceof TypeError, `originKey('${url}') throws a TypeError`, `it threw ${error.name}`);
    }
  },
);
