/** The test file of every child: which suite it stands for is known when the request has come. */
import { request } from './channel.ts';

if (request.suite === 'conformance') await import('./conformance.ts');
else if (request.suite === 'remote') await import('./remote.ts');
else await import('./performance.ts');
