/** The hidden suite of 15 flow-control, in the order in which one would solve it. */
import './conformance/taking.ts';
import './conformance/credit.ts';
import './conformance/settings.ts';
import './conformance/next.ts';
import './conformance/fairness.ts';
import './conformance/receiving.ts';
import './conformance/updates.ts';
import './conformance/unread.ts';
import './conformance/acknowledged.ts';
import './conformance/long-life.ts';
import './conformance/model.ts';
import './conformance/sockets.ts';
