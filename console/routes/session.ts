import rateLimit from '@fastify/rate-limit';
import { Type } from 'typebox';
import { Id, oneOf, strict } from '#contracts/schema.ts';
import { roles } from '#contracts/site.ts';
import type { Accounts } from '../accounts.ts';
import { type App, COOKIE, personOf } from '../app.ts';
import type { Audit } from '../audit.ts';
import { Problem, ProblemSchema } from '../problems.ts';
import { type Person, rightNames, rightsOf } from '../rights.ts';

const Me = strict({
  username: Id,
  displayName: Type.String(),
  roles: Type.Array(oneOf(roles)),
  wards: Type.Optional(Type.Array(Id)),
  rights: Type.Array(oneOf(rightNames)),
});
const meOf = (person: Person) => ({
  username: person.username,
  displayName: person.displayName,
  roles: [...person.roles],
  ...(person.wards ? { wards: [...person.wards] } : {}),
  rights: rightsOf(person),
});
const LOGINS_PER_MINUTE = 10;

/** Log in, log out, who am I. */
export async function sessionRoutes(app: App, accounts: Accounts, audit: Audit, isSecure: boolean): Promise<void> {
  const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure: isSecure } as const;

  await app.register(async (limited: App) => {
    await limited.register(rateLimit, {
      max: LOGINS_PER_MINUTE,
      timeWindow: 60_000,
      hook: 'preHandler',
      cache: 10_000,
      // By address and name: one screen that mistypes does not lock out the ward behind the same address.
      keyGenerator: (request) => `${request.ip} ${(request.body as { username?: string } | undefined)?.username ?? ''}`,
      errorResponseBuilder: (_, context) => new Problem(429, 'too_many', `Too many tries: wait ${context.after} and try again.`),
    });
    limited.post(
      '/api/login',
      {
        config: { access: 'anybody' },
        schema: {
          summary: 'Log in; the session is a cookie.',
          tags: ['session'],
          body: strict({ username: Type.String({ maxLength: 64 }), password: Type.String({ maxLength: 256 }) }),
          response: { 200: Me, 401: ProblemSchema, 429: ProblemSchema },
        },
      },
      async (request, reply) => {
        const { username, password } = request.body;
        const person = await accounts.check(username, password);
        await audit.write(person ? username : username.slice(0, 64), 'login', request.ip, person ? 'ok' : 'refused');
        if (!person) throw new Problem(401, 'wrong_login', 'Name or password is wrong.');
        reply.setCookie(COOKIE, await accounts.open(username), cookie);
        return meOf(person);
      },
    );
  });

  app.post(
    '/api/logout',
    { config: { access: 'self' }, schema: { summary: 'End this session.', tags: ['session'] } },
    async (request, reply) => {
      const token = request.cookies[COOKIE];
      if (token !== undefined) await accounts.close(token);
      await audit.write(personOf(request).username, 'logout', undefined, 'ok');
      return reply.clearCookie(COOKIE, cookie).code(204).send();
    },
  );

  app.get(
    '/api/me',
    {
      config: { access: 'self' },
      schema: { summary: 'Who is logged in, and what they may do.', tags: ['session'], response: { 200: Me } },
    },
    async (request) => meOf(personOf(request)),
  );

  app.post(
    '/api/me/password',
    {
      config: { access: 'self' },
      schema: {
        summary: 'Change the own password; all own sessions end.',
        tags: ['session'],
        body: strict({ old: Type.String({ maxLength: 256 }), password: Type.String({ minLength: 10, maxLength: 256 }) }),
      },
    },
    async (request, reply) => {
      const { username } = personOf(request);
      if (!(await accounts.check(username, request.body.old))) throw new Problem(403, 'wrong_login', 'The old password is wrong.');
      await accounts.change(username, { password: request.body.password });
      await audit.write(username, 'change-password', username, 'ok');
      return reply.clearCookie(COOKIE, cookie).code(204).send();
    },
  );
}
