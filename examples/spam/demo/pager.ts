/** The other end of the monitor's webhook: a person's pager, as far as the demo is concerned. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Pager {
  readonly url: string;
  /** Summaries of the messages that came in, oldest first. */
  readonly messages: readonly string[];
  close(): Promise<void>;
}

export async function startPager(): Promise<Pager> {
  const messages: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        status: string;
        commonLabels: { alertname: string };
        commonAnnotations: { summary: string };
      };
      messages.push(`${body.status} ${body.commonLabels.alertname}`);
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    messages,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
