/** What real peers put on the wire (fixtures/13-h2-frames, recorded by scripts/record/13-h2-frames.ts). */

import { CLIENT_PREFACE, encodeFrame, type Frame, FrameDecoder } from '#subject/13-h2-frames/h2-frames.ts';
import chromium from '../../../../fixtures/13-h2-frames/chromium.json' with { type: 'json' };
import curl from '../../../../fixtures/13-h2-frames/curl.json' with { type: 'json' };
import h2load from '../../../../fixtures/13-h2-frames/h2load.json' with { type: 'json' };
import nghttp from '../../../../fixtures/13-h2-frames/nghttp.json' with { type: 'json' };
import node from '../../../../fixtures/13-h2-frames/node.json' with { type: 'json' };
import { testCase } from '../../../kit/case.ts';
import { bytes } from '../../../kit/check.ts';
import { everySplit } from '../../../kit/splits.ts';
import { frameMarks, Type } from './support.ts';

interface Recording {
  source: string;
  client: { frames: string[]; octets: string };
  server: { frames: string[]; octets: string };
}

/** What the recorder wrote for each frame, made here from the frame written again: type, stream, flags, length. */
function line(frame: Frame): string {
  const wire = Buffer.from(encodeFrame(frame));
  const name = Object.entries(Type).find(([, code]) => code === wire[3])?.[0];
  return `${name} stream=${wire.readUInt32BE(5)} flags=0x${wire[4]!.toString(16)} length=${wire.readUIntBE(0, 3)}`;
}

function recordedCase(name: string, why: string, recording: Recording): void {
  for (const from of ['client', 'server'] as const) {
    const octets = Buffer.from(recording[from].octets, 'base64');
    const facts = { clause: 'RFC 9113 §3.4, §4, §6', group: 'recorded peers' };
    const title = `${recording.source}: what the ${from} sent`;
    testCase({ ...facts, id: `frame-recorded-${name}-${from}`, title, why }, (t) => {
      everySplit(t, {
        what: 'the frames',
        input: octets,
        expected: recording[from].frames,
        run: (chunks) => {
          const decoder = new FrameDecoder({ preface: from });
          const lines: string[] = [];
          for (const chunk of chunks) {
            for (const event of decoder.push(chunk)) {
              const isError = event.type === 'CONNECTION_ERROR' || event.type === 'STREAM_ERROR';
              lines.push(isError ? `${event.type} ${event.errorCode}: ${event.reason}` : line(event));
            }
          }
          return lines;
        },
        marks: frameMarks(octets, { preface: from }),
        limit: octets.length > 4_096 ? 64 : 256,
        random: 4,
        reuse: true,
        protocol: 'http2',
      });
    });
    testCase(
      {
        ...facts,
        id: `frame-rewritten-${name}-${from}`,
        title: `${title}, read and written again, is the same to the octet`,
        why: 'these peers leave reserved bits and unused flags at 0, as everybody must: nothing may get lost or added',
      },
      () => {
        const frames = new FrameDecoder({ preface: from }).push(octets) as Frame[];
        const written = [
          from === 'client' ? CLIENT_PREFACE : new Uint8Array(0),
          ...frames.map((frame) => encodeFrame(frame)),
        ];
        bytes(Buffer.concat(written), octets, `the octets of the ${from}`);
      },
    );
  }
}

recordedCase('curl', 'the client of most scripts', curl);
recordedCase('nghttp', 'builds a tree of PRIORITY frames first, as Firefox did for years', nghttp);
recordedCase('h2load', 'several requests at once, the answers interleaved', h2load);
recordedCase('chromium', 'a browser: HEADERS with priority, settings of its own', chromium);
recordedCase('node', 'push, padding, CONTINUATION, PING, RST_STREAM, trailers and GOAWAY in one connection', node);
