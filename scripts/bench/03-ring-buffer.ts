/** The ring buffer beside other byte queues, each kept to 32 KiB: bytes copied in, bytes copied out. */
import { Readable } from 'node:stream';
import { RingBuffer } from '../../solutions/03-ring-buffer/ring-buffer.ts';
import { type ByteQueue, CAPACITY, READ, SEGMENTS, type transfer, WRITE } from './03-ring-buffer/transfer.ts';
import { contest, type Work } from './contest.ts';

export default [
  contest<Buffer>({
    id: 'ring-transfer',
    title: `a stream through ${CAPACITY} bytes, in writes of ${WRITE} and reads of ${READ}`,
    rate: { perCall: (SEGMENTS * WRITE * 8) / 1e9, unit: 'Gbit/s' },
    prepare: (random) => random.bytes(WRITE),
    reference: () => work('reference', ringBuffer),
    peers: [
      {
        name: 'ringbuf.js',
        package: 'ringbuf.js',
        lacks: 'end of stream, peek, skip, overwriting the oldest (but it is safe between two threads)',
        make: async () => work('ringbuf.js', await ringbufJs()),
      },
      {
        name: 'bl',
        package: 'bl',
        lacks: 'a bound, memory of its own: it keeps the writer’s chunks, so that a write copies nothing',
        make: async () => work('bl', await bufferList()),
      },
      {
        name: 'denque',
        package: 'denque',
        lacks: 'runs of bytes: a queue of values, one element per byte',
        make: async () => work('denque', await elementQueue()),
      },
      {
        name: 'node:stream Readable',
        lacks: 'a bound (push only says that it is over), memory of its own, copying out: each read is a new Buffer',
        make: () => work('readable', readable),
      },
      {
        name: 'Buffer.concat',
        lacks: 'a bound, and constant cost: each write copies all that is buffered',
        make: () => work('concat', concatenation),
      },
    ],
  }),
];

async function work(name: string, makeQueue: () => ByteQueue): Promise<Work<Buffer>> {
  const own = (await import(`./03-ring-buffer/transfer.ts?${name}`)) as { transfer: typeof transfer };
  return (segment) => own.transfer(makeQueue(), segment);
}

function ringBuffer(): ByteQueue {
  const ring = new RingBuffer(CAPACITY);
  return {
    free: () => ring.free,
    write: (segment) => ring.write(segment),
    readInto: (target) => ring.readInto(target),
  };
}

async function ringbufJs(): Promise<() => ByteQueue> {
  const { RingBuffer: Shared } = await import('ringbuf.js');
  return () => {
    const ring = new Shared(Shared.getStorageForCapacity(CAPACITY, Uint8Array), Uint8Array);
    return {
      free: () => ring.available_write(),
      write: (segment) => ring.push(segment),
      readInto: (target) => ring.pop(target),
    };
  };
}

async function bufferList(): Promise<() => ByteQueue> {
  const { BufferList } = await import('bl');
  return () => {
    const list = new BufferList();
    return {
      free: () => CAPACITY - list.length,
      write: (segment) => list.append(segment),
      readInto: (target) => {
        const count = Math.min(target.length, list.length);
        list.copy(target, 0, 0, count);
        list.consume(count);
        return count;
      },
    };
  };
}

async function elementQueue(): Promise<() => ByteQueue> {
  const { default: Denque } = await import('denque');
  return () => {
    const queue = new Denque<number>();
    return {
      free: () => CAPACITY - queue.length,
      write: (segment) => {
        for (const byte of segment) queue.push(byte);
      },
      readInto: (target) => {
        const count = Math.min(target.length, queue.length);
        for (let i = 0; i < count; i++) target[i] = queue.shift()!;
        return count;
      },
    };
  };
}

function readable(): ByteQueue {
  const stream = new Readable({ highWaterMark: CAPACITY, read() {} });
  return {
    free: () => CAPACITY - stream.readableLength,
    write: (segment) => stream.push(segment),
    readInto: (target) => {
      const chunk = stream.read(Math.min(target.length, stream.readableLength)) as Buffer | null;
      return chunk ? chunk.copy(target) : 0;
    },
  };
}

function concatenation(): ByteQueue {
  let held: Buffer = Buffer.alloc(0);
  return {
    free: () => CAPACITY - held.length,
    write: (segment) => {
      held = Buffer.concat([held, segment]);
    },
    readInto: (target) => {
      const count = held.copy(target);
      held = held.subarray(count);
      return count;
    },
  };
}
