import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import cookie from '@fastify/cookie';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  type FastifyTypeProvider,
  LogController,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
} from 'fastify';
import type { Static, TSchema } from 'typebox';
import { Convert } from 'typebox/value';
import type { Log } from '#runtime/log.ts';
import { parser, sayProblems } from '#runtime/validate.ts';
import type { Accounts, Session } from './accounts.ts';
import { answerError, forbidden, Problem, sendProblem } from './problems.ts';
import { may, type Person, type Right, seesWard } from './rights.ts';

/** A request's body, parameters and query take their types from their TypeBox schemas. */
interface SchemaTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
  readonly serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
}
export type App = FastifyInstance<
  Server,
  RawRequestDefaultExpression<Server>,
  RawReplyDefaultExpression<Server>,
  FastifyBaseLogger,
  SchemaTypes
>;

declare module 'fastify' {
  interface FastifyRequest {
    session: Session | undefined;
  }
  interface FastifyContextConfig {
    /** The right that the route asks for; `anybody`: also without a session; `self`: any session. A route without it is refused at start. */
    access?: Right | 'anybody' | 'self';
  }
}

export const COOKIE = 'wardline_session';

export interface AppOptions {
  readonly accounts: Accounts;
  readonly log: Log;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

/** An application in which every route states who may use it, every input is checked by its schema and every error is a problem. */
export async function openApp({ accounts, log, tls }: AppOptions): Promise<App> {
  const options = {
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 2 << 20,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256 },
  };
  // The application is used the same way over both; Fastify's types part at the server's class.
  const app = (tls
    ? Fastify({ ...options, https: { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) } })
    : Fastify(options)
  ).withTypeProvider<SchemaTypes>() as unknown as App;

  app.removeContentTypeParser('text/plain');
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const checked = parser(schema as TSchema);
    return (value: unknown) => {
      const parsed = checked.parse(httpPart === 'body' ? value : Convert(schema as TSchema, value));
      return parsed.ok ? { value: parsed.value } : { error: new Error(sayProblems(parsed.problems.slice(0, 5))) };
    };
  });
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.setErrorHandler(answerError);
  app.setSchemaErrorFormatter((errors) => (errors instanceof Error ? errors : new Error(errors.map((e) => e.message).join('; '))));

  await app.register(cookie);
  app.decorateRequest('session', undefined);
  app.addHook('onRoute', (route) => {
    if (!route.config?.access) throw new Error(`route ${route.url} does not say who may use it`);
  });
  app.addHook('onRequest', async (request, reply) => {
    guardWrites(request);
    const token = request.cookies[COOKIE];
    request.session = token === undefined ? undefined : await accounts.resume(token);
    const access = request.routeOptions.config.access;
    if (access === undefined || access === 'anybody') return undefined;
    if (!request.session) return sendProblem(reply, 401, 'not_logged_in', 'Log in first.');
    if (access !== 'self' && !may(request.session.person, access))
      throw forbidden(`${request.session.person.roles.join(', ')} may not do this (${access})`);
    return undefined;
  });
  return app;
}

/** A browser says where a write comes from; from another site it is refused, whatever cookie comes with it. Programs outside a browser send neither header. */
function guardWrites(request: FastifyRequest): void {
  const isUpgrade = request.headers.upgrade !== undefined;
  if (!isUpgrade && (request.method === 'GET' || request.method === 'HEAD')) return;
  const { origin, host } = request.headers;
  const from = request.headers['sec-fetch-site'];
  let originHost: string | undefined;
  if (origin !== undefined) originHost = URL.canParse(origin) ? new URL(origin).host : 'null';
  const isForeign = originHost !== undefined ? originHost !== host : from !== undefined && from !== 'same-origin';
  if (isForeign) throw new Problem(403, 'foreign_origin', 'Requests from another site are not taken.');
}

/** Who asks; only for routes that need a session. */
export function personOf(request: FastifyRequest): Person {
  if (!request.session) throw new Problem(401, 'not_logged_in', 'Log in first.');
  return request.session.person;
}

export function requireWard(person: Person, ward: string): void {
  if (!seesWard(person, ward)) throw forbidden(`${person.username} does not work with ward ${ward}`);
}
