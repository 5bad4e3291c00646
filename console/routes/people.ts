import { Type } from 'typebox';
import { Id, InstantSchema, oneOf, strict } from '#contracts/schema.ts';
import { roles } from '#contracts/site.ts';
import type { Accounts } from '../accounts.ts';
import { type App, personOf } from '../app.ts';
import type { Audit } from '../audit.ts';
import { notFound, Problem } from '../problems.ts';

const Roles = Type.Array(oneOf(roles), { minItems: 1, maxItems: 6 });
const Wards = Type.Array(Id, { maxItems: 200 });
const Name = Type.String({ minLength: 1, maxLength: 64 });
const Password = Type.String({ minLength: 10, maxLength: 256 });
const PersonRecord = strict({
  username: Id,
  displayName: Type.String(),
  roles: Roles,
  wards: Type.Optional(Wards),
  isDisabled: Type.Boolean(),
  createdAt: InstantSchema,
});

/** People and the audit: for administrators. */
export async function peopleRoutes(app: App, accounts: Accounts, audit: Audit): Promise<void> {
  app.get(
    '/api/people',
    {
      config: { access: 'keep_people' },
      schema: { summary: 'Everybody with an account.', tags: ['people'], response: { 200: strict({ people: Type.Array(PersonRecord) }) } },
    },
    async () => ({
      people: (await accounts.list()).map(({ roles, wards, ...person }) => ({
        ...person,
        roles: [...roles],
        ...(wards ? { wards: [...wards] } : {}),
      })),
    }),
  );

  app.post(
    '/api/people',
    {
      config: { access: 'keep_people' },
      schema: {
        summary: 'Add a person.',
        tags: ['people'],
        body: strict({ username: Id, displayName: Name, roles: Roles, wards: Type.Optional(Wards), password: Password }),
      },
    },
    async (request, reply) => {
      const { username } = request.body;
      if (!(await accounts.create(request.body))) throw new Problem(409, 'refused', `${username} is taken.`);
      await audit.write(personOf(request).username, 'add-person', username, 'ok');
      return reply.code(201).send({ username });
    },
  );

  app.patch(
    '/api/people/:username',
    {
      config: { access: 'keep_people' },
      schema: {
        summary: 'Change a person; a new password, role or ward ends their sessions.',
        tags: ['people'],
        params: strict({ username: Id }),
        body: strict({
          displayName: Type.Optional(Name),
          roles: Type.Optional(Roles),
          wards: Type.Optional(Type.Union([Wards, Type.Null()])),
          password: Type.Optional(Password),
          isDisabled: Type.Optional(Type.Boolean()),
        }),
      },
    },
    async (request, reply) => {
      const person = personOf(request);
      const { username } = request.params;
      const { isDisabled, roles: next } = request.body;
      if (username === person.username && (isDisabled || (next && !next.includes('admin'))))
        throw new Problem(409, 'refused', 'An administrator cannot shut themselves out: ask another one.');
      if (!(await accounts.change(username, request.body))) throw notFound(`There is no ${username}.`);
      await audit.write(person.username, 'change-person', `${username}: ${Object.keys(request.body).join(', ')}`, 'ok');
      return reply.code(204).send();
    },
  );

  app.get(
    '/api/audit',
    {
      config: { access: 'read_audit' },
      schema: {
        summary: 'Who saw and did what, newest first.',
        tags: ['people'],
        querystring: strict({
          person: Type.Optional(Type.String({ maxLength: 64 })),
          action: Type.Optional(Type.String({ maxLength: 64 })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
        }),
      },
    },
    async (request) => {
      const { person, action, limit = 200 } = request.query;
      return { entries: await audit.read({ person, action, limit }) };
    },
  );
}
