/** The hidden suite of 08 http1-parser, in the order in which one would solve it. */
import './conformance/requests.ts';
import './conformance/request-line.ts';
import './conformance/fields.ts';
import './conformance/host.ts';
import './conformance/content-length.ts';
import './conformance/transfer-encoding.ts';
import './conformance/chunks.ts';
import './conformance/connection.ts';
import './conformance/switching.ts';
import './conformance/limits.ts';
import './conformance/any-bytes.ts';
import './conformance/recorded.ts';
import './conformance/sockets.ts';
