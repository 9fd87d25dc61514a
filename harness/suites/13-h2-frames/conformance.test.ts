/** The hidden suite of 13 h2-frames, in the order in which one would solve it. */
import './conformance/reading.ts';
import './conformance/padding.ts';
import './conformance/limits.ts';
import './conformance/blocks.ts';
import './conformance/connection.ts';
import './conformance/memory.ts';
import './conformance/writing.ts';
import './conformance/roundtrip.ts';
import './conformance/recorded.ts';
import './conformance/sockets.ts';
