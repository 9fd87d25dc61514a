/** What suites import, loaded ahead of time: a run then waits for the subject and the suite alone. */
import '../../kit/case.ts';
import '../../kit/check.ts';
import '../../kit/clients.ts';
import '../../kit/clock.ts';
import '../../kit/deadline.ts';
import '../../kit/leaks.ts';
import '../../kit/loopback.ts';
import '../../kit/peer.ts';
import '../../kit/performance-driver.ts';
import '../../kit/property.ts';
import '../../kit/show.ts';
import '../../kit/splits.ts';
