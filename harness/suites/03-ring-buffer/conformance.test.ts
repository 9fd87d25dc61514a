/** The hidden suite of 03 ring-buffer, in the order in which one would solve it. */
import './conformance/shape.ts';
import './conformance/write-and-read.ts';
import './conformance/memory.ts';
import './conformance/wrapping.ts';
import './conformance/peek-skip-clear.ts';
import './conformance/end-of-stream.ts';
import './conformance/overflow.ts';
import './conformance/long-life.ts';
import './conformance/model.ts';
import './conformance/sockets.ts';
