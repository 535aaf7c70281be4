import type { FastifyRequest } from 'fastify';

const NAME = /^user:[A-Za-z0-9._@-]{1,64}$/;

/** Whom a client of Pawl names in its own header; undefined when it names nobody, or not as names are. */
export function namedActor({ headers }: FastifyRequest): string | undefined {
  const { 'x-pawl-actor': named } = headers;
  return typeof named === 'string' && NAME.test(named) ? named : undefined;
}

/** The user of basic authentication (RFC 7617), which foreign clients send, or else whom a client of Pawl names. Nothing is proven by either. */
export function toActor(request: FastifyRequest, otherwise: string): string {
  const basic = /^basic ([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (basic === undefined) return namedActor(request) ?? otherwise;
  const user = `user:${Buffer.from(basic, 'base64').toString('utf8').split(':')[0]}`;
  return NAME.test(user) ? user : otherwise;
}
