/** The hidden suite of 07 ndjson, in the order in which one would solve it. */
import './conformance/lines.ts';
import './conformance/json.ts';
import './conformance/encoding.ts';
import './conformance/faults.ts';
import './conformance/limits.ts';
import './conformance/events.ts';
import './conformance/pull.ts';
import './conformance/array.ts';
import './conformance/array-faults.ts';
import './conformance/model.ts';
import './conformance/sockets.ts';
