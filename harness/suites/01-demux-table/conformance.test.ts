/** The hidden suite of 01 demux-table, in the order in which one would solve it. */
import './conformance/connections.ts';
import './conformance/listeners.ts';
import './conformance/binding.ts';
import './conformance/time-wait.ts';
import './conformance/ephemeral.ts';
import './conformance/sharing.ts';
import './conformance/ipv6.ts';
import './conformance/misuse.ts';
import './conformance/long-life.ts';
import './conformance/model.ts';
import './conformance/sockets.ts';
