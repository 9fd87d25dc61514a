/**
 * Flow control beside other ways to keep the same books. No package does only this: nghttp2, which is Node's, and http2@3
 * have their windows inside their sessions and streams, where they cannot be timed alone. So the peers are designs: that of
 * golang.org/x/net/http2 in JavaScript, and the ones that people write first.
 */
import {
  type exchange,
  type Receiver,
  type Response,
  responses,
  type Sender,
} from '../../harness/suites/15-flow-control/support/traffic.ts';
import { ReceiveWindows, SendWindows } from '../../solutions/15-flow-control/flow-control.ts';
import { EagerReceiver, GoReceiver, ScanningSender, SetSender } from './15-flow-control/designs.ts';
import { type Contest, contest, type Work } from './contest.ts';

const LACKS = 'errors, limits, SETTINGS, shares that are fair in octets';

type Make = () => { send: Sender; receive: Receiver };

function pages(count: number): Contest {
  return contest<Response[]>({
    id: `window-exchange-${count}`,
    title: `${count} responses at once, from a sender to a receiver`,
    prepare: (random) => responses(count, random),
    reference: () => work('reference', () => ({ send: new SendWindows(), receive: new ReceiveWindows() })),
    peers: [
      {
        name: 'a scan for each frame',
        lacks: `${LACKS}, constant cost of a frame`,
        make: () => work('scan', () => ({ send: new ScanningSender(), receive: new ReceiveWindows() })),
      },
      {
        name: 'a Set as the queue',
        lacks: LACKS,
        make: () => work('set', () => ({ send: new SetSender(), receive: new ReceiveWindows() })),
      },
      {
        name: 'credit as in Go',
        lacks:
          'a bound for what lies unread, updates that add up while the socket is busy (the sender is the reference’s)',
        make: () => work('go', () => ({ send: new SendWindows(), receive: new GoReceiver() })),
      },
      {
        name: 'credit for each read',
        lacks: 'batches: two frames for every read (the sender is the reference’s)',
        make: () => work('eager', () => ({ send: new SendWindows(), receive: new EagerReceiver() })),
      },
    ],
  });
}

export default [pages(10), pages(200), pages(2_000)];

/** A copy of the loop for each, so that its calls are compiled for that peer alone. */
async function work(name: string, make: Make): Promise<Work<Response[]>> {
  const module = `../../harness/suites/15-flow-control/support/traffic.ts?${name}`;
  const own = (await import(module)) as { exchange: typeof exchange };
  return (wanted) => {
    const { send, receive } = make();
    return own.exchange(send, receive, wanted);
  };
}
