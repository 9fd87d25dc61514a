/** method SP request-target SP HTTP-version (RFC 9112 §3): exactly that. */
import { accepts, head, refuses } from '../support/declare.ts';
import { type Seen, seen } from '../support/observe.ts';

const group = 'request line';

function line(requestLine: string): string {
  return head([], requestLine);
}

function differs(requestLine: string, facts: Partial<Seen>): { input: string; requests: Seen[] } {
  return { input: line(requestLine), requests: [seen(facts)] };
}

accepts(
  {
    id: 'h1-method-registered',
    title: 'a method may have a hyphen in it',
    clause: 'RFC 9112 §3.1',
    why: 'UPnP looks for devices with M-SEARCH',
    group,
  },
  differs('M-SEARCH / HTTP/1.1', { method: 'M-SEARCH' }),
);

accepts(
  {
    id: 'h1-method-any-token',
    title: 'any token is a method, in the case in which it came',
    clause: 'RFC 9112 §3.1',
    why: 'whether a method exists is the server’s to say (501 or 405), and `get` is not GET',
    group,
  },
  differs("!#$%&'*+-.^_`|~09azAZ / HTTP/1.1", { method: "!#$%&'*+-.^_`|~09azAZ" }),
);

accepts(
  {
    id: 'h1-target-origin-form',
    title: 'a path and a query come out as they were sent, nothing decoded',
    clause: 'RFC 9112 §3.2.1',
    why: 'a path that is decoded before it is split lets %2F pass for a separator',
    group,
  },
  differs('GET /a%20b/%2F/..;v=1?q=%00&r=//|"{}&s=? HTTP/1.1', { target: '/a%20b/%2F/..;v=1?q=%00&r=//|"{}&s=?' }),
);

accepts(
  {
    id: 'h1-target-absolute-form',
    title: 'absolute-form is accepted',
    clause: 'RFC 9112 §3.2.2',
    why: 'a server MUST accept it, although only proxies are sent it today',
    group,
  },
  differs('GET http://b:8080/x HTTP/1.1', { target: 'http://b:8080/x' }),
);

accepts(
  {
    id: 'h1-target-asterisk-form',
    title: 'OPTIONS * asks about the server as a whole',
    clause: 'RFC 9112 §3.2.4',
    why: 'it is the one target that is no path and no URL',
    group,
  },
  differs('OPTIONS * HTTP/1.1', { method: 'OPTIONS', target: '*' }),
);

accepts(
  {
    id: 'h1-version-1-0',
    title: 'HTTP/1.0 is understood',
    clause: 'RFC 9110 §2.5',
    why: 'load-testing tools and health checks still speak it',
    group,
  },
  { ...differs('GET / HTTP/1.0', { version: '1.0', keepAlive: false }), last: 'closed' },
);

accepts(
  {
    id: 'h1-version-later',
    title: 'a later HTTP/1.x is treated as 1.1',
    clause: 'RFC 9110 §6.2',
    why: 'within one major version, the message syntax is the same',
    group,
  },
  differs('GET / HTTP/1.2', { version: '1.1' }),
);

const malformed = { group, status: 400, code: 'bad-request-line' };

refuses({
  ...malformed,
  id: 'h1-request-line-parts',
  title: 'a request line without exactly three parts is refused',
  clause: 'RFC 9112 §3',
  why: '`GET /` alone was HTTP/0.9, which answers without a status and a head',
  inputs: [
    line('GET'),
    line('GET /'),
    line('GET HTTP/1.1'),
    line('GET / HTTP/1.1 x'),
    line('/ HTTP/1.1'),
    line(' / HTTP/1.1'),
  ],
});

refuses({
  ...malformed,
  id: 'h1-request-line-spaces',
  title: 'a request line with more spaces than two, or other whitespace, is refused',
  clause: 'RFC 9112 §3',
  why: 'recipients that disagree on where the target ends let a request be smuggled past one of them',
  inputs: [
    line('GET  / HTTP/1.1'),
    line('GET /  HTTP/1.1'),
    line(' GET / HTTP/1.1'),
    line('GET / HTTP/1.1 '),
    line('GET /a b HTTP/1.1'),
    line('GET\t/ HTTP/1.1'),
    line('GET /\tHTTP/1.1'),
    line('GET /\x0bHTTP/1.1'),
  ],
});

refuses({
  ...malformed,
  id: 'h1-request-line-bare-lf',
  title: 'a LF inside or at the end of the request line, without CR, is refused',
  clause: 'RFC 9112 §2.2',
  why: 'whoever takes it for a line end sees other fields than whoever does not',
  inputs: ['GET /\nX: y HTTP/1.1\r\nHost: a\r\n\r\n', 'GET / HTTP/1.1\nHost: a\r\n\r\n', `\n${head()}`],
});

refuses({
  ...malformed,
  id: 'h1-request-line-bare-cr',
  title: 'a CR without LF in the request line is refused',
  clause: 'RFC 9112 §2.2',
  why: 'some take it for a line end, some for whitespace',
  inputs: ['GET /\rX: y HTTP/1.1\r\nHost: a\r\n\r\n', 'GET / HTTP/1.1\rHost: a\r\n\r\n', `\r${head()}`],
});

refuses({
  ...malformed,
  id: 'h1-method-no-token',
  title: 'a method that is no token is refused',
  clause: 'RFC 9112 §3.1',
  why: 'G@T, GET: or a method with an umlaut is not in the grammar',
  inputs: [line('G@T / HTTP/1.1'), line('GET: / HTTP/1.1'), line('"GET" / HTTP/1.1'), line('G\xc4T / HTTP/1.1')],
});

refuses({
  ...malformed,
  id: 'h1-target-octets',
  title: 'a target with an octet that is no visible ASCII is refused',
  clause: 'RFC 9112 §3.2, RFC 3986 §2',
  why: 'a NUL ends the path for whoever hands it to the file system in C',
  inputs: ['/\0', '/\x01', '/\x7f', '/\xc3\xa4', '/\xa0'].map((target) => line(`GET ${target} HTTP/1.1`)),
});

refuses({
  ...malformed,
  id: 'h1-target-no-form',
  title: 'a target in none of the four forms, or in one that does not go with the method, is refused',
  clause: 'RFC 9112 §3.2',
  why: 'each server would make something else of `GET etc/passwd`',
  inputs: ['GET etc/passwd', 'GET ?q', 'GET *', 'OPTIONS **', 'GET 1:80/x', 'GET !http://a/', 'GET h@p://a/'].map(
    (start) => line(`${start} HTTP/1.1`),
  ),
});

refuses({
  ...malformed,
  id: 'h1-connect-target',
  title: 'CONNECT with anything but host:port is refused',
  clause: 'RFC 9110 §9.3.6',
  why: 'a tunnel has no default port, and a path leads nowhere',
  inputs: ['/', 'a', 'a:', ':80', 'http://a:80', 'a:b', 'a:80/', 'a:123456', 'u@a:80'].map((target) =>
    line(`CONNECT ${target} HTTP/1.1`),
  ),
});

refuses({
  ...malformed,
  id: 'h1-version-malformed',
  title: 'a version that is not HTTP/digit.digit is refused',
  clause: 'RFC 9112 §2.3',
  why: 'the version is case-sensitive, and 1.10 is no version at all',
  inputs: [
    'http/1.1',
    'HTTP/1.10',
    'HTTP/11',
    'HTTP/1',
    'HTTP/1,1',
    'HTTP/01.1',
    'HTTP/1.',
    'HTTP 1.1',
    'HTTPS/1.1',
    '',
  ].map((version) => line(`GET / ${version}`)),
});

refuses({
  group,
  id: 'h1-version-other',
  title: 'another major version is refused',
  clause: 'RFC 9110 §15.6.6',
  why: 'its messages may look quite different: an HTTP/2 client begins with PRI * HTTP/2.0',
  inputs: [line('GET / HTTP/2.0'), line('GET / HTTP/0.9'), line('GET / HTTP/9.1'), line('GET / HTTP/3.0')],
  status: 505,
  code: 'unsupported-version',
});

refuses({
  ...malformed,
  id: 'h1-not-http',
  title: 'what is no HTTP at all is refused',
  clause: 'RFC 9112 §2.2',
  why: 'browsers try https:// first: a plain port is sent TLS hellos all day',
  inputs: [
    `\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03${'\x8f'.repeat(20)}\r\n\r\n`,
    `HTTP/1.1 200 OK\r\n\r\n`,
    `\0\0\0\0\r\n\r\n`,
  ],
});
