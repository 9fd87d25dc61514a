/**
 * Tuples that an attacker would choose: thousands that a well-known hash without a secret puts into one place.
 *
 * An attacker has the source of the table, so each family breaks one hash that people write. Adding a seed to the
 * result, or mixing the result further, does not help against any of them: equal stays equal. Each works for tables of
 * any power of two up to 65,536 slots at least.
 */
import type { Tuple } from '#subject/01-demux-table/demux-table.ts';
import type { Random } from '../../../kit/random.ts';
import { ip } from './support.ts';

export interface CollisionFamily {
  slug: string;
  /** What it is chosen against. */
  name: string;
  tuples(count: number, random: Random): Tuple[];
}

const localAddress = ip('10.0.0.1');
const localPort = 80;

/** The address as one unsigned word. */
function address(word: number): Uint8Array {
  return Uint8Array.of(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
}

/** remote address ^ remote port is the same for all, whether the port is taken as it is or in the upper half. */
function xorFold(count: number, random: Random): Tuple[] {
  const constant = random.u32();
  return Array.from({ length: count }, (_, i) => {
    const remotePort = 1_024 + i;
    return { localAddress, localPort, remoteAddress: address((constant ^ remotePort) >>> 0), remotePort };
  });
}

/** remote address + remote port is the same for all. */
function sumFold(count: number, random: Random): Tuple[] {
  const constant = random.int(0x0b00_0000, 0xd000_0000);
  return Array.from({ length: count }, (_, i) => {
    const remotePort = 1_024 + i;
    return { localAddress, localPort, remoteAddress: address(constant - remotePort), remotePort };
  });
}

/** The lower half of the address and the port are the same for all: what a hash without mixing keeps when masked. */
function lowBits(count: number, random: Random): Tuple[] {
  const low = random.int(0, 65_535);
  const remotePort = random.int(1_024, 65_535);
  return Array.from({ length: count }, (_, i) => {
    return { localAddress, localPort, remoteAddress: address(((0x0b00 + i) * 65_536 + low) >>> 0), remotePort };
  });
}

/**
 * h = h × 31 + byte, as in Java’s hashCode: raising a byte by 1 and lowering the next by 31 changes nothing. An IPv6
 * address has room for eight such pairs with eight states each.
 */
function polynomial(multiplier: number) {
  return (count: number, random: Random): Tuple[] => {
    const pairs = Array.from({ length: 6 }, () => [random.int(0x20, 0x40), 255 - random.int(0, 20)] as const);
    return Array.from({ length: count }, (_, i) => {
      const remoteAddress = ip('2001:db8::');
      for (const [pair, [high, low]] of pairs.entries()) {
        const state = Math.floor(i / 6 ** pair) % 6;
        remoteAddress[4 + 2 * pair] = high + state;
        remoteAddress[5 + 2 * pair] = low - multiplier * state;
      }
      return { localAddress: ip('2001:db8::1'), localPort, remoteAddress, remotePort: 51_000 };
    });
  };
}

const PRIME = 0x0100_0193;

/** FNV-1a over the bytes of local address and port, remote address and port: the lower 16 bits are 0 for all. */
function fnv1a(count: number, random: Random): Tuple[] {
  const step = (hash: number, byte: number): number => Math.imul(hash ^ byte, PRIME) >>> 0;
  const start = [...localAddress, localPort >> 8, localPort & 255].reduce(step, 0x811c_9dc5);
  // For each state after the address, the last two bytes that lead to 0 in the lower 16 bits: hash ^ high ^ … = 0.
  const tuples: Tuple[] = [];
  for (let i = random.int(0x0b00_0000, 0x7f00_0000); tuples.length < count; i++) {
    const remoteAddress = address(i);
    const state = remoteAddress.reduce(step, start);
    for (let high = 4; high < 256; high++) {
      // The last step multiplies by an odd number: its lower 16 bits are 0 if they are 0 before it.
      const low = step(state, high) & 0xffff;
      if (low < 256) tuples.push({ localAddress, localPort, remoteAddress, remotePort: (high << 8) | low });
    }
  }
  return tuples.slice(0, count);
}

export const collisionFamilies: readonly CollisionFamily[] = [
  { slug: 'xor', name: 'words combined by ^', tuples: xorFold },
  { slug: 'sum', name: 'words combined by +', tuples: sumFold },
  { slug: 'low-bits', name: 'a mask over words that are not mixed', tuples: lowBits },
  { slug: 'times-31', name: 'h × 31 + byte', tuples: polynomial(31) },
  { slug: 'times-33', name: 'h × 33 + byte', tuples: polynomial(33) },
  { slug: 'fnv', name: 'FNV-1a', tuples: fnv1a },
];
