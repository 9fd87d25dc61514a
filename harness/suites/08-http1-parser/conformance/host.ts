/** Host (RFC 9112 §3.2): there once, and a host. */
import { accepts, refuses } from '../support/declare.ts';
import { seen } from '../support/observe.ts';

const group = 'host';

function withHosts(...hosts: string[]): string {
  return `GET / HTTP/1.1\r\n${hosts.map((host) => `Host: ${host}\r\n`).join('')}\r\n`;
}

const fault = { group, status: 400, code: 'bad-host', clause: 'RFC 9112 §3.2' };

refuses({
  ...fault,
  id: 'h1-host-missing',
  title: 'an HTTP/1.1 request without Host is refused',
  why: 'without it a server with several sites must guess: the most frequent omission in hand-written requests',
  inputs: ['GET / HTTP/1.1\r\n\r\n', 'GET / HTTP/1.1\r\nX: y\r\n\r\n', 'GET http://a/ HTTP/1.1\r\n\r\n'],
});

refuses({
  ...fault,
  id: 'h1-host-twice',
  title: 'two Host lines are refused, even if they say the same',
  why: 'a cache that believes the first and a server that believes the second serve one site under another’s name',
  inputs: [withHosts('a', 'b'), withHosts('a', 'a'), withHosts('', ''), withHosts('a', ''), withHosts('', 'a')],
});

refuses({
  ...fault,
  id: 'h1-host-invalid',
  title: 'a Host that is no host with an optional port is refused',
  clause: 'RFC 9110 §7.2, RFC 3986 §3.2.2',
  why: 'it is pasted into links, redirects and cache keys',
  inputs: [
    'a b',
    'a/b',
    'u@a',
    'a:b',
    'a:80:81',
    'a?b',
    'a#b',
    'http://a',
    '[::1',
    '::1',
    '[g::]',
    'a\\b',
    '%zz',
    '%4',
    'a%4g',
    '"a"',
    'ä',
  ].map((host) => withHosts(host)),
});

accepts(
  {
    id: 'h1-host-valid',
    title: 'names, addresses, ports and the empty host are accepted',
    clause: 'RFC 9110 §7.2, RFC 3986 §3.2.2',
    why: 'a check that is too strict shuts out IPv6, underscores or international names',
    group,
  },
  {
    input: [
      'www.example.org',
      'a:8080',
      '127.0.0.1:1',
      '[::1]',
      '[2001:db8::1]:443',
      'a_b.c',
      'xn--4ca',
      '%c3%a4',
      'a:',
      '',
    ]
      .map((host) => withHosts(host))
      .join(''),
    requests: [
      ...[
        'www.example.org',
        'a:8080',
        '127.0.0.1:1',
        '[::1]',
        '[2001:db8::1]:443',
        'a_b.c',
        'xn--4ca',
        '%c3%a4',
        'a:',
        '',
      ],
    ].map((host) => seen({ headers: [['host', host]] })),
  },
);

accepts(
  {
    id: 'h1-host-1-0',
    title: 'an HTTP/1.0 request needs no Host',
    clause: 'RFC 9112 §3.2',
    why: 'the field is younger than the version',
    group,
  },
  {
    input: 'GET / HTTP/1.0\r\n\r\n',
    requests: [seen({ version: '1.0', headers: [], keepAlive: false })],
    last: 'closed',
  },
);
