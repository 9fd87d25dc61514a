/** HTTP clients with kept connections, each behind the same few calls. */
import { type Agent, type IncomingMessage, Agent as NodeAgent, request as nodeRequest } from 'node:http';
import { Pool } from '../../../solutions/11-connection-pool/connection-pool.ts';

export interface Options {
  method?: string;
  body?: Buffer;
  signal?: AbortSignal;
  /** Do not read the body, give it up. */
  discard?: boolean;
}

export interface Client {
  /** Status and body, as in `200 hello`. */
  send(url: string, options?: Options): Promise<string>;
  end(): Promise<void>;
}

export interface Kind {
  name: string;
  package?: string;
  open(max: number): Promise<Client>;
}

export const CLIENTS: Kind[] = [
  { name: 'this pool', open: async (max) => ours(max) },
  { name: 'http.Agent', open: async (max) => viaAgent(new NodeAgent({ keepAlive: true, maxSockets: max })) },
  {
    name: 'agentkeepalive',
    package: 'agentkeepalive',
    async open(max) {
      const { HttpAgent } = await import('agentkeepalive');
      return viaAgent(new HttpAgent({ maxSockets: max }));
    },
  },
  { name: 'undici', package: 'undici', open: undici },
];

function ours(max: number): Client {
  const pool = new Pool({ maxPerOrigin: max });
  return {
    async send(url, { method = 'GET', body, signal, discard } = {}) {
      const response = await pool.request({ url, method, ...(body ? { body } : {}), ...(signal ? { signal } : {}) });
      if (!discard) return `${response.status} ${await response.text()}`;
      response.discard();
      return `${response.status}`;
    },
    end: () => pool.destroy(),
  };
}

function viaAgent(agent: Agent): Client {
  return {
    async send(url, { method = 'GET', body, signal, discard } = {}) {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const request = nodeRequest(url, { method, agent, ...(signal ? { signal } : {}) }, resolve);
        request.on('error', reject);
        request.end(body);
      });
      if (discard) {
        response.destroy();
        return `${response.statusCode}`;
      }
      let text = '';
      for await (const chunk of response) text += chunk;
      return `${response.statusCode} ${text}`;
    },
    end: async () => agent.destroy(),
  };
}

async function undici(max: number): Promise<Client> {
  const { Agent, request } = await import('undici');
  const dispatcher = new Agent({ connections: max });
  return {
    async send(url, { method = 'GET', body, signal, discard } = {}) {
      const options = { dispatcher, method: method as 'GET', body: body ?? null, ...(signal ? { signal } : {}) };
      const response = await request(url, options);
      if (!discard) return `${response.statusCode} ${await response.body.text()}`;
      response.body.on('error', () => {});
      response.body.destroy();
      return `${response.statusCode}`;
    },
    end: () => dispatcher.destroy(),
  };
}
