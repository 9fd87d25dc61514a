/** The hidden suite of 11 connection-pool, in the order in which one would solve it. */
import './conformance/key.ts';
import './conformance/reading.ts';
import './conformance/reading-errors.ts';
import './conformance/core-queue.ts';
import './conformance/core-reuse.ts';
import './conformance/core-retry.ts';
import './conformance/core-time.ts';
import './conformance/core-end.ts';
import './conformance/core-model.ts';
import './conformance/exchange.ts';
import './conformance/backpressure.ts';
import './conformance/sharing.ts';
import './conformance/trust.ts';
import './conformance/stale.ts';
import './conformance/giving-up.ts';
import './conformance/ending.ts';
